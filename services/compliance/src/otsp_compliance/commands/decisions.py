"""Decides and closes cases."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, select

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Conflict, Forbidden, Invalid, NotFound
from otsp_compliance.commands import clocks
from otsp_compliance.commands.casework import tell_routed
from otsp_compliance.commands.leases import hold_case
from otsp_compliance.model import CaseStep, ReviewCase
from otsp_compliance.model.cases import COMPLIANCE, OPEN, OUTCOMES
from otsp_compliance.queries.cases import CaseView, tell_case
from otsp_compliance.queries.visibility import require_authority
from otsp_contracts.compliance import CaseDecided
from otsp_contracts.values import FieldError


class CaseNotRoutedHere(Forbidden):
    slug: ClassVar[str] = "case-not-routed-here"
    title: ClassVar[str] = "The case lies with another authority"
    detail_zh: ClassVar[str] = "该事项当前不由本部门办理。"


class ComplianceReviewClosed(Conflict):
    slug: ClassVar[str] = "compliance-review-closed"
    title: ClassVar[str] = "Compliance applications are not decided here"
    detail_zh: ClassVar[str] = "合规申请须按审核流程办理，不能在此直接作出决定。"


class CaseMovedOn(Conflict):
    slug: ClassVar[str] = "case-moved-on"
    title: ClassVar[str] = "The case is at another step"
    detail_zh: ClassVar[str] = "该事项已进入其他审核环节，请刷新后查看。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`decision` is approve, return or reject; `step_no` guards against a step already left."""

    decision: str
    reason: str | None
    decided_on: date | None
    step_no: int | None


@dataclass(frozen=True, slots=True)
class _Verdict:
    """How a case ends; no authority when its institution took it back."""

    decision: str
    decided_on: date
    reason: str | None
    authority_id: UUID | None
    actor: UUID


def decide_case(principal: Principal, case_id: UUID, given: Decision) -> CaseView:
    """One decision a step, by the authority that the case lies with."""
    authority = require_authority(principal)
    decided_on = given.decided_on or clock.today()
    if decided_on > clock.today():
        raise Invalid(errors=[FieldError("/decided_on", "in_future", "办理日期不能晚于今天。")])
    with transaction() as tx:
        case = tx.get(ReviewCase, case_id, with_for_update=True)
        if case is None:
            raise NotFound
        _require_its_turn(tx, case, authority=authority, step_no=given.step_no)
        hold_case(tx, case, principal)
        step = tx.get_one(CaseStep, (case_id, case.step_no))
        step.decision, step.reason = OUTCOMES[given.decision], given.reason
        step.decided_by = principal.account_id
        step.decided_on = decided_on
        step.decided_at = clock.business_now()
        audit.record(
            tx,
            f"compliance.case_step_{step.decision}",
            object_type="review_case",
            object_id=case_id,
            institution_id=case.institution_id,
            reason=given.reason,
        )
        if given.decision == "approve" and case.step_no < case.step_count:
            _pass_on(tx, case, principal, on=decided_on)
        else:
            by, actor = step.authority_id, principal.account_id
            _close(tx, case, _Verdict(step.decision, decided_on, given.reason, by, actor))
        return tell_case(tx, case_id)


def withdraw_case(tx: Tx, subject_id: UUID, *, actor: UUID) -> None:
    """Closes the open case of a subject that its institution took back before any decision."""
    open_one = select(ReviewCase).where(
        ReviewCase.subject_id == subject_id, ReviewCase.state == OPEN
    )
    case = tx.scalars(open_one.with_for_update()).first()
    if case is None:
        return
    if _has_decided_step(tx, case.case_id):
        raise CaseMovedOn(step_no=case.step_no)
    _close(tx, case, _Verdict("withdrawn", clock.today(), None, None, actor))


def _pass_on(tx: Tx, case: ReviewCase, principal: Principal, *, on: date) -> None:
    clocks.stop(tx, case, on=on)
    following = tx.get_one(CaseStep, (case.case_id, case.step_no + 1))
    case.step_no = following.step_no
    case.authority_id = following.authority_id
    case.end_lease()
    clocks.begin(tx, case, on=clock.today())
    tell_routed(tx, case, case.authority_id, actor=principal.account_id)


def _require_its_turn(
    tx: Tx, case: ReviewCase, *, authority: AuthorityClaim, step_no: int | None
) -> None:
    if case.authority_id != authority.authority_id:
        if _has_decided_step(tx, case.case_id, authority.authority_id):
            raise CaseMovedOn(step_no=case.step_no)
        raise CaseNotRoutedHere
    case.require_open()
    if case.kind == COMPLIANCE:
        raise ComplianceReviewClosed
    if step_no is not None and step_no != case.step_no:
        raise CaseMovedOn(step_no=case.step_no)


def _has_decided_step(tx: Tx, case_id: UUID, authority_id: UUID | None = None) -> bool:
    query = select(func.count()).where(CaseStep.case_id == case_id, CaseStep.decision.is_not(None))
    if authority_id is not None:
        query = query.where(CaseStep.authority_id == authority_id)
    return bool(tx.scalar(query))


def _close(tx: Tx, case: ReviewCase, verdict: _Verdict) -> None:
    case.close(verdict.decision, on=verdict.decided_on, reason=verdict.reason)
    clocks.stop(tx, case, on=verdict.decided_on)
    tx.flush()  # the event carries the version after the change
    publish(
        tx,
        CaseDecided(
            case_id=case.case_id,
            version=case.version,
            actor=verdict.actor,
            institution_id=case.institution_id,
            kind=case.kind,
            subject_id=case.subject_id,
            decision=verdict.decision,
            decided_on=verdict.decided_on,
            authority_id=verdict.authority_id,
            reason=verdict.reason,
        ),
    )
