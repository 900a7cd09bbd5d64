"""A notice through all services: what it names may be written, and the next snapshot shows it."""

import psycopg
import pytest

from otsp_chassis.republish import By, Wanted, republish
from otsp_cli.__main__ import main

LICENCE = {
    "kind": "wrong_value",
    "part": "licence",
    "pointer": "/issuer_name",
    "basis": "民办教育促进法实施条例第二十一条",
    "cure_zh": "按许可证正本更正发证机关",
}


@pytest.fixture
def noticed(town):
    """A is accepted, and asked for its licence and one teacher."""
    found = town.filed("A", acknowledged_warnings=["SIT-006"])
    assert found["state"] == "submitted", found["blocking"]
    office = town.reviewer("330106")
    case = f"/api/compliance/v1/cases/{found['case_id']}"
    office.post(f"{case}/acceptance", {})
    teacher = {
        "kind": "document",
        "part": "staff",
        "object_id": town.ids("A")["T2"],
        "basis": "校外培训机构从业人员管理办法第六条",
        "cure_zh": "补传教师资格证书",
    }
    notice = office.post(f"{case}/notices", {"items": [LICENCE, teacher]})
    town.platform.settle()
    return office, case, notice


def licence_of(town):
    answer = town.call("A", "GET", town.path("A", "institution", "licence"))
    told = answer.json()
    return told, answer.headers["ETag"]


def put_licence(town, **changed):
    told, etag = licence_of(town)
    entered = {name: told[name] for name in told.keys() - {"version", "warnings", "institution_id"}}
    place = town.path("A", "institution", "licence")
    return town.call("A", "PUT", place, json=entered | changed, headers={"If-Match": etag})


def status_of(town, service, place, name):
    path = town.path("A", service, place, town.ids("A")[name])
    return town.call("A", "DELETE", path, headers={"If-Match": '"999"'}).status_code


def verified(town, application, folder):
    """The kinds of the application's receipts; `otsp verify` finds each of them good, offline."""
    keys = folder / "jwks.json"
    keys.write_bytes(town.platform.http().get("/api/compliance/v1/public/jwks").content)
    told = []
    for line in town.clerk("A").get(f"{application}/receipts")["items"]:
        path = f"/api/compliance/v1/receipts/{line['receipt_no']}"
        file = folder / f"{line['receipt_no']}.json"
        file.write_bytes(town.call("A", "GET", path).content)
        assert main(["verify", str(file), "--keys", str(keys)]) == 0
        told.append(line["kind"])
    return told


def test_institution_writes_what_is_asked_answers_and_the_review_goes_on(town, noticed, tmp_path):
    office, case, notice = noticed
    before = licence_of(town)[0]["issuer_name"]

    assert put_licence(town, issuer_name="杭州市西湖区教育局(更正)").status_code == 200
    opened = [status_of(town, "staff", "staff", name) for name in ("T2", "T1")]
    assert (opened, status_of(town, "courses", "sites", "S1")) == ([412, 423], 423)

    place = f"/api/compliance/v1/applications/{notice['application_id']}"
    for item in notice["items"]:
        path = f"{place}/notices/{notice['notice_id']}/items/{item['item_id']}/answer"
        town.clerk("A").put(path, {"text": "已更正"}, of=path.removesuffix("/answer"))
    town.clerk("A").post(f"{place}/resubmission", None)
    town.platform.settle()

    assert town.clerk("A").get(place)["state"] == "in_review"
    assert put_licence(town, issuer_name=before).status_code == 423
    assert status_of(town, "staff", "staff", "T2") == 423
    licence = office.get(f"{case}/notices")["items"][0]["items"][0]
    assert (licence["before"], licence["after"]) == (before, "杭州市西湖区教育局(更正)")
    assert verified(town, place, tmp_path) == ["filing", "supplement"]


def test_an_owner_that_lost_its_lock_knows_again_what_is_open(town, noticed):
    with psycopg.connect(town.platform.kits["staff"].owner_url) as connection:
        connection.execute("TRUNCATE review_lock")
    assert status_of(town, "staff", "staff", "T1") == 412

    kit = town.platform.kits["compliance"]
    source = next(one for one in kit.service.republish_sources() if one.name == "applications")
    list(republish(kit.runtime, source, wanted=Wanted(), by=By("somebody")))
    town.platform.settle()

    assert [status_of(town, "staff", "staff", name) for name in ("T2", "T1")] == [412, 423]
