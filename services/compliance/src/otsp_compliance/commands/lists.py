"""Puts institutions on the grey, the black and the closed list, and takes them off.

A reviewer proposes; the region administrator of the same authority lists or refuses (domain
specification §1.8). The administrator's own entry is on the list at once. Who has been
deregistered comes on the closed list by itself and stays.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Conflict, Forbidden, Invalid, NotFound
from otsp_compliance.commands.rectification import InstitutionUnknown
from otsp_compliance.model import AuthorityRef, InstitutionRef, ListEntry, RegisterEntry
from otsp_compliance.model.register import CLOSED, LISTED, PROPOSED, REFUSED
from otsp_compliance.queries.lists import ListEntryView, tell_list_entry
from otsp_compliance.queries.visibility import require_authority
from otsp_contracts.compliance.register import ListEntryChanged
from otsp_contracts.values import FieldError

REGION_ADMIN = "region_admin"


class AlreadyListed(Conflict):
    slug: ClassVar[str] = "list-entry-exists"
    title: ClassVar[str] = "The institution is on this list or proposed for it"
    detail_zh: ClassVar[str] = "该机构已在此名单上或正待确认，请先处理已有条目。"


class ListedByAnother(Forbidden):
    slug: ClassVar[str] = "list-entry-of-another-authority"
    title: ClassVar[str] = "The entry is another authority's"
    detail_zh: ClassVar[str] = "该名单条目由其他部门提出，须由该部门的区域管理员处理。"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewListEntry:
    """By `institution_id`, or by name and region for somebody who is not on the platform."""

    list_type: str
    institution_id: UUID | None
    name: str | None
    region_code: str | None
    reason: str
    basis_doc: str | None
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A deregistration that is complete; `basis_doc` is the number of the decision on it."""

    institution_id: UUID
    name: str
    uscc: str | None
    region_code: str
    closed_on: date
    reason_zh: str
    basis_doc: str | None
    authority_id: UUID | None
    authority_name: str | None


def propose(principal: Principal, new: NewListEntry) -> ListEntryView:
    """The reviewer's proposal, or the administrator's entry."""
    authority = require_authority(principal)
    with transaction() as tx:
        entry = ListEntry(
            list_entry_id=new_id(),
            list_type=new.list_type,
            state=PROPOSED,
            reason=new.reason,
            basis_doc=new.basis_doc,
            from_on=new.from_on or clock.today(),
            to_on=new.to_on,
            authority_id=authority.authority_id,
            authority_name=_name_of(tx, authority),
            proposed_by=principal.account_id,
            proposed_at=clock.business_now(),
            **_subject(tx, new),
        )
        principal.require_jurisdiction(entry.region_code)
        _require_period(entry)
        _require_alone(tx, entry)
        if principal.role == REGION_ADMIN:
            entry.decide(LISTED, on=clock.today(), by=principal.account_id, reason=None)
        entry.found_by(entry.name)
        tx.add(entry)
        _tell(tx, entry, before=None, actor=principal.account_id)
        return tell_list_entry(tx, entry.list_entry_id)


def decide(
    principal: Principal, list_entry_id: UUID, *, is_confirmed: bool, reason: str | None
) -> ListEntryView:
    """The administrator's word on a proposal of the own authority."""
    with transaction() as tx:
        entry = _hold_own(tx, principal, list_entry_id)
        before, state = entry.state, LISTED if is_confirmed else REFUSED
        entry.decide(state, on=clock.today(), by=principal.account_id, reason=reason)
        _tell(tx, entry, before=before, actor=principal.account_id, reason=reason)
        return tell_list_entry(tx, list_entry_id)


def end(principal: Principal, list_entry_id: UUID, *, reason: str) -> ListEntryView:
    """Off the list from today on; that it was there stays known."""
    with transaction() as tx:
        entry = _hold_own(tx, principal, list_entry_id)
        before = entry.state
        entry.end(on=clock.today(), by=principal.account_id, reason=reason)
        _tell(tx, entry, before=before, actor=principal.account_id, reason=reason)
        return tell_list_entry(tx, list_entry_id)


def end_expired(today: date) -> None:
    """Entries whose last day is over."""
    with transaction() as tx:
        expired = select(ListEntry).where(ListEntry.state == LISTED, ListEntry.to_on < today)
        for entry in tx.scalars(expired.with_for_update(skip_locked=True)):
            before = entry.state
            entry.end(on=today, by=None, reason=None)
            _tell(tx, entry, before=before, actor=None)


def enter_closed(tx: Tx, closure: Closure) -> None:
    """Told again it is the same entry."""
    known = select(ListEntry.list_entry_id).where(
        ListEntry.institution_id == closure.institution_id, ListEntry.list_type == CLOSED
    )
    if tx.scalar(known) is not None:
        return
    entry = ListEntry(
        list_entry_id=new_id(),
        list_type=CLOSED,
        state=LISTED,
        institution_id=closure.institution_id,
        name=closure.name,
        uscc=closure.uscc,
        region_code=closure.region_code,
        reason=closure.reason_zh,
        basis_doc=closure.basis_doc,
        from_on=closure.closed_on,
        authority_id=closure.authority_id,
        authority_name=closure.authority_name,
        proposed_at=clock.business_now(),
        decided_on=closure.closed_on,
    )
    entry.found_by(entry.name)
    tx.add(entry)
    _tell(tx, entry, before=None, actor=None)


def _name_of(tx: Tx, authority: AuthorityClaim) -> str:
    known = tx.get(AuthorityRef, authority.authority_id)
    return known.name if known is not None else authority.name


def _subject(tx: Tx, new: NewListEntry) -> dict[str, object]:
    """Who is listed, by the register's word where it knows them."""
    if new.institution_id is None:
        return {"name": new.name, "region_code": new.region_code}
    institution = tx.get(InstitutionRef, new.institution_id)
    if institution is None:
        raise InstitutionUnknown
    registered = tx.get(RegisterEntry, new.institution_id)
    return {
        "institution_id": institution.institution_id,
        "name": institution.name,
        "uscc": registered.uscc if registered is not None else None,
        "region_code": institution.region_code,
    }


def _require_period(entry: ListEntry) -> None:
    if entry.to_on is not None and entry.to_on < max(entry.from_on, clock.today()):
        told = "截止日期不能早于起始日期，也不能早于今天。"
        raise Invalid(errors=[FieldError("/to_on", "too_early", told)])


def _require_alone(tx: Tx, entry: ListEntry) -> None:
    """One entry of a list for an institution; the institution's row keeps two proposers apart."""
    if entry.institution_id is None:
        return
    tx.get_one(InstitutionRef, entry.institution_id, with_for_update=True)
    other = select(ListEntry.list_entry_id).where(
        ListEntry.institution_id == entry.institution_id,
        ListEntry.list_type == entry.list_type,
        ListEntry.state.in_([PROPOSED, LISTED]),
    )
    if tx.scalar(other) is not None:
        raise AlreadyListed


def _hold_own(tx: Tx, principal: Principal, list_entry_id: UUID) -> ListEntry:
    authority = require_authority(principal)
    entry = tx.get(ListEntry, list_entry_id, with_for_update=True)
    if entry is None:
        raise NotFound
    principal.require_jurisdiction(entry.region_code)
    if entry.authority_id != authority.authority_id:
        raise ListedByAnother
    return entry


def _tell(
    tx: Tx, entry: ListEntry, *, before: str | None, actor: UUID | None, reason: str | None = None
) -> None:
    tx.flush()  # the event carries the version after the change
    publish(
        tx,
        ListEntryChanged(
            version=entry.version,
            actor=actor,
            from_state=before,
            to_state=entry.state,
            list_entry_id=entry.list_entry_id,
            list_type=entry.list_type,
            institution_id=entry.institution_id,
            region_code=entry.region_code,
            authority_id=entry.authority_id,
            from_on=entry.from_on,
            to_on=entry.to_on,
        ),
    )
    audit.record(
        tx,
        f"compliance.list_entry_{entry.state}",
        object_type="list_entry",
        object_id=entry.list_entry_id,
        institution_id=entry.institution_id,
        after={"list_type": entry.list_type},
        reason=reason or entry.reason,
    )
