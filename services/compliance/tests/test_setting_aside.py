"""A wrong decision is set aside by another one; both stay, and the newer one holds."""

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import DecisionSetAside


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.profile().configure().authority("杭州市西湖区教育局")


@pytest.fixture
def admin(world, bureau):
    return world.reviewer(bureau, role="region_admin")


@pytest.fixture
def decide(world, bureau):
    """Files sample A again and again; each is accepted and decided."""

    def decided(decision, **body):
        application_id = world.filed(acknowledged_warnings=["SIT-006"])
        world.provide()
        case_id = world.application(application_id)["case_id"]
        reviewer = world.reviewer(bureau)
        assert reviewer.post(f"{world.api}/cases/{case_id}/acceptance", {}).status == 200
        path = f"{world.api}/cases/{case_id}/decisions"
        answer = reviewer.post(path, {"decision": decision, "warnings_read": ["SIT-006"]} | body)
        assert answer.status == 200, answer.json
        return application_id

    return decided


def replace(world, client, application_id, outcome, **body):
    decision = world.application(application_id)["decisions"][-1]
    given = {"outcome": outcome, "reason": "经复核，原决定认定事实有误"} | body
    return client.post(f"{world.api}/decisions/{decision['decision_id']}/replacement", given)


def test_an_approval_is_set_aside_by_a_linked_decision(world, kit, admin, decide):
    application_id = decide("approve")

    answer = replace(world, admin, application_id, "returned")

    assert (answer.status, answer.json["decision"]) == (200, "returned")
    view = world.application(application_id)
    assert view["state"] == "returned"
    old, new = view["decisions"]
    assert (old["outcome"], old["replaced_by"]) == ("approved", new["decision_id"])
    assert (new["outcome"], new["replaces"]) == ("returned", old["decision_id"])
    assert new["snapshot_sha256"] == old["snapshot_sha256"]
    assert new["doc_no"] == f"{view['seq_no']}-2"
    assert "行政复议" in new["appeal_text"]
    (told,) = [each.payload() for each in kit.published(DecisionSetAside)]
    assert (told.from_state, told.outcome) == ("approved", "returned")
    assert str(told.replaces) == old["decision_id"]
    assert [(each.department, each.level) for each in told.seats] == [("education", "county")]


def test_a_refusal_set_aside_by_an_approval_is_read_like_one(world, admin, decide):
    application_id = decide("reject", reason="材料不全")

    unread = replace(world, admin, application_id, "approved")
    approved = replace(world, admin, application_id, "approved", warnings_read=["SIT-006"])

    assert (unread.status, unread.pointers) == (422, {"/warnings_read"})
    assert approved.json["decision"] == "approved"
    assert world.application(application_id)["decisions"][-1]["valid_to"] is not None


def test_it_is_replaced_once_and_by_something_else(world, admin, decide):
    application_id = decide("approve")
    same = replace(world, admin, application_id, "approved", warnings_read=["SIT-006"])
    first = world.application(application_id)["decisions"][0]["decision_id"]
    replace(world, admin, application_id, "rejected")

    again = admin.post(
        f"{world.api}/decisions/{first}/replacement", {"outcome": "returned", "reason": "再改"}
    )
    newest = replace(world, admin, application_id, "returned")

    assert (same.status, same.pointers) == (422, {"/outcome"})
    assert (again.status, again.problem) == (409, "decision-already-set-aside")
    assert newest.json["decision"] == "returned"


def test_what_the_institution_has_filed_since_comes_first(world, admin, decide):
    first = decide("reject", reason="材料不全")
    world.filed(acknowledged_warnings=["SIT-006"])

    open_one = replace(world, admin, first, "approved", warnings_read=["SIT-006"])

    assert (open_one.status, open_one.problem) == (409, "decision-overtaken")


def test_a_later_decision_is_not_passed_over(world, admin, decide):
    first = decide("reject", reason="材料不全")
    decide("approve")

    refused = replace(world, admin, first, "approved", warnings_read=["SIT-006"])

    assert (refused.status, refused.problem) == (409, "decision-overtaken")


def test_only_the_authority_or_one_above_it_sets_aside(world, bureau, decide):
    application_id = decide("approve")
    city = world.authority("杭州市教育局", level="city", region_code="330100")
    beside = world.authority("杭州市西湖区体育局", department="sports")
    elsewhere = world.authority("上城区教育局", region_code="330102")
    of_sports = world.authority(
        "杭州市体育局", level="city", department="sports", region_code="330100"
    )
    other_city = world.authority("宁波市教育局", level="city", region_code="330200")

    refused = [
        replace(world, world.reviewer(each, role="region_admin"), application_id, "returned")
        for each in (beside, elsewhere, of_sports, other_city)
    ]
    reviewer = replace(world, world.reviewer(bureau), application_id, "returned")
    above = replace(world, world.reviewer(city, role="region_admin"), application_id, "returned")

    assert {(one.status, one.problem) for one in refused} == {(403, "decision-not-theirs")}
    assert reviewer.status == 403
    assert above.json["decisions"][-1]["authority_name"] == "杭州市教育局"


def test_a_decision_on_a_change_is_not_undone(world, kit, admin, decide):
    world.profile(version=2, compliance_status="compliant", has_proposed_change=True)
    application_id = world.filed(kind="change", acknowledged_warnings=["SIT-006"])
    world.provide()
    case_id = world.application(application_id)["case_id"]
    admin.post(f"{world.api}/cases/{case_id}/acceptance", {})
    path = f"{world.api}/cases/{case_id}/decisions"
    admin.post(path, {"decision": "approve", "warnings_read": ["SIT-006"]})

    refused = replace(world, admin, application_id, "returned")

    assert (refused.status, refused.problem) == (409, "decision-has-taken-effect")


def test_a_step_that_passed_the_case_on_is_not_set_aside(world, bureau, admin):
    application_id, _ = world.teaches_sports()
    case_id = world.application(application_id)["case_id"]
    reviewer = world.reviewer(bureau)
    reviewer.post(f"{world.api}/cases/{case_id}/acceptance", {})
    decided = {"decision": "approve", "warnings_read": ["SIT-006"]}
    passed_on = reviewer.post(f"{world.api}/cases/{case_id}/decisions", decided)

    answer = replace(world, admin, application_id, "returned")

    assert (passed_on.json["state"], passed_on.json["step_no"]) == ("open", 2)
    assert answer.status == 404


def test_what_was_never_decided_is_not_found(admin, world):
    given = {"outcome": "returned", "reason": "无"}

    answer = admin.post(f"{world.api}/decisions/{new_id()}/replacement", given)

    assert answer.status == 404
