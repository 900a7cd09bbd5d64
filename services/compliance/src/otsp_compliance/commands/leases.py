"""Who holds a case: a lease for some working days, renewed by whoever acts, that ends by itself.

Every function expects the case locked by its caller.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Conflict
from otsp_chassis.workcalendar import load_calendar
from otsp_compliance.model import AuthorityRef, CaseAssignment, ReviewCase
from otsp_compliance.model.cases import OPEN
from otsp_compliance.model.leases import (
    ASSIGNED,
    CLAIMED,
    COVERED,
    EXPIRED,
    RELEASED,
    TAKEN_OVER,
)
from otsp_compliance.queries.covers import covered_by
from otsp_compliance.settings import current_settings
from otsp_contracts.compliance.casework import CaseTakenOver

_TAKING = frozenset({TAKEN_OVER, ASSIGNED, COVERED})
_HAS_LEFT = "办理人已调离或停用"


class CaseHeldByAnother(Conflict):
    slug: ClassVar[str] = "case-held-by-another"
    title: ClassVar[str] = "A colleague holds the case"
    detail_zh: ClassVar[str] = "该事项正由本部门其他审核员办理，请与其联系，或者说明理由后接办。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A case changes hands: `to` nobody when it is let go, `by` nobody when its lease ran out."""

    how: str
    to: UUID | None
    by: UUID | None
    reason: str | None = None


def hold_case(tx: Tx, case: ReviewCase, principal: Principal) -> None:
    """Whoever acts on a case holds it; what a colleague holds must be taken over first.

    The case of somebody on leave stays theirs: that another acts on it is noted once.
    """
    me, holder = principal.account_id, case.holder_on(clock.today())
    if holder is None:
        change_hands(tx, case, Change(how=CLAIMED, to=me, by=me))
    elif not may_act_for(tx, principal, holder):
        raise held_by_another(case)
    elif holder == me or _is_noted_cover(tx, case, me):
        case.lease_to(holder, _lease_end(tx))
    else:
        change_hands(tx, case, Change(how=COVERED, to=holder, by=me))


def may_act_for(tx: Tx, principal: Principal, holder: UUID) -> bool:
    """For oneself, and for whom one covers."""
    return holder == principal.account_id or holder in covered_by(tx, principal.account_id)


def free_cases_of_leavers(tx: Tx, authority_id: UUID) -> None:
    """Who was transferred or suspended holds nothing any more, as soon as auth tells of it."""
    authority = tx.get(AuthorityRef, authority_id, populate_existing=True)
    if authority is None or authority.reviewer_ids is None:
        return
    held = select(ReviewCase).where(
        ReviewCase.authority_id == authority_id,
        ReviewCase.state == OPEN,
        ReviewCase.leased_until >= clock.today(),
        ReviewCase.assignee_id.not_in(authority.reviewer_ids),
    )
    for case in tx.scalars(held.order_by(ReviewCase.case_id).with_for_update()):
        change_hands(tx, case, Change(how=RELEASED, to=None, by=None, reason=_HAS_LEFT))


def change_hands(tx: Tx, case: ReviewCase, change: Change) -> None:
    """Kept for good; a lease that ran out unnoticed is noted before it."""
    until = _lease_end(tx)
    former, ended_on = case.assignee_id, case.leased_until
    if former is not None and case.holder_on(clock.today()) is None:
        case.end_lease()
        _keep(tx, case, Change(how=EXPIRED, to=None, by=None), former=former, on=ended_on)
        former = None
    if change.to is None:
        case.end_lease()
    else:
        case.lease_to(change.to, until)
    assignment_id = _keep(tx, case, change, former=former)
    _tell_former(tx, case, change, former=former, assignment_id=assignment_id)
    audit.record(
        tx,
        f"compliance.case_{change.how}",
        object_type="review_case",
        object_id=case.case_id,
        institution_id=case.institution_id,
        before={"assignee_id": former},
        after={"assignee_id": case.assignee_id, "leased_until": case.leased_until},
        reason=change.reason,
    )


def held_by_another(case: ReviewCase) -> CaseHeldByAnother:
    """Names the colleague by account alone: no service but auth knows more of people."""
    until = case.leased_until
    if until is None:
        return CaseHeldByAnother()
    return CaseHeldByAnother(
        f"该事项正由本部门其他审核员办理，至{until.year}年{until.month}月{until.day}日止。"
        "请与其联系，或者说明理由后接办。",
        assignee_id=str(case.assignee_id),
        leased_until=until.isoformat(),
    )


def _lease_end(tx: Tx) -> date:
    """The last day of a lease that begins or is renewed today."""
    return load_calendar(tx).add_working_days(clock.today(), current_settings().lease_working_days)


def _is_noted_cover(tx: Tx, case: ReviewCase, account_id: UUID) -> bool:
    notes = select(CaseAssignment.how, CaseAssignment.assigned_by).where(
        CaseAssignment.case_id == case.case_id
    )
    last = tx.execute(notes.order_by(CaseAssignment.assignment_id.desc()).limit(1)).first()
    return last is not None and (last.how, last.assigned_by) == (COVERED, account_id)


def _keep(
    tx: Tx, case: ReviewCase, change: Change, *, former: UUID | None, on: date | None = None
) -> UUID:
    assignment_id = new_id()
    tx.add(
        CaseAssignment(
            assignment_id=assignment_id,
            case_id=case.case_id,
            step_no=case.step_no,
            how=change.how,
            account_id=case.assignee_id,
            former_account_id=former,
            leased_until=case.leased_until,
            reason=change.reason,
            assigned_by=change.by,
            assigned_on=on or clock.today(),
            assigned_at=clock.business_now(),
        )
    )
    return assignment_id


def _tell_former(
    tx: Tx, case: ReviewCase, change: Change, *, former: UUID | None, assignment_id: UUID
) -> None:
    """Whoever lost it to somebody else's act; who gave it away knows."""
    if change.how not in _TAKING or former is None or former in (change.to, change.by):
        return
    if change.to is None or change.by is None or case.authority_id is None:
        return
    publish(
        tx,
        CaseTakenOver(
            case_id=case.case_id,
            assignment_id=assignment_id,
            actor=change.by,
            institution_id=case.institution_id,
            kind=case.kind,
            authority_id=case.authority_id,
            how=change.how,
            former_account_id=former,
            account_id=change.to,
            reason=change.reason,
        ),
    )
