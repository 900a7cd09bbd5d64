"""Sites, systems and their files over HTTP."""

import hashlib

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"

SITE = {
    "status": "open",
    "name": "西湖教学点",
    "region_code": "330106",
    "address": "示例路1号",
    "lat_e6": 30259244,
    "lng_e6": 120130203,
    "building_area_centi_m2": 26000,
    "teaching_area_centi_m2": 18000,
    "floor": -1,
    "total_floors": 6,
    "premises_type": "commercial",
    "tenure": "lease",
    "lease_from": "2022-01-01",
    "lease_to": "2026-12-31",
    "fire_proof_file_id": None,
    "fire_cert_no": "杭消安检字0001",
    "fire_responsible": "沈示例",
    "fire_check_on": "2024-10-01",
    "video_surveillance": True,
    "contact_name": "沈示例",
    "contact_tel": "0571-88001234",
    "on_licence": True,
}
SYSTEM = {
    "name": "示例直播课堂",
    "kind": "web",
    "url": "https://class.example.cn",
    "app_package": None,
    "app_filing_no": None,
    "icp_no": "京ICP备2021099999号-1",
    "icp_shot_file_id": None,
    "vat_licence_no": "京B2-20219999",
    "vat_shot_file_id": None,
    "psb_no": None,
    "mlps_level": 3,
    "mlps_no": "11010899999-21001",
    "mlps_tested_on": "2024-06-01",
    "mlps_report_file_id": None,
    "server_location": "北京",
    "server_in_mainland": True,
    "content_retention_days": 400,
    "live_video_retention_days": 200,
    "log_retention_days": 200,
    "eye_protection": True,
    "parental_control": True,
    "stored_persons": 12000,
    "pia_done": True,
    "pia_file_id": None,
    "guardian_consent": True,
    "ads_or_games": False,
    "complaint_url": "https://class.example.cn/complaints",
    "service_agreement_file_id": None,
    "security_officer": "韩示例",
}
KINDS = [("sites", SITE), ("systems", SYSTEM)]


def rules_told(answer):
    return [each["code"] for each in answer.json["warnings"] if each["code"] != "missing"]


def upload(desk, content=PDF, content_type="application/pdf"):
    return desk.client.call(
        "POST",
        f"{desk.base}/files",
        raw=content,
        content_type=content_type,
        query={"name": "消防.pdf"},
    )


@pytest.mark.parametrize(("path", "whole"), KINDS)
def test_every_field_is_kept_as_entered(desk, path, whole):
    created = desk.add(path, **whole)

    assert (created.status, created.version) == (201, 1)
    read = desk.client.get(created.headers["Location"])
    assert (read.status, read.version) == (200, 1)
    assert {name: read.json[name] for name in whole} == whole
    assert read.json == created.json


@pytest.mark.parametrize(("path", "whole"), KINDS)
def test_a_replacement_empties_what_it_leaves_out(desk, path, whole):
    place = desk.added(path, **whole)

    changed = desk.client.put(place, {"name": None}, if_match=1)

    assert (changed.status, changed.version) == (200, 2)
    read = desk.client.get(place).json
    assert {name for name in whole if read[name] not in (None, "open")} == set()


@pytest.mark.parametrize(("path", "whole"), KINDS)
@pytest.mark.parametrize(
    ("if_match", "status", "problem"),
    [(None, 428, "precondition-required"), (7, 412, "stale-version")],
)
def test_a_write_on_another_version_is_refused(desk, path, whole, if_match, status, problem):
    place = desk.added(path, **whole)

    for refused in (
        desk.client.put(place, {"name": "新"}, if_match=if_match),
        desk.client.delete(place, if_match=if_match),
    ):
        assert (refused.status, refused.problem) == (status, problem)
    assert desk.client.get(place).json["name"] == whole["name"]


@pytest.mark.parametrize(("path", "whole"), KINDS)
def test_a_removed_host_is_gone_from_sight(desk, path, whole):
    place = desk.added(path, **whole)

    assert desk.client.delete(place, if_match=1).status == 204

    assert desk.client.get(place).problem == "not-found"
    assert desk.client.put(place, {"name": "新"}, if_match=1).problem == "not-found"
    assert desk.client.get(f"{desk.base}/{path}").json == {"items": [], "next": None}


@pytest.mark.parametrize(("path", "delivery"), [("sites", "offline"), ("systems", "online_live")])
def test_a_host_with_a_course_is_not_removed(desk, path, delivery):
    place = desk.added(path)
    course = desk.added("courses", host_id=place.rpartition("/")[2], delivery=delivery)

    refused = desk.client.delete(place, if_match=1)

    assert (refused.status, refused.problem) == (409, "courses-host-in-use")
    assert desk.client.delete(course, if_match=1).status == 204
    assert desk.client.delete(place, if_match=1).status == 204


def test_lists_go_page_by_page_in_order_of_entry(desk):
    for number in range(5):
        desk.added("sites", name=f"{number}号", status="closed" if number == 1 else "open")

    first = desk.client.get(f"{desk.base}/sites", query={"limit": 2, "status": "open"}).json
    query = {"limit": 2, "status": "open", "cursor": first["next"]}
    second = desk.client.get(f"{desk.base}/sites", query=query).json

    assert [site["name"] for site in first["items"]] == ["0号", "2号"]
    assert [site["name"] for site in second["items"]] == ["3号", "4号"]
    assert second["next"] is None


def test_all_faults_of_a_site_are_told_at_once(desk):
    refused = desk.add(
        "sites",
        region_code="999999",
        premises_type="castle",
        teaching_area_centi_m2=52.5,
        fire_check_on="2024-02-30",
        lease_from="2024-02-01",
        lease_to="2024-01-01",
        contact_tel="12",
        colour="red",
    )

    assert (refused.status, refused.problem) == (422, "invalid")
    assert refused.pointers == {
        "/region_code",
        "/premises_type",
        "/teaching_area_centi_m2",
        "/fire_check_on",
        "/lease_to",
        "/contact_tel",
        "/colour",
    }


def test_a_check_that_is_still_to_come_is_refused(desk):
    tomorrow = clock.today().replace(year=clock.today().year + 1).isoformat()

    refused = desk.add("sites", fire_check_on=tomorrow)

    assert (refused.problem, refused.pointers) == ("invalid", {"/fire_check_on"})
    assert desk.add("systems", mlps_tested_on=tomorrow).pointers == {"/mlps_tested_on"}


def test_what_a_rule_judges_is_stored_and_advised(desk):
    desk.profile()

    site = desk.add("sites", premises_type="basement", teaching_area_centi_m2=5200)
    system = desk.add("systems", mlps_level=2)

    assert (site.status, site.json["capacity"]) == (201, 17)
    assert rules_told(site) == ["sit_003"]
    assert site.json["warnings"][0] == {
        "pointer": "/total_floors",
        "code": "missing",
        "detail": "提交合规申请前须填写。",
    }
    assert rules_told(system) == ["net_001"]


def test_a_site_names_an_uploaded_file(desk):
    stored = upload(desk)
    assert stored.status == 201

    site = desk.add("sites", fire_proof_file_id=stored.json["file_id"])

    assert site.json["fire_proof_file_id"] == stored.json["file_id"]
    assert desk.client.get(stored.headers["Location"]).json == stored.json
    sent = desk.client.get(f"{stored.headers['Location']}/content")
    assert hashlib.sha256(sent.content).hexdigest() == stored.json["sha256"]


def test_a_file_that_does_not_exist_or_is_anothers_is_refused(desk, kit):
    theirs = upload(type(desk)(kit.as_institution(other := new_id()), other, kit)).json["file_id"]

    site = desk.add("sites", fire_proof_file_id=theirs)
    system = desk.add("systems", pia_file_id=str(new_id()), mlps_report_file_id=theirs)

    assert (site.status, site.pointers) == (422, {"/fire_proof_file_id"})
    assert system.pointers == {"/pia_file_id", "/mlps_report_file_id"}
    assert desk.client.get(f"{desk.base}/files/{theirs}").problem == "not-found"


def test_a_file_that_is_not_what_it_says_is_refused(desk):
    assert upload(desk, b"MZ\x90\x00 program").problem == "file-content-differs"
    assert upload(desk, b"text", "text/plain").problem == "unsupported-media-type"


def test_a_repeated_request_has_one_effect(desk):
    body = {"name": "示例"}
    answers = [desk.client.post(f"{desk.base}/sites", body, key="the-same-key") for _ in range(2)]

    assert answers[0].json == answers[1].json
    assert len(desk.client.get(f"{desk.base}/sites").json["items"]) == 1
