"""Reads: people of one institution, with what is known of them elsewhere."""

from dataclasses import fields, replace
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Table, bindparam, exists, func, select

from otsp_chassis.clock import today
from otsp_chassis.db import Reader
from otsp_chassis.pii import decrypt, mask_cert, mask_id, mask_mobile, mask_name
from otsp_chassis.problems import NotFound
from otsp_chassis.sight import OWN, Sight
from otsp_chassis.statements import Read
from otsp_contracts.values import CitizenId, InvalidValue
from otsp_staff.model import BlacklistEntry, BlacklistMatch, EmploymentPeriod, Staff
from otsp_staff.rules.checks import checks_due
from otsp_staff.rules.doubts import doubts
from otsp_staff.rules.privacy import (
    PERSONAL,
    PERSONAL_UNLESS_PUBLIC,
    SCANS,
    SENSITIVE,
    is_public,
)
from otsp_staff.rules.rows import FormerEmployment, Qual, StaffRow

_HIDDEN = ("id_index", "id_no_sealed", "mobile_sealed", "work_permit_no_sealed")
_PLAIN = tuple(field.name for field in fields(StaffRow) if field.name in Staff.__table__.columns)

STAFF, _TWIN = cast("Table", Staff.__table__), cast("Table", Staff.__table__).alias()
_SAME_PERSON = (
    _TWIN.c.id_index == STAFF.c.id_index,
    _TWIN.c.staff_id != STAFF.c.staff_id,
    _TWIN.c.status == "employed",
    _TWIN.c.deleted_at.is_(None),
)
_LISTED = exists().where(
    BlacklistEntry.id_index == STAFF.c.id_index, BlacklistEntry.revoked_on.is_(None)
)
_ELSEWHERE = exists().where(
    *_SAME_PERSON,
    _TWIN.c.institution_id != STAFF.c.institution_id,
    _TWIN.c.employment == "full_time",
)
_HERE_TOO = exists().where(
    *_SAME_PERSON,
    _TWIN.c.institution_id == STAFF.c.institution_id,
    STAFF.c.status == "employed",
)
_DEPART_BY = (
    select(func.min(BlacklistMatch.depart_by))
    .join(BlacklistEntry, BlacklistEntry.entry_id == BlacklistMatch.entry_id)
    .where(
        BlacklistMatch.staff_id == STAFF.c.staff_id,
        BlacklistEntry.id_index == STAFF.c.id_index,
        BlacklistEntry.revoked_on.is_(None),
        STAFF.c.status == "employed",
    )
    .scalar_subquery()
)
PEOPLE = select(
    *(STAFF.c[name] for name in (*_PLAIN, *_HIDDEN)),
    _LISTED.label("blacklisted"),
    _ELSEWHERE.label("other_full_time"),
    _HERE_TOO.label("registered_twice"),
    _DEPART_BY.label("depart_by"),
).where(STAFF.c.institution_id == bindparam("of"), STAFF.c.deleted_at.is_(None))
"""The one statement behind all reads of people: the row, and three looks by blind index.

Executed with `of`, the institution; made once, because that costs more than running it.
"""

_PERIOD = cast("Table", EmploymentPeriod.__table__)
_PERSON = Read(PEOPLE.where(STAFF.c.staff_id == bindparam("staff_id")))
_PERIODS = Read(
    select(*(_PERIOD.c[each.name] for each in fields(FormerEmployment)))
    .where(_PERIOD.c.staff_id == bindparam("staff_id"))
    .order_by(_PERIOD.c.period_id)
)
_EMPLOYED = Read(PEOPLE.where(STAFF.c.status == "employed").order_by(STAFF.c.staff_id))


def get_staff(tx: Reader, institution_id: UUID, staff_id: UUID, *, sight: Sight = OWN) -> StaffRow:
    """Raises NotFound for another institution's or a deleted person too."""
    row = _PERSON.first(tx, {"of": institution_id, "staff_id": staff_id})
    if row is None:
        raise NotFound
    return replace(seen(row, today(), sight), former_employments=_former(tx, staff_id, sight))


def employed(tx: Reader, institution_id: UUID, on: date) -> list[tuple[StaffRow, bytes | None]]:
    """Everybody who works there, each with the blind index, in one statement; ages on that day."""
    rows = _EMPLOYED.rows(tx, {"of": institution_id})
    return [(_staff_row(row, on), row.id_index) for row in rows]


def _former(tx: Reader, staff_id: UUID, sight: Sight) -> tuple[FormerEmployment, ...]:
    """Oldest first; ids are UUIDv7."""
    periods = [FormerEmployment(*row) for row in _PERIODS.rows(tx, {"staff_id": staff_id})]
    if sight.is_masked:
        periods = [replace(each, contract_file_id=None) for each in periods]
    return tuple(periods)


def seen(row: Row[Any], day: date, sight: Sight) -> StaffRow:
    """As the masking matrix (§5.3) has it: an authority reads more while it has a case."""
    person = _staff_row(row, day)
    if sight.is_own:
        return person
    kinds_alone = tuple(replace(check, due_on=None) for check in person.checks_due)
    person = replace(person, checks_due=kinds_alone)
    if not sight.is_masked:
        return replace(_without(person, SENSITIVE), mobile=_opened(row.mobile_sealed))
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


def _staff_row(row: Row[Any], day: date) -> StaffRow:
    number = _opened(row.id_no_sealed)
    mobile = _opened(row.mobile_sealed)
    permit = _opened(row.work_permit_no_sealed)
    citizen = _citizen(number)
    person = StaffRow(
        **{name: getattr(row, name) for name in _PLAIN},
        id_masked=number and mask_id(number),
        id_valid=None if number is None else citizen is not None,
        birth_date=citizen.birth_date if citizen else None,
        mobile_masked=mobile and mask_mobile(mobile),
        work_permit_masked=permit and mask_id(permit),
        work_permit_held=permit is not None,
        blacklisted=row.blacklisted,
        other_full_time=row.other_full_time,
        registered_twice=row.registered_twice,
        depart_by=row.depart_by,
    )
    doubted = tuple(doubts(person, day))
    due = tuple(checks_due(person, day)) if person.status == "employed" else ()
    return replace(person, warnings=doubted, checks_due=due) if doubted or due else person


def _citizen(number: str | None) -> CitizenId | None:
    try:
        return None if number is None else CitizenId.parse(number)
    except InvalidValue:
        return None


def _opened(sealed: bytes | None) -> str | None:
    return None if sealed is None else decrypt(sealed)
