"""Open data: one state a day, in two forms, with checksums, for as long as it is kept."""

import csv
import hashlib
import io
import json
from datetime import timedelta

import psycopg
import pytest

from otsp_chassis import clock

OPEN_DATA = "/api/compliance/v1/public/open-data"
NAMES = ["lists.csv", "lists.json", "register.csv", "register.json"]
ENTER = """
WITH one AS (SELECT gen_random_uuid() AS institution_id),
ref AS (INSERT INTO institution_ref SELECT institution_id, 1, %(name)s, '330106', '{subject}',
  '{offline}', '{}', NULL, '{junior}', 'nonprofit', 'approved', %(status)s, false FROM one)
INSERT INTO register_entry (institution_id, name, uscc, region_code, categories, delivery_modes,
  nonsubject_types, stages, licence_no, licence_valid_to, detail, decision_id, approved_on,
  search_text, search_terms)
SELECT institution_id, %(name)s, '52330106MJFAKE011P', '330106', '{subject,nonsubject}',
  '{offline}', '{other}', '{junior,senior}', NULL, '2026-08-31', '{}', gen_random_uuid(),
  '2024-10-15', '', '{}' FROM one
"""


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def enter(kit):
    def entered(name, status="compliant"):
        with psycopg.connect(kit.owner_url) as owner:
            owner.execute(ENTER, {"name": name, "status": status})

    return entered


@pytest.fixture
def public(kit):
    return kit.anonymous()


@pytest.fixture
def published(kit, world, enter):
    enter("启明学校")
    enter("=HYPERLINK(1)")
    enter("停训学校", status="suspended")
    admin = world.reviewer(world.authority("杭州市西湖区教育局"), role="region_admin")
    entry = {"list_type": "black", "name": "晨曦托管中心", "region_code": "330106"}
    assert admin.post(
        "/api/compliance/v1/list-entries", entry | {"reason": "未取得办学许可证"}
    ).status == 201  # fmt: skip
    kit.run_job("publish_open_data")


def manifest(public):
    return public.get(OPEN_DATA).json["items"]


def fetched(public, name, day="2024-10-15"):
    answer = public.get(f"{OPEN_DATA}/{day}/{name}")
    assert answer.status == 200
    return answer


def test_the_manifest_names_each_file_with_its_checksum(public, published):
    [today] = manifest(public)

    assert today["day"] == "2024-10-15"
    assert [each["name"] for each in today["files"]] == NAMES
    assert [each["rows"] for each in today["files"]] == [1, 1, 2, 2]
    for each in today["files"]:
        content = public.get(each["path"]).content
        assert len(content) == each["size"]
        assert hashlib.sha256(content).hexdigest() == each["sha256"]


def test_the_whitelist_is_the_same_in_both_forms(public, published):
    raw = fetched(public, "register.csv").content
    told = json.loads(fetched(public, "register.json").content)

    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    by_name = {row["机构名称"]: row for row in rows}
    assert set(by_name) == {"启明学校", "'=HYPERLINK(1)"}
    assert {each["name"] for each in told} == {"启明学校", "=HYPERLINK(1)"}
    row = by_name["启明学校"]
    assert (row["所在地"], row["培训类别"]) == ("浙江省杭州市西湖区", "学科类、非学科类")
    assert (row["培训对象"], row["非学科类别"]) == ("初中、高中", "其他")
    assert (row["许可证有效期至"], row["办学许可证编号"]) == ("2026-08-31", "")
    [one] = [each for each in told if each["name"] == "启明学校"]
    assert (one["categories"], one["licence_no"]) == (["subject", "nonsubject"], None)
    assert (one["approved_on"], one["region_code"]) == ("2024-10-15", "330106")


def test_the_lists_tell_reason_and_day(public, published):
    [row] = csv.DictReader(io.StringIO(fetched(public, "lists.csv").content.decode("utf-8-sig")))
    [one] = json.loads(fetched(public, "lists.json").content)

    assert (row["名单"], row["名称"], row["原因"]) == ("黑名单", "晨曦托管中心", "未取得办学许可证")
    assert (one["list_type"], one["from_on"]) == ("black", "2024-10-15")


def test_nothing_listed_is_an_empty_list(kit, public):
    kit.run_job("publish_open_data")

    assert json.loads(fetched(public, "lists.json").content) == []
    assert fetched(public, "register.csv").content.count(b"\n") == 1


def test_a_day_is_published_once_and_the_next_one_anew(kit, public, published, enter, filing_day):
    enter("新来学校")
    kit.run_job("publish_open_data")
    assert b"\xe6\x96\xb0\xe6\x9d\xa5" not in fetched(public, "register.csv").content

    with clock.frozen(filing_day + timedelta(days=3)):
        kit.run_job("publish_open_data")

    assert [each["day"] for each in manifest(public)] == ["2024-10-18", "2024-10-15"]
    assert "新来学校" in fetched(public, "register.csv", "2024-10-18").content.decode()


def test_a_run_that_was_cut_off_is_made_again(kit, public, published, filing_day):
    with psycopg.connect(kit.owner_url) as owner:
        owner.execute("DELETE FROM open_data_file")

    kit.run_job("publish_open_data")

    assert [each["name"] for each in manifest(public)[0]["files"]] == NAMES


def test_old_days_go_with_their_bytes(kit, public, published, filing_day):
    path = f"{OPEN_DATA}/2024-10-15/register.csv"
    for days, is_kept in ((29, True), (30, False)):
        with clock.frozen(filing_day + timedelta(days=days)):
            kit.run_job("publish_open_data")
            assert (public.get(path).status == 200) == is_kept
    stored = kit.runtime.settings.files_dir.rglob("20241015-*")
    assert list(stored) == []


def test_who_has_a_file_is_not_sent_it_again(public, published):
    whole = fetched(public, "register.csv")
    path, tag = f"{OPEN_DATA}/2024-10-15/register.csv", whole.headers["ETag"]

    again = public.get(path, headers={"If-None-Match": tag})
    other = public.get(path, headers={"If-None-Match": '"00"'})
    part = public.get(path, headers={"Range": "bytes=0-2"})

    assert tag == f'"{hashlib.sha256(whole.content).hexdigest()}"'
    assert whole.headers["Cache-Control"] == "public, max-age=86400, immutable"
    assert (again.status, again.content) == (304, b"")
    assert (other.status, part.status, part.content) == (200, 206, b"\xef\xbb\xbf")


@pytest.mark.parametrize("place", ["2024-10-14/register.csv", "2024-10-15/register.csv"])
def test_what_was_not_published_is_not_found(public, place):
    assert public.get(f"{OPEN_DATA}/{place}").status == 404


@pytest.mark.parametrize("place", ["2024-10-15/secret.csv", "yesterday/register.csv"])
def test_other_names_are_refused(public, place):
    assert public.get(f"{OPEN_DATA}/{place}").status in (400, 404)
