"""Authorities export the institutions of their region, as the directory lists them."""

import csv
import io
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import insert

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_institution.model import Institution, SchoolLicence
from otsp_testkit.exported import listed

LIST = "/api/institution/v1/institutions"
EXPORTS = "/api/institution/v1/exports"


@pytest.fixture
def four(kit):
    """Three of Hangzhou, one of them still a draft, and one of Beijing."""
    rows = [
        ("杭州新光文化培训学校", "330106", {"legal_nature": "nonprofit", "stages": ["junior"]}),
        ("=杭州启明", "330105", {"compliance_status": "compliant", "delivery_modes": ["online"]}),
        ("草稿中的", "330106", {"registration_status": "draft"}),
        ("北京星河", "110108", {}),
    ]
    with kit.runtime.database.autocommit.connect() as connection:
        for name, region, columns in rows:
            row = {"institution_id": new_id(), "version": 1, "name": name, "region_code": region}
            row |= {"registration_status": "approved", "search_text": name, "search_terms": []}
            connection.execute(insert(Institution).values(row | columns))
            licence = {"institution_id": row["institution_id"], "version": 1, "status": "valid"}
            licence |= {"licence_no": f"教民1{region}7009901号", "valid_to": "2026-11-30"}
            connection.execute(insert(SchoolLicence).values(licence))


@pytest.fixture
def city(kit):
    return kit.as_authority("reviewer", level="city", region="330100")


@pytest.fixture
def rows(kit):
    """Of the CSV file that the caller's directory becomes."""

    def _rows(client, **filters):
        asked = client.post(EXPORTS, {"format": "csv", "filters": filters})
        assert asked.status == 202, asked.json
        kit.run_job("make_exports")
        done = client.get(asked.headers["Location"]).json
        assert done["state"] == "done", done
        content = client.get(f"{asked.headers['Location']}/content").content
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))

    return _rows


def test_institutions_of_the_region_are_told_in_words(four, city, rows):
    first, second = rows(city)

    assert (first["机构名称"], first["所属区县"]) == ("'=杭州启明", "330105")
    assert (first["合规状态"], first["培训方式"], first["注册状态"]) == ("合规", "线上", "审核通过")
    assert (second["机构名称"], second["机构属性"]) == ("杭州新光文化培训学校", "非营利性")
    assert (second["培训对象"], second["许可证编号"]) == ("初中", "教民13301067009901号")
    assert second["许可证有效期止"] == "2026-11-30"


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 2),
        ({"region": "330106"}, 1),
        ({"compliance_status": "compliant"}, 1),
        ({"nature": "nonprofit", "stage": "junior"}, 1),
        ({"delivery": "offline"}, 0),
        ({"q": "教民1330106"}, 1),
        ({"licence_expires_before": "2027-01-01"}, 2),
    ],
)
def test_file_has_what_the_directory_has(four, city, rows, filters, count):
    told = [each["name"] for each in listed(city, LIST, **filters)]

    assert [row["机构名称"].removeprefix("'") for row in rows(city, **filters)] == told
    assert len(told) == count


def test_region_beyond_the_jurisdiction_is_refused(four, city):
    answer = city.post(EXPORTS, {"format": "csv", "filters": {"region": "110000"}})

    assert (answer.status, answer.problem) == (403, "outside-jurisdiction")


@pytest.mark.parametrize("filters", [{"name": "新光"}, {"stage": "higher"}, {"limit": 5}])
def test_what_the_directory_does_not_know_is_refused(city, filters):
    [name] = filters

    answer = city.post(EXPORTS, {"format": "csv", "filters": filters})

    assert (answer.status, answer.pointers) == (422, {f"/filters/{name}"})


def test_file_is_for_whoever_asked_alone(kit, four, city):
    asked = city.post(EXPORTS, {"format": "xlsx"})
    kit.run_job("make_exports")
    place = asked.headers["Location"]
    colleague = kit.as_authority(
        level="city", region="330100", authority_id=city.principal.authority.authority_id
    )
    institution = kit.as_institution(new_id())

    assert city.get(f"{place}/content").status == 200
    for other in (colleague, kit.as_authority()):
        assert (other.get(place).status, other.get(f"{place}/content").status) == (404, 404)
    assert institution.post(EXPORTS, {"format": "csv"}).status == 403
    assert (institution.get(place).status, institution.get(f"{place}/content").status) == (403, 403)
    below = f"{LIST}/{city.principal.account_id}/files/{asked.json['export_id']}"
    assert {city.get(below).status, city.get(f"{below}/content").status} <= {403, 404}


def test_each_person_has_one_export_at_a_time(kit, city):
    assert city.post(EXPORTS, {"format": "csv"}).status == 202
    assert city.post(EXPORTS, {"format": "csv"}).problem == "export-running"
    assert kit.as_authority().post(EXPORTS, {"format": "csv"}).status == 202


def test_file_is_gone_after_a_day_and_the_trail_stays(kit, four, city):
    place = city.post(EXPORTS, {"format": "csv"}).headers["Location"]
    kit.run_job("make_exports")
    city.get(f"{place}/content")
    with clock.frozen(clock.now() + timedelta(days=1, seconds=1)):
        kit.run_job("erase_exports")

    assert city.get(place).json["state"] == "expired"
    assert city.get(f"{place}/content").status == 404
    with psycopg.connect(kit.owner_url) as connection:
        entries = connection.execute(
            "SELECT action, institution_id, region_code FROM audit_entry"
            " WHERE object_type = 'export' ORDER BY sequence"
        ).fetchall()
    assert [(action, owner) for action, owner, _ in entries] == [
        ("directory.export_requested", None),
        ("directory.export_written", None),
        ("export.downloaded", None),
        ("directory.export_erased", None),
    ]
    assert [region for _, _, region in entries] == ["330100", None, "330100", None]
