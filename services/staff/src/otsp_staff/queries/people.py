"""Reads: people of one institution, with what is known of them elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import RowMapping, Table, bindparam, exists, select

from otsp_chassis.clock import today
from otsp_chassis.db import Reader
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.pii import decrypt, mask_cert, mask_id, mask_mobile, mask_name
from otsp_chassis.problems import NotFound
from otsp_contracts.values import CitizenId, InvalidValue
from otsp_staff.model import BlacklistEntry, Staff
from otsp_staff.queries.sight import OWN, Sight
from otsp_staff.rules.doubts import doubts
from otsp_staff.rules.privacy import (
    PERSONAL,
    PERSONAL_UNLESS_PUBLIC,
    SCANS,
    SENSITIVE,
    is_public,
)
from otsp_staff.rules.rows import Qual, StaffRow

_HIDDEN = ("id_index", "id_no_sealed", "mobile_sealed", "work_permit_no_sealed")
_PLAIN = tuple(field.name for field in fields(StaffRow) if field.name in Staff.__table__.columns)

_STAFF, _TWIN = cast("Table", Staff.__table__), cast("Table", Staff.__table__).alias()
_SAME_PERSON = (
    _TWIN.c.id_index == _STAFF.c.id_index,
    _TWIN.c.staff_id != _STAFF.c.staff_id,
    _TWIN.c.status == "employed",
    _TWIN.c.deleted_at.is_(None),
)
_LISTED = exists().where(
    BlacklistEntry.id_index == _STAFF.c.id_index, BlacklistEntry.revoked_on.is_(None)
)
_ELSEWHERE = exists().where(
    *_SAME_PERSON,
    _TWIN.c.institution_id != _STAFF.c.institution_id,
    _TWIN.c.employment == "full_time",
)
_HERE_TOO = exists().where(
    *_SAME_PERSON,
    _TWIN.c.institution_id == _STAFF.c.institution_id,
    _STAFF.c.status == "employed",
)
_PEOPLE = select(
    *(_STAFF.c[name] for name in (*_PLAIN, *_HIDDEN)),
    _LISTED.label("blacklisted"),
    _ELSEWHERE.label("other_full_time"),
    _HERE_TOO.label("registered_twice"),
).where(_STAFF.c.institution_id == bindparam("of"), _STAFF.c.deleted_at.is_(None))
"""The one statement behind all reads of people: the row, and three looks by blind index.

Executed with `of`, the institution; made once, because that costs more than running it.
"""

_EMPLOYED = _PEOPLE.where(_STAFF.c.status == "employed").order_by(_STAFF.c.staff_id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people; what is empty narrows nothing."""

    status: str | None = None
    staff_types: Sequence[str] = ()


def get_staff(tx: Reader, institution_id: UUID, staff_id: UUID, *, sight: Sight = OWN) -> StaffRow:
    """Raises NotFound for another institution's or a deleted person too."""
    query = _PEOPLE.where(_STAFF.c.staff_id == staff_id)
    row = tx.execute(query, {"of": institution_id}).mappings().first()
    if row is None:
        raise NotFound
    return _seen(row, today(), sight)


def list_staff(
    tx: Reader,
    institution_id: UUID,
    *,
    sight: Sight,
    wanted: Wanted,
    cursor: str | None,
    limit: int,
) -> Page[StaffRow]:
    """In order of registration."""
    query = _PEOPLE
    if wanted.status is not None:
        query = query.where(_STAFF.c.status == wanted.status)
    if wanted.staff_types:
        query = query.where(_STAFF.c.staff_type.in_(wanted.staff_types))
    if cursor is not None:
        query = query.where(_STAFF.c.staff_id > decode_id(cursor))
    query = query.order_by(_STAFF.c.staff_id).limit(limit + 1)
    rows = tx.execute(query, {"of": institution_id}).mappings()
    day = today()
    people = [_seen(row, day, sight) for row in rows]
    return make_page(people, limit, key=lambda person: [person.staff_id])


def employed(tx: Reader, institution_id: UUID, on: date) -> list[tuple[StaffRow, bytes | None]]:
    """Everybody who works there, each with the blind index, in one statement; ages on that day."""
    rows = tx.execute(_EMPLOYED, {"of": institution_id}).mappings()
    return [(_staff_row(row, on), row["id_index"]) for row in rows]


def _seen(row: RowMapping, day: date, sight: Sight) -> StaffRow:
    """As the masking matrix (§5.3) has it: an authority reads more while it has a case."""
    person = _staff_row(row, day)
    if sight.is_own:
        return person
    if not sight.is_masked:
        return replace(_without(person, SENSITIVE), mobile=_opened(row["mobile_sealed"]))
    withheld = SENSITIVE + PERSONAL + SCANS
    if not is_public(person.staff_type):
        withheld += PERSONAL_UNLESS_PUBLIC
        person = replace(person, name=person.name and mask_name(person.name))
    quals = [_masked_qual(qual) for qual in person.quals]
    return replace(_without(person, withheld), quals=quals)


def _without(person: StaffRow, names: tuple[str, ...]) -> StaffRow:
    emptied: dict[str, Any] = dict.fromkeys(names)
    return replace(person, withheld=names, **emptied)


def _masked_qual(qual: Qual) -> Qual:
    masked = qual.copy()
    masked["cert_no"] = qual["cert_no"] and mask_cert(qual["cert_no"])
    masked["scan_file_id"] = None
    return masked


def _staff_row(row: RowMapping, day: date) -> StaffRow:
    number = _opened(row["id_no_sealed"])
    mobile = _opened(row["mobile_sealed"])
    permit = _opened(row["work_permit_no_sealed"])
    citizen = _citizen(number)
    person = StaffRow(
        **{name: row[name] for name in _PLAIN},
        id_masked=number and mask_id(number),
        id_valid=None if number is None else citizen is not None,
        birth_date=citizen.birth_date if citizen else None,
        mobile_masked=mobile and mask_mobile(mobile),
        work_permit_masked=permit and mask_id(permit),
        work_permit_held=permit is not None,
        blacklisted=row["blacklisted"],
        other_full_time=row["other_full_time"],
        registered_twice=row["registered_twice"],
    )
    doubted = tuple(doubts(person, day))
    return replace(person, warnings=doubted) if doubted else person


def _citizen(number: str | None) -> CitizenId | None:
    try:
        return None if number is None else CitizenId.parse(number)
    except InvalidValue:
        return None


def _opened(sealed: bytes | None) -> str | None:
    return None if sealed is None else decrypt(sealed)
