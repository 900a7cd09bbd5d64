"""What the decision on an application does to the institution's rectifications."""

import pytest
from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_compliance.commands import rectification
from otsp_compliance.model import Application, Decision, ReviewCase
from otsp_compliance.queries.examination import FindingView
from otsp_contracts.compliance.rectification import RectificationClosed


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def reviewer(world):
    return world.reviewer(world.authority("杭州市西湖区教育局"))


@pytest.fixture
def submitted(world, reviewer):
    """Two tasks, one of them handed in; and the application that was filed with it."""
    world.profile(legal_nature="forprofit")
    world.profile(version=2).configure()
    [by_law] = tasks(world)
    place = f"{world.api}/rectifications/{by_law['rectification_id']}/closure"
    assert reviewer.post(place, {"status": "submitted"}).status == 200
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    assert world.state(application_id) == "submitted"
    issue(world, reviewer)
    return application_id


def issue(world, reviewer):
    body = {"institution_id": str(world.institution_id), "kind": "other", "reason_text": "专项检查"}
    assert reviewer.post(f"{world.api}/rectifications", body).status == 201


def tasks(world):
    path = f"{world.api}/rectifications"
    return world.institution().get(path).json["items"]


def statuses(world):
    return {task["kind"]: task["status"] for task in tasks(world)}


def decide(kit, application_id, reviewer, *, then, kind="initial"):
    """As the core stores a decision and calls the hooks, in one transaction."""
    with kit.active(), transaction() as tx:
        application = tx.get_one(Application, application_id)
        decision = Decision(
            decision_id=new_id(), application_id=application.application_id,
            case_id=tx.scalar(select(ReviewCase.case_id)), step_no=1, is_final=True,
            institution_id=application.institution_id, region_code=application.region_code,
            institution_name=application.institution_name, application_kind=kind,
            seq_no=application.seq_no, outcome="returned", reason="演练记录缺签到表",
            overrides=[], warnings_read=[], request_id=application.request_id,
            snapshot_sha256=application.snapshot_sha256, authority_name="杭州市西湖区教育局",
            authority_id=reviewer.principal.authority.authority_id,
            decided_by=reviewer.principal.account_id, decided_on=clock.today(),
            decided_at=clock.business_now(), doc_no=f"{application.seq_no}-1",
        )  # fmt: skip
        tx.add(decision)
        tx.flush()
        then(tx, decision)


def approve(tx, decision):
    rectification.close_verified(tx, decision.institution_id, decision)


def send_back(tx, decision):
    rectification.send_back(tx, decision.institution_id, decision)


def test_an_approval_closes_what_was_submitted_and_nothing_else(world, kit, submitted, reviewer):
    decide(kit, submitted, reviewer, then=approve)

    assert statuses(world) == {"for_profit_to_nonprofit": "closed", "other": "open"}
    closed = tasks(world)[-1]
    assert closed["closed_on"] == "2024-10-15"
    assert closed["note"].endswith("-1）")
    [over] = kit.published(RectificationClosed)
    assert over.data["actor"] == str(reviewer.principal.account_id)


def test_a_return_sends_back_what_was_submitted_with_its_reason(world, kit, submitted, reviewer):
    decide(kit, submitted, reviewer, then=send_back)

    assert statuses(world) == {"for_profit_to_nonprofit": "returned", "other": "open"}
    assert tasks(world)[-1]["note"] == "演练记录缺签到表"
    assert kit.published(RectificationClosed) == []


@pytest.mark.parametrize("hook", [approve, send_back])
def test_the_hooks_called_twice_do_it_once(world, kit, submitted, reviewer, hook):
    def twice(tx, decision):
        hook(tx, decision)
        hook(tx, decision)

    decide(kit, submitted, reviewer, then=twice)

    history = f"{world.api}/rectifications/{tasks(world)[-1]['rectification_id']}"
    assert len(world.institution().get(history).json["history"]) == 3


def test_who_may_close_has_nothing_to_put_right_any_more(world, kit, submitted, reviewer):
    decide(kit, submitted, reviewer, then=approve, kind="deregistration")

    assert set(statuses(world).values()) == {"waived"}
    assert len(kit.published(RectificationClosed)) == 2


def test_a_deregistration_that_is_returned_verified_nothing(world, kit, submitted, reviewer):
    def then(tx, decision):
        send_back(tx, decision)
        assert rectification.open_for_return(tx, decision, []) is None

    before = tasks(world)
    decide(kit, submitted, reviewer, then=then, kind="deregistration")

    assert tasks(world) == before


def a_finding(rule_id, message, remedy):
    return FindingView(
        rule_id=rule_id, rule_version=1, severity="B", blocking=True, message_zh=message,
        remedy_zh=remedy, basis=(), object_ids=(), breaches=(), exception_reason=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("findings", "steps"),
    [
        (
            [
                a_finding("SIT-001", "消防不合格", "补办消防手续"),
                a_finding("STF-002", "未签合同", "签订劳动合同"),
            ],
            [("sit_001", "消防不合格；补办消防手续"), ("stf_002", "未签合同；签订劳动合同")],
        ),
        ([], [("as_asked", "按整改要求完成整改")]),
    ],
)
def test_a_return_opens_a_task_with_its_findings(world, kit, submitted, reviewer, findings, steps):
    def then(tx, decision):
        first = rectification.open_for_return(tx, decision, findings)
        assert rectification.open_for_return(tx, decision, findings) == first

    decide(kit, submitted, reviewer, then=then)

    task, *_ = tasks(world)
    assert (task["origin"], task["kind"], task["status"]) == ("return", "other", "open")
    assert (task["reason_text"], task["due_on"]) == ("演练记录缺签到表", "2024-11-14")
    assert task["issued_by"] == str(reviewer.principal.authority.authority_id)
    assert [(step["code"], step["label_zh"]) for step in task["steps"]] == steps


@pytest.fixture
def in_review(world, submitted, reviewer):
    case = f"{world.api}/cases/{world.application(submitted)['case_id']}"
    assert reviewer.post(f"{case}/acceptance", {}).status == 200
    return f"{case}/decisions"


def test_a_reviewers_approval_verifies_what_was_handed_in(world, reviewer, in_review):
    approval = {"decision": "approve", "warnings_read": ["SIT-006"]}

    assert reviewer.post(in_review, approval).status == 200

    assert statuses(world) == {"for_profit_to_nonprofit": "closed", "other": "open"}


def test_a_reviewers_return_sends_back_and_asks_for_more(world, reviewer, in_review):
    refusal = {"decision": "return", "reason": "演练记录缺签到表"}

    assert reviewer.post(in_review, refusal).status == 200

    found = [(task["kind"], task["status"], task["origin"]) for task in tasks(world)]
    assert found == [
        ("other", "open", "return"),
        ("other", "open", "authority"),
        ("for_profit_to_nonprofit", "returned", "law"),
    ]


def test_a_rejection_leaves_tasks_as_they_are(world, reviewer, in_review):
    before = tasks(world)
    refusal = {"decision": "reject", "reason": "不符合设置标准"}

    assert reviewer.post(in_review, refusal).status == 200

    assert tasks(world) == before
