"""Reviews applications: takes a step up, passes the case on, decides.

Every write holds the application, then its case, until commit. What follows from a decision
(unlocking, the register, rectifications, receipts) is done in the same transaction.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Conflict, Invalid
from otsp_compliance.commands import clocks, steps, submission
from otsp_compliance.commands.effects import take_effect
from otsp_compliance.commands.judging import recall
from otsp_compliance.commands.leases import Change, change_hands, hold_case
from otsp_compliance.commands.steps import Held
from otsp_compliance.model import (
    ActionImpossible,
    Application,
    AuthorityRef,
    CaseStep,
    Decision,
    Finding,
    ReviewCase,
)
from otsp_compliance.model.leases import CLAIMED
from otsp_compliance.queries.cases import CaseView, tell_case
from otsp_compliance.queries.visibility import require_authority
from otsp_compliance.rules.decisions import appeal_of, needs_four_eyes, unfit_approval
from otsp_compliance.rules.states import Action, State, approval_of

_REFUSALS = {"returned": Action.RETURN, "rejected": Action.REJECT}


class StepTakenUp(Conflict):
    slug: ClassVar[str] = "step-already-accepted"
    title: ClassVar[str] = "The step is already taken up"
    detail_zh: ClassVar[str] = "该申请已由本部门受理，请刷新后查看。"


class StepNotTakenUp(Conflict):
    slug: ClassVar[str] = "step-not-accepted"
    title: ClassVar[str] = "Nobody has taken the step up"
    detail_zh: ClassVar[str] = "尚未受理：请先由一名审核员受理，再由另一名审核员审核批准。"


class FourEyes(Conflict):
    slug: ClassVar[str] = "four-eyes"
    title: ClassVar[str] = "Whoever accepted may not approve"
    detail_zh: ClassVar[str] = "受理人与批准人不能为同一人：请由本部门另一名审核员批准。"


@dataclass(frozen=True, slots=True)
class Seat:
    """In whose name, and by whom."""

    authority_id: UUID
    authority_name: str
    account_id: UUID


@dataclass(frozen=True, slots=True)
class Opinion:
    """`outcome` is approved, returned or rejected; `overrides` maps rules to reasons."""

    outcome: str
    reason: str | None
    overrides: dict[str, str]
    warnings_read: list[str]


def accept_case(principal: Principal, case_id: UUID, *, step_no: int | None) -> CaseView:
    """The step is taken up; on the first one the application is accepted (受理)."""
    authority = require_authority(principal)
    with transaction() as tx:
        held = steps.hold(tx, case_id)
        step = steps.require_its_turn(tx, held.case, authority=authority, step_no=step_no)
        application = held.application
        hold_case(tx, held.case, principal)
        if step.accepted_by is not None:
            raise StepTakenUp
        today, actor = clock.today(), principal.account_id
        if application.state == State.SUBMITTED:
            submission.accept(tx, application, step, on=today, actor=actor)
            clocks.accept(tx, held.case, on=today, is_deemed=False)
        else:
            submission.advance(tx, application, Action.ACCEPT)
            step.accepted_by, step.accepted_on = actor, today
        held.case.touch()
        _record(tx, "compliance.case_step_accepted", held.case)
        return tell_case(tx, case_id)


def take_lease(tx: Tx, principal: Principal, held: Held, *, step: CaseStep) -> None:
    """Where four eyes are owed, the second person need not take the case over from the first."""
    holder, me = held.case.holder_on(clock.today()), principal.account_id
    is_second = holder is not None and holder == step.accepted_by != me
    if is_second and _needs_second(tx, step):
        change_hands(tx, held.case, Change(how=CLAIMED, to=me, by=me))
    else:
        hold_case(tx, held.case, principal)


def accept_by_law(tx: Tx, case_id: UUID, *, on: date) -> None:
    """The authority said nothing in time: accepted as of `on`, the day of receipt. Repeated it
    changes nothing.

    Nobody has taken the step up by that, so that four eyes are still owed.
    """
    held = steps.hold(tx, case_id)
    if held.application.state != State.SUBMITTED:
        return
    step = tx.get_one(CaseStep, (case_id, held.case.step_no), with_for_update=True)
    submission.accept(tx, held.application, step, on=on, actor=None)
    clocks.accept(tx, held.case, on=clock.today(), is_deemed=True)
    held.case.touch()
    _record(tx, "compliance.case_deemed_accepted", held.case)


def decide_step(
    tx: Tx, principal: Principal, held: Held, *, step: CaseStep, opinion: Opinion
) -> None:
    """Approved, the case goes to its next step; on the last one, or refused, it is over."""
    application = held.application
    _require_in_review(application)
    if opinion.outcome == "approved":
        _require_second(tx, principal, step)
        require_read(tx, application, opinion)
    step.decide(opinion.outcome, by=principal.account_id, on=clock.today(), reason=opinion.reason)
    seat = Seat(step.authority_id, step.authority_name, principal.account_id)
    is_final = opinion.outcome != "approved" or held.case.step_no == held.case.step_count
    decision = put_decision(tx, held, opinion, seat=seat, is_final=is_final)
    _record(tx, f"compliance.application_{opinion.outcome}", held.case, reason=opinion.reason)
    if is_final:
        submission.settle(tx, application, _ending_of(application.kind, opinion.outcome))
        _end(tx, held.case, decision)
        take_effect(tx, application, decision)
    else:
        submission.advance(tx, application, Action.APPROVE_STEP)
        steps.pass_on(tx, held.case, principal, on=decision.decided_on)


def require_read(tx: Tx, application: Application, opinion: Opinion) -> None:
    """Raises Invalid unless exceptions are answered and warnings are read."""
    found = tx.execute(
        select(Finding.rule_id, Finding.severity, Finding.exception_reason).where(
            Finding.request_id == application.request_id
        )
    ).all()
    errors = unfit_approval(
        excused={row.rule_id for row in found if row.exception_reason is not None},
        overrides=opinion.overrides,
        warnings={row.rule_id for row in found if row.severity == "W"},
        warnings_read=opinion.warnings_read,
    )
    if faults := list(errors):
        raise Invalid(errors=faults)


def put_decision(
    tx: Tx,
    held: Held,
    opinion: Opinion,
    *,
    seat: Seat,
    is_final: bool = True,
    replaces: UUID | None = None,
) -> Decision:
    """Written for good, under the number that follows the application's last one."""
    application, sealed = held.application, recall(tx, held.application.request_id)
    decision = Decision(
        decision_id=new_id(),
        **_subject(held),
        is_final=is_final,
        outcome=opinion.outcome,
        reason=opinion.reason,
        overrides=[
            {"rule_id": rule_id, "reason": reason}
            for rule_id, reason in sorted(opinion.overrides.items())
        ],
        warnings_read=sorted(set(opinion.warnings_read)),
        request_id=application.request_id,
        snapshot_sha256=sealed.sha256,
        authority_id=seat.authority_id,
        authority_name=seat.authority_name,
        decided_by=seat.account_id,
        decided_on=clock.today(),
        decided_at=clock.business_now(),
        doc_no=_next_number(tx, application),
        appeal_text=appeal_of(opinion.outcome),
        replaces=replaces,
        valid_to=sealed.valid_to if opinion.outcome == "approved" else None,
    )
    tx.add(decision)
    tx.flush()
    return decision


def _subject(held: Held) -> dict[str, Any]:
    """What is decided on, in the decision's columns."""
    application = held.application
    return {
        "application_id": application.application_id,
        "case_id": held.case.case_id,
        "institution_id": application.institution_id,
        "institution_name": application.institution_name,
        "region_code": application.region_code,
        "application_kind": application.kind,
        "seq_no": application.number,
        "step_no": held.case.step_no,
    }


def _end(tx: Tx, case: ReviewCase, decision: Decision) -> None:
    ending = steps.Ending(
        decision.outcome,
        decision.decided_on,
        decision.reason,
        decision.authority_id,
        decision.decided_by,
    )
    steps.end(
        tx,
        case,
        ending,
        decision_id=decision.decision_id,
        application_kind=decision.application_kind,
        snapshot_sha256=decision.snapshot_sha256,
        doc_no=decision.doc_no,
        valid_to=decision.valid_to,
    )


def _ending_of(kind: str, outcome: str) -> Action:
    return approval_of(kind) if outcome == "approved" else _REFUSALS[outcome]


def _require_in_review(application: Application) -> None:
    if application.state == State.SUBMITTED:
        raise StepNotTakenUp
    if application.state != State.IN_REVIEW:
        raise ActionImpossible(state=application.state)


def _require_second(tx: Tx, principal: Principal, step: CaseStep) -> None:
    if not _needs_second(tx, step):
        return
    if step.accepted_by is None:
        raise StepNotTakenUp
    if step.accepted_by == principal.account_id:
        raise FourEyes


def _needs_second(tx: Tx, step: CaseStep) -> bool:
    authority = tx.get(AuthorityRef, step.authority_id)
    return needs_four_eyes(authority.reviewer_count if authority else None)


def _next_number(tx: Tx, application: Application) -> str:
    """The application's row is locked: nobody counts beside us."""
    known = select(func.count()).where(Decision.application_id == application.application_id)
    return f"{application.number}-{(tx.scalar(known) or 0) + 1}"


def _record(tx: Tx, action: str, case: ReviewCase, *, reason: str | None = None) -> None:
    audit.record(
        tx,
        action,
        object_type="review_case",
        object_id=case.case_id,
        institution_id=case.institution_id,
        reason=reason,
    )
