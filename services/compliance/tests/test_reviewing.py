"""Applications in review: taken up, passed on, decided; on the sealed snapshot, by two people."""

import threading

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import ProgrammingError

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_compliance.commands.reviewing import accept_by_law
from otsp_compliance.model import Decision
from otsp_contracts.compliance import (
    ApplicationAccepted,
    CaseDecided,
    CaseRouted,
    ReviewUnlocked,
)

READ = {"warnings_read": ["SIT-006"]}


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.profile().configure().authority("杭州市西湖区教育局")


@pytest.fixture
def filed(world, bureau):
    """Sample A, submitted; its one warning was acknowledged by the institution."""
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    return application_id


@pytest.fixture
def case_id(world, filed):
    return world.application(filed)["case_id"]


@pytest.fixture
def reviewer(world, bureau):
    return world.reviewer(bureau)


@pytest.fixture
def accepted(world, reviewer, case_id):
    assert accept(world, reviewer, case_id).status == 200
    return case_id


def codes(answer):
    return {error["code"] for error in answer.json["errors"]}


def accept(world, client, case_id, **body):
    return client.post(f"{world.api}/cases/{case_id}/acceptance", body)


def decide(world, client, case_id, decision="approve", **body):
    return client.post(f"{world.api}/cases/{case_id}/decisions", {"decision": decision} | body)


def test_acceptance_begins_the_review_and_is_told(world, kit, filed, reviewer, case_id):
    answer = accept(world, reviewer, case_id, step_no=1)

    assert answer.json["steps"][0]["accepted_on"] == "2024-10-15"
    assert world.state(filed) == "in_review"
    (told,) = [each.payload() for each in kit.published(ApplicationAccepted)]
    assert (told.from_state, told.to_state) == ("submitted", "in_review")
    assert str(told.case_id) == case_id
    assert not told.is_deemed
    assert accept(world, reviewer, case_id).problem == "step-already-accepted"


def test_silence_accepts_by_law_and_nobody_has_acted(world, kit, filed, bureau, case_id):
    two = world.authority(bureau.name, authority_id=bureau.authority_id, version=2)
    for _ in range(2):
        with kit.active(), transaction() as tx:
            accept_by_law(tx, case_id, on=clock.today())

    (told,) = [each.payload() for each in kit.published(ApplicationAccepted)]
    assert told.is_deemed
    assert told.actor is None
    assert world.state(filed) == "in_review"
    taken_up = accept(world, world.reviewer(two), case_id)
    assert taken_up.status == 200
    assert len(kit.published(ApplicationAccepted)) == 1


def test_whoever_read_the_case_before_its_acceptance_read_an_older_version(
    world, kit, reviewer, case_id
):
    reviewer.post(f"{world.api}/cases/{case_id}/lease")
    before = reviewer.get(f"{world.api}/cases/{case_id}").version

    assert accept(world, reviewer, case_id).version > before


def test_silence_makes_a_new_version_too(world, kit, reviewer, case_id):
    before = reviewer.get(f"{world.api}/cases/{case_id}").version

    with kit.active(), transaction() as tx:
        accept_by_law(tx, case_id, on=clock.today())

    assert reviewer.get(f"{world.api}/cases/{case_id}").version > before


def test_nothing_is_decided_before_acceptance(world, reviewer, case_id):
    refused = decide(world, reviewer, case_id, **READ)

    assert (refused.status, refused.problem) == (409, "step-not-accepted")


def test_only_applications_are_accepted(world, bureau, reviewer):
    world.registration()
    (case,) = reviewer.get(f"{world.api}/cases", query={"kind": "registration"}).json["items"]

    refused = accept(world, reviewer, case["case_id"])

    assert (refused.status, refused.problem) == (409, "case-not-an-application")


def test_approval_ends_the_case_points_at_the_snapshot_and_unlocks(
    world, kit, filed, reviewer, accepted
):
    answer = decide(world, reviewer, accepted, **READ)

    assert (answer.json["state"], answer.json["decision"]) == ("decided", "approved")
    view = world.application(filed)
    (decision,) = view["decisions"]
    assert decision == answer.json["decisions"][0]
    assert view["state"] == "approved"
    assert decision["snapshot_sha256"] == view["snapshot"]["sha256"]
    assert decision["doc_no"] == f"{view['seq_no']}-1"
    assert decision["valid_to"] == world.sections["A"]["institution"]["licence"]["valid_to"]
    assert decision["appeal_text"] is None
    assert decision["warnings_read"] == ["SIT-006"]
    (told,) = [each.payload() for each in kit.published(CaseDecided)]
    assert (told.kind, told.application_kind, told.decision) == (
        "compliance",
        "initial",
        "approved",
    )
    assert str(told.decision_id) == decision["decision_id"]
    assert told.doc_no == decision["doc_no"]
    assert [(each.department, each.level) for each in told.seats] == [("education", "county")]
    (unlocked,) = [each.payload() for each in kit.published(ReviewUnlocked)]
    assert str(unlocked.application_id) == filed
    assert decide(world, reviewer, accepted, "reject", reason="改主意").problem == (
        "case-already-decided"
    )


@pytest.mark.parametrize(("decision", "state"), [("return", "returned"), ("reject", "rejected")])
def test_a_refusal_carries_reasons_and_where_to_appeal(
    world, kit, filed, reviewer, accepted, decision, state
):
    bare = decide(world, reviewer, accepted, decision)
    answer = decide(world, reviewer, accepted, decision, reason="消防证明已过期")

    assert bare.pointers == {"/reason"}
    assert answer.json["decision"] == state
    view = world.application(filed)
    assert view["state"] == state
    assert view["decisions"][0]["reason"] == "消防证明已过期"
    assert "行政复议" in view["decisions"][0]["appeal_text"]
    assert view["decisions"][0]["valid_to"] is None
    assert len(kit.published(ReviewUnlocked)) == 1


def test_approval_reads_every_warning_and_none_that_is_not_there(world, reviewer, accepted):
    unread = decide(world, reviewer, accepted)
    unknown = decide(world, reviewer, accepted, warnings_read=["SIT-006", "TIM-001"])
    overridden = decide(
        world, reviewer, accepted, overrides=[{"rule_id": "STF-004", "reason": "试用期"}], **READ
    )

    assert [(each.status, codes(each)) for each in (unread, unknown, overridden)] == [
        (422, {"warning_unread"}),
        (422, {"not_found"}),
        (422, {"not_excused"}),
    ]


def test_a_decision_is_made_today(world, reviewer, accepted):
    refused = decide(world, reviewer, accepted, decided_on="2024-10-14", **READ)

    assert (refused.status, refused.pointers) == (422, {"/decided_on"})


def test_where_there_are_two_reviewers_the_accepter_does_not_approve(
    world, bureau, reviewer, accepted
):
    world.authority(bureau.name, authority_id=bureau.authority_id, version=2, reviewer_count=2)

    alone = decide(world, reviewer, accepted, **READ)
    second = decide(world, world.reviewer(bureau), accepted, **READ)

    assert (alone.status, alone.problem) == (409, "four-eyes")
    assert second.json["decision"] == "approved"


def test_four_eyes_are_owed_after_silence_too(world, kit, bureau, filed, case_id):
    world.authority(bureau.name, authority_id=bureau.authority_id, version=2, reviewer_count=2)
    with kit.active(), transaction() as tx:
        accept_by_law(tx, case_id, on=clock.today())
    first, second = world.reviewer(bureau), world.reviewer(bureau)

    alone = decide(world, first, case_id, **READ)
    taken_up = accept(world, first, case_id)
    approved = decide(world, second, case_id, **READ)

    assert alone.problem == "step-not-accepted"
    assert taken_up.status == 200
    assert approved.json["decision"] == "approved"


def test_the_accepter_may_refuse_alone(world, bureau, reviewer, accepted):
    world.authority(bureau.name, authority_id=bureau.authority_id, version=2, reviewer_count=2)

    assert decide(world, reviewer, accepted, "return", reason="材料不符").status == 200


def test_an_exception_asked_for_must_be_answered(world, bureau):
    world.sections["A"]["staff"]["staff"][0]["employment"] = "part_time"
    application_id = world.filed(
        acknowledged_warnings=["SIT-006"],
        exceptions=[{"rule_id": "STF-004", "reason": "专职教师下月到岗"}],
    )
    world.provide()
    view = world.application(application_id)
    assert [one["rule_id"] for one in view["findings"]["excused"]] == ["STF-004"]
    reviewer = world.reviewer(bureau)
    read = {"warnings_read": view["warnings"]}
    accept(world, reviewer, view["case_id"])

    silent = decide(world, reviewer, view["case_id"], **read)
    answered = decide(
        world,
        reviewer,
        view["case_id"],
        overrides=[{"rule_id": "STF-004", "reason": "已核实聘用合同"}],
        **read,
    )

    assert (silent.status, codes(silent)) == (422, {"override_missing"})
    assert answered.json["decisions"][0]["overrides"] == [
        {"rule_id": "STF-004", "reason": "已核实聘用合同"}
    ]


def test_another_authority_neither_accepts_nor_decides(world, case_id, accepted):
    elsewhere = world.reviewer(world.authority("上城区教育局", region_code="330102"))

    refused = [accept(world, elsewhere, case_id), decide(world, elsewhere, case_id, **READ)]

    assert {(one.status, one.problem) for one in refused} == {(403, "case-not-routed-here")}


@pytest.fixture
def two_steps(world, bureau):
    """Education, then the sports department."""
    application_id, sports = world.teaches_sports()
    return application_id, world.reviewer(bureau), world.reviewer(sports)


def test_both_authorities_must_approve_one_after_the_other(world, kit, two_steps):
    application_id, education, sports = two_steps
    case_id = world.application(application_id)["case_id"]
    accept(world, education, case_id)

    first = decide(world, education, case_id, **READ)
    between = world.application(application_id)
    again = decide(world, education, case_id, **READ)
    withdrawn = world.institution().post(f"{world.api}/applications/{application_id}/withdrawal")
    taken_up = accept(world, sports, case_id, step_no=2)
    last = decide(world, sports, case_id, **READ)

    assert (first.json["state"], first.json["step_no"]) == ("open", 2)
    assert between["state"] == "in_review"
    assert [each["is_final"] for each in between["decisions"]] == [False]
    assert (again.status, again.problem) == (409, "case-moved-on")
    assert (withdrawn.status, withdrawn.problem) == (409, "case-moved-on")
    assert taken_up.json["steps"][1]["accepted_on"] == "2024-10-15"
    assert len(kit.published(ApplicationAccepted)) == 1
    assert last.json["decision"] == "approved"
    decisions = world.application(application_id)["decisions"]
    assert [(each["step_no"], each["is_final"]) for each in decisions] == [(1, False), (2, True)]
    assert len({each["doc_no"] for each in decisions}) == 2
    assert [each.payload().step_no for each in kit.published(CaseRouted)] == [1, 2]
    seats = kit.published(CaseDecided)[-1].payload().seats
    assert [each.department for each in seats] == ["education", "sports"]


def test_of_two_approvals_at_once_one_wins(world, kit, bureau, accepted):
    world.authority(bureau.name, authority_id=bureau.authority_id, version=2, reviewer_count=3)
    clients = [world.reviewer(bureau), world.reviewer(bureau)]
    gate, answers = threading.Barrier(2), []

    def act(client):
        gate.wait(timeout=10)
        answers.append(decide(world, client, accepted, **READ))

    threads = [threading.Thread(target=act, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(answer.status for answer in answers) == [200, 409]
    assert {one.problem for one in answers if one.status == 409} == {"case-already-decided"}
    assert len(kit.published(CaseDecided)) == 1


def test_a_decision_is_never_changed(world, kit, reviewer, accepted):
    decide(world, reviewer, accepted, **READ)

    for statement in (update(Decision).values(outcome="rejected"), delete(Decision)):
        with (
            kit.active(),
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction() as tx,
        ):
            tx.execute(statement)


def test_a_withdrawal_is_possible_until_a_step_is_decided(world, filed, reviewer, accepted):
    path = f"{world.api}/applications/{filed}/withdrawal"

    taken_back = world.institution().post(path)

    assert taken_back.json["state"] == "withdrawn"
    assert decide(world, reviewer, accepted, **READ).problem == "case-already-decided"
