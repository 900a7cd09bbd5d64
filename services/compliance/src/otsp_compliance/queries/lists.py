"""Reads of the grey, black and closed lists: by authorities and institutions, by everybody."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound
from otsp_chassis.search import matching
from otsp_compliance.model import ListEntry
from otsp_compliance.model.register import ENDED, LISTED
from otsp_compliance.queries.register import in_force, lies_in
from otsp_compliance.queries.visibility import readable, require_reader

_E = ListEntry.__table__.c
Told = TypeVar("Told", bound="PublicListEntry")


@dataclass(frozen=True, slots=True)
class PublicListEntry:
    """What everybody may know of an entry that is in force."""

    list_entry_id: UUID
    list_type: str
    institution_id: UUID | None
    name: str
    uscc: str | None
    region_code: str
    reason: str
    basis_doc: str | None
    from_on: date
    to_on: date | None
    authority_name: str | None


@dataclass(frozen=True, slots=True)
class ListEntryView(PublicListEntry):
    """An entry with how it came and went."""

    state: str
    authority_id: UUID | None
    proposed_at: datetime
    decided_on: date | None
    decision_reason: str | None
    ended_on: date | None
    end_reason: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which entries somebody asks for; what is None is not asked."""

    list_type: str | None = None
    state: str | None = None
    institution_id: UUID | None = None
    region: str | None = None
    q: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Raises BadParameter for what finds nothing ever."""
        found = [
            column == wanted
            for column, wanted in (
                (_E.list_type, self.list_type),
                (_E.state, self.state),
                (_E.institution_id, self.institution_id),
            )
            if wanted is not None
        ]
        if self.region is not None:
            found.append(lies_in(_E.region_code, self.region))
        if self.q is not None:
            found.append(matching(_E, self.q))
        return found


_TOLD_THEM = (LISTED, ENDED)


def list_entries(
    tx: Reader, principal: Principal, chosen: Chosen, *, cursor: str | None, limit: int
) -> Page[ListEntryView]:
    """Of one's jurisdiction, newest first; an institution sees its own once they were in force."""
    query = select(*_columns(ListEntryView)).where(
        readable(principal, ListEntry.institution_id, ListEntry.region_code), *chosen.conditions()
    )
    if principal.institution_id is not None:
        query = query.where(_E.state.in_(_TOLD_THEM))
    return _page(tx, query, ListEntryView, cursor=cursor, limit=limit)


def get_list_entry(tx: Reader, principal: Principal, list_entry_id: UUID) -> ListEntryView:
    """For the authorities above it, and for the institution once it was in force."""
    view = tell_list_entry(tx, list_entry_id)
    if principal.institution_id is not None:
        if principal.institution_id != view.institution_id or view.state not in _TOLD_THEM:
            raise NotFound
        return view
    require_reader(principal, institution_id=list_entry_id, region_code=view.region_code)
    return view


def tell_list_entry(tx: Reader, list_entry_id: UUID) -> ListEntryView:
    """For commands that have already judged who asks."""
    row = tx.execute(
        select(*_columns(ListEntryView)).where(_E.list_entry_id == list_entry_id)
    ).first()
    if row is None:
        raise NotFound
    return ListEntryView(**row._asdict())


def list_public_entries(
    tx: Reader, chosen: Chosen, *, cursor: str | None, limit: int
) -> Page[PublicListEntry]:
    """What is in force today, newest first."""
    query = select(*_columns(PublicListEntry)).where(in_force(clock.today()), *chosen.conditions())
    return _page(tx, query, PublicListEntry, cursor=cursor, limit=limit)


def _page(
    tx: Reader, query: Select[Any], kind: type[Told], *, cursor: str | None, limit: int
) -> Page[Told]:
    if cursor is not None:
        query = query.where(_E.list_entry_id < decode_id(cursor))
    rows = tx.execute(query.order_by(_E.list_entry_id.desc()).limit(limit + 1))
    views = [kind(**row._asdict()) for row in rows]
    return make_page(views, limit, key=lambda one: [one.list_entry_id])


def _columns(kind: type[PublicListEntry]) -> list[ColumnElement[Any]]:
    return [_E[each.name] for each in fields(kind)]
