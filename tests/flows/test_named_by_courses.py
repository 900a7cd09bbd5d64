"""What a course or class names belongs to others: their news reaches it, and it reaches theirs."""

import pytest

RECTIFICATIONS = "/api/compliance/v1/rectifications"
OF_OTHERS = {
    "unknown_person",
    "departed_person",
    "not_teaching",
    "unknown_material",
    "material_not_in_use",
    "unknown_fee_item",
    "fee_item_not_publicized",
}


def course(town, name="K1"):
    return town.path("A", "courses", "courses", town.ids("A")[name])


def a_class(town, name="K1-1"):
    return f"{course(town)}/classes/{town.ids('A')[name]}"


def told(town, path):
    """What is said of the things of others."""
    return {
        each["pointer"]: each["code"]
        for each in town.clerk("A").get(path)["warnings"]
        if each["code"] in OF_OTHERS
    }


def test_what_the_samples_name_is_known(town):
    ids = town.ids("A")

    named = [told(town, course(town, name)) for name in ("K1", "K2")]

    assert (named, told(town, a_class(town))) == ([{}, {}], {})
    assert {ids["T1"], ids["B1"], ids["F1"]}


def depart(town, reason):
    person = town.path("A", "staff", "staff", town.ids("A")["T1"])
    left = {"departed_on": "2024-10-14", "reason": reason}
    answer = town.call("A", "POST", f"{person}/departure", json=left)
    town.platform.settle()
    return answer


def test_who_leads_a_class_is_replaced_before_leaving(town):
    refused = depart(town, "resigned").json()
    assert refused["type"] == "urn:otsp:problem:staff-leads-open-class"
    assert refused["class_ids"] == [town.ids("A")["K1-1"]]

    town.clerk("A").post(f"{a_class(town)}/cancellation", {"reason": "教师离职"})
    town.platform.settle()

    assert depart(town, "resigned").status_code == 200


def test_a_departure_is_told_to_the_class(town):
    assert depart(town, "prohibited").status_code == 200

    assert told(town, a_class(town)) == {"/teacher_ids/0": "departed_person"}


def test_a_material_out_of_use_is_told_to_the_course(town):
    material = town.path("A", "materials", "materials", town.ids("A")["B1"])

    town.clerk("A").post(f"{material}/archiving", {"used_until": "2024-10-15"})
    town.platform.settle()

    assert told(town, course(town)) == {"/material_ids/0": "material_not_in_use"}


def test_a_charge_that_is_not_published_any_more_is_told_to_the_course(town):
    place = town.path("A", "institution", "funds", "fee-items", town.ids("A")["F1"])
    item = town.call("A", "GET", place)
    kept = ("name", "charge_mode", "lesson_count", "period_days", "amount_fen", "advance_days")
    fields = {name: item.json()[name] for name in kept} | {"publicized": False}

    replaced = town.call("A", "PUT", place, json=fields, headers={"If-Match": item.headers["ETag"]})
    town.platform.settle()

    assert replaced.status_code == 200
    assert told(town, course(town)) == {"/fee_item_id": "fee_item_not_publicized"}


@pytest.fixture
def planned(town):
    """A class that has yet to enrol; A was never found compliant."""
    path = f"{course(town)}/classes"
    return f"{path}/{town.clerk('A').post(path, {'name': '新班'})['class_id']}"


def enrol(town, place):
    body, held = {"status": "enrolling"}, {"If-Match": '"1"'}
    return town.call("A", "PUT", f"{place}/status", json=body, headers=held).json()


def test_a_rectification_halts_enrolment_until_it_is_closed(town, planned):
    reviewer = town.reviewer("330106")
    own = {"institution_id": town.desks["A"].institution_id, "reason_text": "转为审批"}
    task = reviewer.post(RECTIFICATIONS, own | {"kind": "filing_to_approval"})
    town.platform.settle()

    halted = enrol(town, planned)
    assert halted["type"] == "urn:otsp:problem:courses-rectification-open"
    assert "“备案转审批”整改尚未办结" in halted["detail"]

    reviewer.post(f"{RECTIFICATIONS}/{task['rectification_id']}/closure", {"status": "closed"})
    town.platform.settle()

    assert enrol(town, planned)["type"] == "urn:otsp:problem:courses-institution-not-compliant"


def test_the_county_reads_the_timetable_and_the_one_beside_does_not(town):
    path = town.path("A", "courses", "timetable") + "?week=2024-W42"

    week = town.reviewer("330106").get(path)

    held = [(day["date"], len(day["sessions"])) for day in week["days"] if day["sessions"]]
    assert held == [("2024-10-15", 2), ("2024-10-17", 2)]
    token = town.token_of(town.reviewer("330105"))
    assert town.platform.http(token).get(path).status_code == 403
