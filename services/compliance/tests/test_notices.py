"""One complete notice (一次告知): given once, answered item by item, judged, reviewed further."""

from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import (
    CaseDecided,
    ReviewUnlocked,
    SnapshotRequested,
    SupplementAnswered,
    SupplementRequested,
)

LICENCE = {
    "kind": "wrong_value",
    "part": "licence",
    "pointer": "/issuer_name",
    "basis": "民办教育促进法实施条例第二十一条",
    "cure_zh": "按许可证正本更正发证机关",
}
STAFF = {
    "kind": "document",
    "part": "staff",
    "object_id": "T1",
    "basis": "校外培训机构从业人员管理办法第六条",
    "cure_zh": "补传教师资格证书",
}
FLOOR = {
    "kind": "explanation",
    "part": "sites",
    "object_id": "S1",
    "rule_id": "SIT-006",
    "cure_zh": "说明疏散条件",
}
ITEMS = [LICENCE, STAFF, FLOOR]


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.profile().configure().authority("杭州市西湖区教育局")


@pytest.fixture
def reviewer(world, bureau):
    return world.reviewer(bureau)


@pytest.fixture
def application_id(world, reviewer):
    """Sample A, accepted."""
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    answer = reviewer.post(f"{world.api}/cases/{case_of(world, application_id)}/acceptance", {})
    assert answer.status == 200, answer.json
    return application_id


@pytest.fixture
def noticed(world, reviewer, application_id):
    """Asked for three things."""
    answer = give(world, reviewer, application_id)
    assert answer.status == 201, answer.json
    return answer.json


def case_of(world, application_id):
    return world.application(application_id)["case_id"]


def give(world, client, application_id, items=ITEMS, **more):
    path = f"{world.api}/cases/{case_of(world, application_id)}/notices"
    return client.post(path, {"items": items} | more)


def answer(world, notice, item, text="已更正", **more):
    path = f"{world.api}/applications/{notice['application_id']}/notices/{notice['notice_id']}"
    return world.institution().put(f"{path}/items/{item['item_id']}/answer", {"text": text}, **more)


def answer_all(world, notice):
    for item in notice["items"]:
        assert answer(world, notice, item).status == 200


def resubmit(world, application_id):
    return world.institution().post(f"{world.api}/applications/{application_id}/resubmission", None)


def go_round(world, notice, *, provide=True):
    """Everything is answered and handed in, and the sections come."""
    answer_all(world, notice)
    answered = resubmit(world, notice["application_id"])
    assert answered.status == 202, answered.json
    if provide:
        world.provide()
    return world.application(notice["application_id"])


def seen(world, client, application_id):
    path = f"{world.api}/cases/{case_of(world, application_id)}/notices"
    return client.get(path)


def told(kit, kind):
    return [each.payload() for each in kit.published(kind)]


def codes(refused):
    return {(each["pointer"], each["code"]) for each in refused.json["errors"]}


def own(world):
    return world.sections[world.sample]


def test_notice_says_what_where_by_which_article_and_what_cures_it(world, application_id, noticed):
    page = world.institution().get(f"{world.api}/applications/{application_id}/notices").json

    assert world.state(application_id) == "supplementing"
    assert (noticed["round"], noticed["step_no"], noticed["authority"]) == (
        1,
        1,
        "杭州市西湖区教育局",
    )
    assert (noticed["issued_on"], noticed["due_on"]) == ("2024-10-15", "2024-11-14")
    assert page == {"items": [noticed], "next": None}
    licence, _, floor = noticed["items"]
    assert (licence["section"], licence["part_zh"]) == ("institution", "办学许可证")
    assert licence["basis"] == [LICENCE["basis"]]
    (warning,) = world.application(application_id)["findings"]["warnings"]
    assert (floor["basis"], floor["answer"]) == (warning["basis"], None)


def test_owners_are_told_what_is_open(kit, application_id, noticed):
    (event,) = told(kit, SupplementRequested)

    assert (event.from_state, event.to_state, event.round) == ("in_review", "supplementing", 1)
    assert str(event.due_on) == "2024-11-14"
    assert [(each.section, each.part, each.object_id) for each in event.unlocked] == [
        ("institution", "licence", None),
        ("staff", "staff", "T1"),
        ("courses", "sites", "S1"),
    ]
    assert event.version > max(each.version for each in told(kit, SnapshotRequested))


def test_every_fault_of_a_notice_is_told_at_once(world, reviewer, application_id):
    items = [
        LICENCE | {"pointer": "/no_such_field"},
        STAFF | {"object_id": "nobody"},
        FLOOR | {"rule_id": "STF-001"},
        {"kind": "explanation", "part": "party", "cure_zh": "说明党建情况"},
        STAFF | {"file_id": str(new_id())},
    ]

    refused = give(world, reviewer, application_id, items)

    assert refused.status == 422
    assert codes(refused) == {
        ("/items/0/pointer", "unknown_pointer"),
        ("/items/1/object_id", "unknown_object"),
        ("/items/2/rule_id", "unknown_rule"),
        ("/items/3/basis", "required"),
        ("/items/4/file_id", "unknown_file"),
    }
    assert world.state(application_id) == "in_review"


def test_only_the_authority_whose_step_it_is_gives_notice(world, application_id):
    elsewhere = world.reviewer(world.authority("余杭区教育局", region_code="330110"))

    assert give(world, elsewhere, application_id).problem == "case-not-routed-here"
    assert seen(world, elsewhere, application_id).problem == "application-not-in-hand"


def test_notice_needs_an_accepted_application_and_the_step_that_was_meant(world, reviewer):
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()

    refused = give(world, reviewer, application_id)

    assert (refused.problem, refused.json["state"]) == (
        "application-action-impossible",
        "submitted",
    )
    assert "先受理" in refused.json["detail"]
    assert give(world, reviewer, application_id, step_no=2).problem == "case-moved-on"


def test_while_it_waits_no_other_notice_and_no_decision_is_possible(
    world, reviewer, application_id, noticed
):
    decision = {"decision": "return", "reason": "未按要求补正"}
    path = f"{world.api}/cases/{noticed['case_id']}/decisions"

    assert give(world, reviewer, application_id).problem == "application-action-impossible"
    assert reviewer.post(path, decision).problem == "application-action-impossible"


def test_answers_are_drafts_that_only_the_institution_sees(
    world, reviewer, application_id, noticed
):
    item = noticed["items"][0]
    first = answer(world, noticed, item, "草稿")
    blind = answer(world, noticed, item, "改")
    second = answer(world, noticed, item, "定稿", if_match=first.json["version"])

    assert (first.status, blind.status, second.status) == (200, 428, 200)
    page = world.institution().get(f"{world.api}/applications/{application_id}/notices").json
    assert page["items"][0]["items"][0]["answer"] == "定稿"
    (notice,) = seen(world, reviewer, application_id).json["items"]
    assert notice["items"][0]["answer"] is None
    other = reviewer.get(f"{world.api}/applications/{application_id}/notices").json
    assert other["items"][0]["items"][0]["answer"] is None


def test_what_was_not_asked_cannot_be_answered(world, noticed):
    assert answer(world, noticed, {"item_id": str(new_id())}).status == 404
    assert answer(world, noticed | {"notice_id": str(new_id())}, noticed["items"][0]).status == 404
    assert answer(world, noticed, noticed["items"][0], text="  ").status == 422
    unknown = world.institution().put(
        f"{world.api}/applications/{noticed['application_id']}/notices/{noticed['notice_id']}"
        f"/items/{noticed['items'][0]['item_id']}/answer",
        {"file_ids": [str(new_id())]},
    )
    assert codes(unknown) == {("/file_ids/0", "unknown_file")}


def test_another_institution_neither_reads_nor_answers(world, kit, noticed):
    stranger = kit.as_institution(new_id())
    path = f"{world.api}/applications/{noticed['application_id']}"

    item = noticed["items"][0]["item_id"]
    answered = stranger.put(
        f"{path}/notices/{noticed['notice_id']}/items/{item}/answer", {"text": "x"}
    )
    assert stranger.get(f"{path}/notices").status == 403
    assert answered.status == 403
    assert stranger.post(f"{path}/resubmission", None).status == 403


def test_nothing_is_handed_in_before_every_item_is_answered(world, application_id, noticed):
    answer(world, noticed, noticed["items"][1])

    refused = resubmit(world, application_id)

    assert refused.problem == "notice-items-unanswered"
    assert codes(refused) == {("/items/0", "unanswered"), ("/items/2", "unanswered")}
    assert world.state(application_id) == "supplementing"


def test_answered_in_full_it_is_gathered_anew_as_of_the_day_of_filing(
    world, kit, now, application_id, noticed
):
    with clock.frozen(now + timedelta(days=12)):
        found = go_round(world, noticed, provide=False)

    (event,) = told(kit, SupplementAnswered)
    first, second = told(kit, SnapshotRequested)
    assert found["state"] == "gathering"
    assert (first.as_of, second.as_of) == (clock.today(), clock.today())
    assert (event.to_state, event.round, event.request_id) == ("gathering", 1, second.request_id)
    assert second.version > told(kit, SupplementRequested)[0].version
    assert answer(world, noticed, noticed["items"][0]).problem == "application-action-impossible"
    assert resubmit(world, application_id).problem == "application-action-impossible"


def test_cured_the_review_goes_on_at_the_same_step_on_the_new_snapshot(
    world, kit, reviewer, application_id, noticed
):
    before = world.application(application_id)
    own(world)["institution"]["licence"]["issuer_name"] = "杭州市西湖区教育局(更正)"

    after = go_round(world, noticed)

    assert after["state"] == "in_review"
    assert after["snapshot"]["sha256"] != before["snapshot"]["sha256"]
    case = reviewer.get(f"{world.api}/cases/{noticed['case_id']}").json
    assert (case["step_no"], case["state"]) == (1, "open")
    assert case["details"]["snapshot_sha256"] == after["snapshot"]["sha256"]
    assert told(kit, ReviewUnlocked) == []
    path = f"{world.api}/cases/{noticed['case_id']}/decisions"
    approved = reviewer.post(path, {"decision": "approve", "warnings_read": ["SIT-006"]})
    assert approved.json["decision"] == "approved", approved.json


def test_reviewer_sees_each_answer_beside_what_became_of_it(
    world, reviewer, application_id, noticed
):
    was = own(world)["institution"]["licence"]["issuer_name"]
    own(world)["institution"]["licence"]["issuer_name"] = "某教育局"
    own(world)["staff"]["staff"][0]["name"] = "周乙"
    waiting = seen(world, reviewer, application_id).json["items"][0]["items"][0]
    assert go_round(world, noticed)["blocking"] == []

    page = seen(world, reviewer, application_id)

    licence, staff, floor = page.json["items"][0]["items"]
    assert (waiting["before"], waiting["after"], waiting["fields"]) == (was, was, [])
    assert licence["answer"] == "已更正"
    assert (licence["before"], licence["after"]) == (was, "某教育局")
    assert licence["fields"] == [{"pointer": "", "before": was, "after": "某教育局"}]
    assert [each["pointer"] for each in staff["fields"]] == ["/name"]
    assert (floor["before"], floor["fields"]) == (None, [])
    assert page.headers["Cache-Control"] == "no-store"


def test_a_list_that_is_asked_for_is_compared_row_by_row(world, reviewer, application_id):
    item = {
        "kind": "missing_field",
        "part": "materials",
        "basis": "管理办法",
        "cure_zh": "补录讲义",
    }
    notice = give(world, reviewer, application_id, [item]).json
    materials = own(world)["materials"]["materials"]
    materials.insert(0, materials[0] | {"material_id": "B9", "title": "暑期讲义"})
    assert go_round(world, notice)["state"] == "in_review"

    (seen_item,) = seen(world, reviewer, application_id).json["items"][0]["items"]

    assert {each["pointer"].split("/")[1] for each in seen_item["fields"]} == {"B9"}


def test_a_second_notice_in_the_step_is_refused(world, reviewer, application_id, noticed):
    go_round(world, noticed)

    refused = give(world, reviewer, application_id, [LICENCE, STAFF])

    assert refused.problem == "notice-already-given"
    assert codes(refused) == {("/items/0", "not_introduced"), ("/items/1", "not_introduced")}
    assert world.state(application_id) == "in_review"


def test_a_second_notice_may_name_only_what_the_answer_introduced(
    world, kit, reviewer, application_id, noticed
):
    own(world)["institution"]["licence"]["issuer_name"] = "某教育局"
    own(world)["staff"]["staff"][0]["name"] = "周乙"
    go_round(world, noticed)
    renamed = STAFF | {"kind": "wrong_value", "pointer": "/name"}

    mixed = give(world, reviewer, application_id, [LICENCE, renamed, FLOOR])
    second = give(world, reviewer, application_id, [LICENCE, renamed])

    assert codes(mixed) == {("/items/2", "not_introduced")}
    assert (second.status, second.json["round"]) == (201, 2)
    assert answer(world, second.json, noticed["items"][0]).status == 404
    assert go_round(world, second.json)["state"] == "in_review"
    assert give(world, reviewer, application_id, [LICENCE]).problem == "notice-already-given"
    rounds = [each["round"] for each in seen(world, reviewer, application_id).json["items"]]
    assert rounds == [1, 2]


def test_an_answer_that_breaks_a_rule_opens_the_same_notice_again(
    world, kit, application_id, noticed
):
    valid_to = own(world)["institution"]["licence"]["valid_to"]
    own(world)["institution"]["licence"]["valid_to"] = "2024-01-01"

    found = go_round(world, noticed)

    assert (found["state"], "LIC-003" in found["blocking"] or found["blocking"] != []) == (
        "supplementing",
        True,
    )
    first, again = told(kit, SupplementRequested)
    assert (again.round, again.due_on, again.from_state) == (1, first.due_on, "evaluating")
    assert set(first.unlocked) <= set(again.unlocked)
    page = world.institution().get(f"{world.api}/applications/{application_id}/notices").json
    (notice,) = page["items"]
    assert notice["answered_on"] is None
    assert {each["answer"] for each in notice["items"]} == {"已更正"}

    own(world)["institution"]["licence"]["valid_to"] = valid_to
    assert resubmit(world, application_id).status == 202
    world.provide()
    assert world.state(application_id) == "in_review"


def test_what_blocks_an_answer_is_opened_too(world, kit, application_id, noticed):
    """Nothing else could cure it."""
    own(world)["institution"]["funds"]["supervision"] = None

    assert go_round(world, noticed)["state"] == "supplementing"

    opened = {(each.part, each.object_id) for each in told(kit, SupplementRequested)[-1].unlocked}
    assert ("supervision", None) in opened


def test_sections_that_do_not_come_open_it_again_with_a_day_more(
    world, kit, now, application_id, noticed
):
    last_day = now + timedelta(days=30)
    with clock.frozen(last_day):
        go_round(world, noticed, provide=False)
    with clock.frozen(last_day + timedelta(minutes=5)):
        kit.run_job("chase_sections")

    assert world.state(application_id) == "supplementing"
    again = told(kit, SupplementRequested)[-1]
    assert (again.from_state, str(again.due_on)) == ("gathering", "2024-11-15")
    assert told(kit, ReviewUnlocked) == []


def test_new_warnings_are_read_before_the_review_goes_on(world, application_id, noticed):
    own(world)["institution"]["licence"]["valid_to"] = "2024-12-15"

    found = go_round(world, noticed)

    assert (found["state"], found["to_acknowledge"]) == ("awaiting_acknowledgement", ["V-06"])
    path = f"{world.api}/applications/{application_id}/acknowledgements"
    after = world.institution().post(path, {"rule_ids": ["V-06"]}).json
    assert (after["state"], after["acknowledge_by"]) == ("in_review", None)


def test_new_warnings_that_nobody_reads_end_the_case_too(world, kit, now, application_id, noticed):
    own(world)["institution"]["licence"]["valid_to"] = "2024-12-15"
    go_round(world, noticed)

    with clock.frozen(now + timedelta(days=2)):
        kit.run_job("lapse_unread_applications")

    assert world.state(application_id) == "lapsed"
    assert [each.decision for each in told(kit, CaseDecided)] == ["lapsed"]


def test_unanswered_it_lapses_after_its_last_day(world, kit, now, application_id, noticed):
    with clock.frozen(now + timedelta(days=30)):
        kit.run_job("lapse_unanswered_notices")
    assert world.state(application_id) == "supplementing"

    for _ in range(2):
        with clock.frozen(now + timedelta(days=31)):
            kit.run_job("lapse_unanswered_notices")

    assert world.state(application_id) == "lapsed"
    (decided,) = told(kit, CaseDecided)
    assert (decided.decision, decided.authority_id) == ("lapsed", None)
    assert len(told(kit, ReviewUnlocked)) == 1
    assert answer(world, noticed, noticed["items"][0]).problem == "application-action-impossible"


def test_withdrawn_while_it_waits_it_is_over_and_unlocked(world, kit, application_id, noticed):
    path = f"{world.api}/applications/{application_id}/withdrawal"

    assert world.institution().post(path, None).json["state"] == "withdrawn"

    assert [each.decision for each in told(kit, CaseDecided)] == ["withdrawn"]
    assert len(told(kit, ReviewUnlocked)) == 1


def test_earlier_rounds_stay_readable_by_their_own_snapshots(
    world, reviewer, application_id, noticed
):
    was = own(world)["institution"]["licence"]["issuer_name"]
    own(world)["institution"]["licence"]["issuer_name"] = "甲教育局"
    go_round(world, noticed)
    own(world)["institution"]["licence"]["issuer_name"] = "乙教育局"
    second = give(world, reviewer, application_id, [LICENCE]).json
    go_round(world, second)

    first, last = seen(world, reviewer, application_id).json["items"]

    assert (first["items"][0]["before"], first["items"][0]["after"]) == (was, "甲教育局")
    assert (last["items"][0]["before"], last["items"][0]["after"]) == ("甲教育局", "乙教育局")
