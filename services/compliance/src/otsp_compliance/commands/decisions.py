"""Decides cases: the one door for registrations, external reviews and applications."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Invalid
from otsp_compliance.commands import reviewing, steps
from otsp_compliance.model import CaseStep, ReviewCase
from otsp_compliance.model.cases import OPEN
from otsp_compliance.queries.cases import CaseView, tell_case
from otsp_compliance.queries.visibility import require_authority
from otsp_compliance.rules.decisions import OUTCOMES
from otsp_contracts.values import FieldError

MATERIALS = "external_review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """`decision` is approve, return or reject; `step_no` guards against a step already left.

    `overrides` and `warnings_read` are asked of applications only; those are decided today, and
    numbered by the platform. `doc_no` is the authority's number of an approved material (§2.10).
    """

    decision: str
    reason: str | None
    decided_on: date | None
    step_no: int | None
    doc_no: str | None = None
    overrides: dict[str, str] = field(default_factory=dict)
    warnings_read: list[str] = field(default_factory=list)


def decide_case(principal: Principal, case_id: UUID, given: Given) -> CaseView:
    """One decision a step, by the authority that the case lies with."""
    authority = require_authority(principal)
    decided_on = given.decided_on or clock.today()
    if decided_on > clock.today():
        raise Invalid(errors=[FieldError("/decided_on", "in_future", "办理日期不能晚于今天。")])
    with transaction() as tx:
        held = steps.hold(tx, case_id)
        step = steps.require_its_turn(tx, held.case, authority=authority, step_no=given.step_no)
        reviewing.take_lease(tx, principal, held, step=step)
        _require_numbered_here(held.case, given)
        if held.about is None:
            _decide(tx, principal, held.case, step=step, given=given)
        else:
            _require_today(decided_on)
            opinion = reviewing.Opinion(
                OUTCOMES[given.decision], given.reason, given.overrides, given.warnings_read
            )
            reviewing.decide_step(tx, principal, held, step=step, opinion=opinion)
        return tell_case(tx, case_id)


def withdraw_case(tx: Tx, subject_id: UUID, *, actor: UUID, may_be_decided: bool = False) -> None:
    """Closes the open case of a subject that its institution took back: before any decision, unless
    it is asked to supply something.
    """
    open_one = select(ReviewCase).where(
        ReviewCase.subject_id == subject_id, ReviewCase.state == OPEN
    )
    case = tx.scalars(open_one.with_for_update()).first()
    if case is None:
        return
    if not may_be_decided and steps.has_decided_step(tx, case.case_id):
        raise steps.CaseMovedOn(step_no=case.step_no)
    steps.end(tx, case, steps.Ending("withdrawn", clock.today(), None, None, actor))


def _decide(
    tx: Tx, principal: Principal, case: ReviewCase, *, step: CaseStep, given: Given
) -> None:
    decided_on = given.decided_on or clock.today()
    outcome = OUTCOMES[given.decision]
    step.decide(outcome, by=principal.account_id, on=decided_on, reason=given.reason)
    audit.record(
        tx,
        f"compliance.case_step_{outcome}",
        object_type="review_case",
        object_id=case.case_id,
        institution_id=case.institution_id,
        after={"doc_no": given.doc_no} if given.doc_no else None,
        reason=given.reason,
    )
    if given.decision == "approve" and case.step_no < case.step_count:
        steps.pass_on(tx, case, principal, on=decided_on)
        return
    ending = steps.Ending(
        outcome, decided_on, given.reason, step.authority_id, principal.account_id
    )
    numbered = {} if given.doc_no is None else {"doc_no": given.doc_no}
    steps.end(tx, case, ending, **numbered)


def _require_numbered_here(case: ReviewCase, given: Given) -> None:
    if given.doc_no is None or (case.kind == MATERIALS and given.decision == "approve"):
        return
    detail = "只有培训材料外部审核通过时才填写批准文号；其他决定不填，对申请的决定由平台编号。"
    raise Invalid(errors=[FieldError("/doc_no", "not_numbered_here", detail)])


def _require_today(decided_on: date) -> None:
    """A decision on an application has effects from the day on which it is made."""
    if decided_on != clock.today():
        raise Invalid(
            errors=[
                FieldError("/decided_on", "not_today", "对申请的决定自作出之日生效，不能倒签。")
            ]
        )
