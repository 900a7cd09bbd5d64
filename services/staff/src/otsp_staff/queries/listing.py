"""Lists of people: narrowed, searched, in one of several orders, page by page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)

from otsp_chassis.clock import today
from otsp_chassis.db import Reader
from otsp_chassis.page import BEGINNING, Page, decode_id, make_page
from otsp_chassis.search import matching
from otsp_chassis.sight import MASKED, OWN, Sight
from otsp_chassis.statements import Read
from otsp_staff.model import UNKNOWN_DAY
from otsp_staff.queries.checks import due
from otsp_staff.queries.people import PEOPLE, STAFF, seen
from otsp_staff.rules.rows import INSTRUCTING, StaffRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people; what is empty narrows nothing. `id_index` and `mobile_tail` are blind."""

    status: str | None = None
    staff_types: Sequence[str] = ()
    employments: Sequence[str] = ()
    checks: Sequence[str] = ()
    q: str | None = None
    id_index: bytes | None = None
    mobile_tail: bytes | None = None
    sort: str = "registered"


Filters = Mapping[str, Any]
"""Those of the list, by their names in the contract."""


_EVERYBODY: Final = Wanted()
_PAGE: Final = Read(
    PEOPLE.where(STAFF.c.staff_id > bindparam("after"))
    .order_by(STAFF.c.staff_id)
    .limit(bindparam("limit"))
)


def wanted_by(filters: Filters) -> Wanted:
    return Wanted(
        status=filters.get("status"),
        staff_types=filters.get("staff_type") or (),
        employments=filters.get("employment") or (),
        checks=filters.get("check_due") or (),
        q=filters.get("q"),
        sort=filters.get("sort", "registered"),
    )


def list_staff(
    tx: Reader,
    institution_id: UUID,
    *,
    sight: Sight,
    wanted: Wanted,
    cursor: str | None,
    limit: int,
) -> Page[StaffRow]:
    """In order of registration, of the sound of names, or of hiring days; unknown ones first."""
    rows: Iterable[Any]
    if wanted == _EVERYBODY:
        after = BEGINNING if cursor is None else decode_id(cursor)
        rows = _PAGE.rows(tx, {"of": institution_id, "after": after, "limit": limit + 1})
    else:
        query = narrowed(sight, wanted, cursor).limit(limit + 1)
        rows = tx.execute(query, {"of": institution_id})
    day = today()
    people = [seen(row, day, sight) for row in rows]
    return make_page(people, limit, key=lambda person: [person.staff_id])


def narrowed(sight: Sight, wanted: Wanted, cursor: str | None) -> Select[Any]:
    """The statement behind a page; names that are told masked are not searched either."""
    query = PEOPLE.where(*_conditions(wanted))
    if wanted.q is not None:
        query = query.where(matching(STAFF.c, wanted.q))
        if sight.is_masked:
            query = query.where(STAFF.c.staff_type.in_(INSTRUCTING))
    order = _ORDERS[wanted.sort]
    query = query.order_by(*order.columns())
    return query if cursor is None else query.where(order.behind(cursor))


def listed_columns(institution_id: UUID, filters: Filters, names: Sequence[str]) -> Select[Any]:
    """The institution's whole list in its order, of each person these columns only; numbers as they
    are kept, sealed.
    """
    query = narrowed(OWN, wanted_by(filters), None).params(of=institution_id)
    told = (STAFF.c[_SEALED.get(name, name)].label(name) for name in names)
    return query.with_only_columns(*told)


def listed_people(institution_id: UUID, filters: Filters, _names: Sequence[str]) -> Select[Any]:
    """The whole list as an authority without a case narrows and orders it, each person as stored;
    `told_masked` makes of it what is told.
    """
    return narrowed(MASKED, wanted_by(filters), None).params(of=institution_id)


def told_masked(row: Row[Any], names: Iterable[str]) -> list[Any]:
    """What the list tells an authority without a case, of these fields."""
    person = seen(row, today(), MASKED)
    return [getattr(person, name) for name in names]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        conditions.append(STAFF.c.status == wanted.status)
    if wanted.staff_types:
        conditions.append(STAFF.c.staff_type.in_(wanted.staff_types))
    if wanted.employments:
        conditions.append(STAFF.c.employment.in_(wanted.employments))
    if wanted.checks:
        conditions.append(due(wanted.checks, today()))
    if wanted.id_index is not None:
        conditions.append(STAFF.c.id_index == wanted.id_index)
    if wanted.mobile_tail is not None:
        conditions.append(STAFF.c.mobile_tail_index == wanted.mobile_tail)
    return conditions


@dataclass(frozen=True, slots=True)
class _Order:
    """By one column and the id, or by the id alone."""

    column: ColumnElement[Any] | None = None
    is_reversed: bool = False

    def columns(self) -> list[ColumnElement[Any]]:
        by: list[ColumnElement[Any]] = [STAFF.c.staff_id]
        if self.column is not None:
            by.insert(0, self.column)
        return [each.desc() for each in by] if self.is_reversed else by

    def behind(self, cursor: str) -> ColumnElement[bool]:
        """The cursor is an id alone: it stands in addresses, where no name may."""
        last = decode_id(cursor)
        if self.column is None:
            return STAFF.c.staff_id > last
        there = select(self.column).where(STAFF.c.staff_id == last)
        place = tuple_(there.correlate(None).scalar_subquery(), literal(last))
        here = tuple_(self.column, STAFF.c.staff_id)
        return here < place if self.is_reversed else here > place


_SEALED: Final[Mapping[str, str]] = {
    "id_masked": "id_no_sealed",
    "birth_date": "id_no_sealed",
    "mobile_masked": "mobile_sealed",
}
"""What is told of a number → the column that keeps it."""
_HIRED_ON = func.coalesce(STAFF.c.hired_on, literal_column(f"DATE '{UNKNOWN_DAY}'"))
_ORDERS: Final[Mapping[str, _Order]] = {
    "registered": _Order(),
    "name": _Order(STAFF.c.name_order),
    "hired_on": _Order(_HIRED_ON),
    "-hired_on": _Order(_HIRED_ON, is_reversed=True),
}
