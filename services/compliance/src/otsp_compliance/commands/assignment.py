"""Takes, releases, takes over, assigns cases (领办, 退回待办, 接办, 分派); says what is urgent."""

from typing import ClassVar
from uuid import UUID

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Conflict, Invalid, NotFound
from otsp_compliance.commands.leases import (
    Change,
    change_hands,
    held_by_another,
    hold_case,
    may_act_for,
)
from otsp_compliance.commands.steps import CaseNotRoutedHere
from otsp_compliance.model import AuthorityRef, ReviewCase
from otsp_compliance.model.leases import ASSIGNED, COVERED, RELEASED, TAKEN_OVER
from otsp_compliance.queries.cases import CaseView, tell_case
from otsp_compliance.queries.visibility import require_authority
from otsp_contracts.values import FieldError


class CaseNotHeld(Conflict):
    slug: ClassVar[str] = "case-not-held"
    title: ClassVar[str] = "Nobody holds the case"
    detail_zh: ClassVar[str] = "该事项当前无人领办，无需退回待办。"


def claim_case(principal: Principal, case_id: UUID) -> CaseView:
    """Free, or mine already: then it is mine for longer."""
    with transaction() as tx:
        case = _lock_own(tx, principal, case_id)
        hold_case(tx, case, principal)
        return tell_case(tx, case_id)


def release_case(principal: Principal, case_id: UUID) -> CaseView:
    """Back to the authority's worklist."""
    with transaction() as tx:
        case = _lock_own(tx, principal, case_id)
        holder = case.holder_on(clock.today())
        if holder is None:
            raise CaseNotHeld
        if not may_act_for(tx, principal, holder):
            raise held_by_another(case)
        change_hands(tx, case, Change(how=RELEASED, to=None, by=principal.account_id))
        return tell_case(tx, case_id)


def take_over_case(principal: Principal, case_id: UUID, *, reason: str | None) -> CaseView:
    """From a colleague with a reason; without one when on leave, or once the lease is over."""
    me = principal.account_id
    with transaction() as tx:
        case = _lock_own(tx, principal, case_id)
        holder = case.holder_on(clock.today())
        if holder is None or holder == me:
            hold_case(tx, case, principal)
        elif may_act_for(tx, principal, holder):
            change_hands(tx, case, Change(how=COVERED, to=me, by=me, reason=reason))
        else:
            _require_reason(reason)
            change_hands(tx, case, Change(how=TAKEN_OVER, to=me, by=me, reason=reason))
        return tell_case(tx, case_id)


def assign_case(
    principal: Principal, case_id: UUID, *, account_id: UUID, reason: str | None
) -> CaseView:
    """By the region administrator, to somebody who may decide cases of the authority."""
    with transaction() as tx:
        case = _lock_own(tx, principal, case_id)
        authority = tx.get(AuthorityRef, case.authority_id)
        if authority is None or account_id not in (authority.reviewer_ids or ()):
            detail = "请选择本部门在用的审核员账户。"
            raise Invalid(errors=[FieldError("/account_id", "unknown_person", detail)])
        if case.holder_on(clock.today()) not in (None, account_id):
            _require_reason(reason)
        by = principal.account_id
        change_hands(tx, case, Change(how=ASSIGNED, to=account_id, by=by, reason=reason))
        return tell_case(tx, case_id)


def prioritise_case(principal: Principal, case_id: UUID, *, priority: str, reason: str) -> CaseView:
    """Urgent, or no more; a region administrator says why."""
    with transaction() as tx:
        case = _lock_own(tx, principal, case_id)
        before = case.priority
        case.priority, case.priority_reason = priority, reason
        audit.record(
            tx,
            "compliance.case_prioritised",
            object_type="review_case",
            object_id=case_id,
            institution_id=case.institution_id,
            before={"priority": before},
            after={"priority": priority},
            reason=reason,
        )
        return tell_case(tx, case_id)


def _lock_own(tx: Tx, principal: Principal, case_id: UUID) -> ReviewCase:
    """Open, and with the caller's authority."""
    authority = require_authority(principal)
    case = tx.get(ReviewCase, case_id, with_for_update=True)
    if case is None:
        raise NotFound
    if case.authority_id != authority.authority_id:
        raise CaseNotRoutedHere
    case.require_open()
    return case


def _require_reason(reason: str | None) -> None:
    if not reason:
        detail = "该事项仍在其他审核员的办理期限内，接办或改派须说明理由。"
        raise Invalid(errors=[FieldError("/reason", "required", detail)])
