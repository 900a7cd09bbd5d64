"""Takes, releases, takes over cases (领办, 退回待办, 接办)."""

from typing import ClassVar
from uuid import UUID

from otsp_chassis import clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Conflict, Invalid, NotFound
from otsp_compliance.commands.decisions import CaseNotRoutedHere
from otsp_compliance.commands.leases import Change, change_hands, held_by_another, hold_case
from otsp_compliance.model import ReviewCase
from otsp_compliance.model.leases import RELEASED, TAKEN_OVER
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
        if holder != principal.account_id:
            raise held_by_another(case)
        change_hands(tx, case, Change(how=RELEASED, to=None, by=principal.account_id))
        return tell_case(tx, case_id)


def take_over_case(principal: Principal, case_id: UUID, *, reason: str | None) -> CaseView:
    """From a colleague with a reason; without one once the lease is over."""
    me = principal.account_id
    with transaction() as tx:
        case = _lock_own(tx, principal, case_id)
        if case.holder_on(clock.today()) in (None, me):
            hold_case(tx, case, principal)
        else:
            _require_reason(reason)
            change_hands(tx, case, Change(how=TAKEN_OVER, to=me, by=me, reason=reason))
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
        detail = "该事项仍在同事的办理期限内，接办须说明理由。"
        raise Invalid(errors=[FieldError("/reason", "required", detail)])
