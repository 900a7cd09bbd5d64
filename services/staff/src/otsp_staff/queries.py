"""Reads: people of one institution, with what is known of them elsewhere; the blacklist."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import RowMapping, Select, Table, bindparam, exists, select

from otsp_chassis.clock import today
from otsp_chassis.db import Reader
from otsp_chassis.files import AttachmentInfo, find_attachment
from otsp_chassis.identity import AuthorityClaim
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.pii import decrypt, mask_id, mask_mobile, mask_name
from otsp_chassis.problems import NotFound
from otsp_chassis.tables import review_lock
from otsp_contracts.values import CitizenId, InvalidValue
from otsp_staff.model import BlacklistEntry, Staff
from otsp_staff.rules.doubts import doubts
from otsp_staff.rules.rows import StaffRow

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
class EntryRow:
    """One blacklist entry as authorities see it; the number is never told again."""

    entry_id: UUID
    version: int
    id_type: str
    id_masked: str
    name_masked: str
    reason: str
    basis_doc: str
    decided_on: date
    decided_by: UUID
    region_code: str
    revoked_on: date | None
    revocation_reason: str | None


def get_staff(tx: Reader, institution_id: UUID, staff_id: UUID) -> StaffRow:
    """Raises NotFound for another institution's or a deleted person too."""
    query = _PEOPLE.where(_STAFF.c.staff_id == staff_id)
    row = tx.execute(query, {"of": institution_id}).mappings().first()
    if row is None:
        raise NotFound
    return _staff_row(row, today())


def list_staff(
    tx: Reader,
    institution_id: UUID,
    *,
    status: str | None,
    staff_types: Sequence[str],
    cursor: str | None,
    limit: int,
) -> Page[StaffRow]:
    """In order of registration."""
    query = _PEOPLE
    if status is not None:
        query = query.where(_STAFF.c.status == status)
    if staff_types:
        query = query.where(_STAFF.c.staff_type.in_(staff_types))
    if cursor is not None:
        query = query.where(_STAFF.c.staff_id > decode_id(cursor))
    query = query.order_by(_STAFF.c.staff_id).limit(limit + 1)
    rows = tx.execute(query, {"of": institution_id}).mappings()
    day = today()
    people = [_staff_row(row, day) for row in rows]
    return make_page(people, limit, key=lambda person: [person.staff_id])


def employed(tx: Reader, institution_id: UUID, on: date) -> list[tuple[StaffRow, bytes | None]]:
    """Everybody who works there, each with the blind index, in one statement; ages on that day."""
    rows = tx.execute(_EMPLOYED, {"of": institution_id}).mappings()
    return [(_staff_row(row, on), row["id_index"]) for row in rows]


def in_clear(
    tx: Reader, institution_id: UUID, staff_id: UUID, *, names: Sequence[str]
) -> dict[str, Any]:
    """The fields of one person as they were entered; whose they are is looked at as in a read."""
    sealed = [f"{name}_sealed" for name in names]
    columns = [each if each in _STAFF.c else name for each, name in zip(sealed, names, strict=True)]
    query = select(*(_STAFF.c[each] for each in columns)).where(
        _STAFF.c.staff_id == staff_id,
        _STAFF.c.institution_id == institution_id,
        _STAFF.c.deleted_at.is_(None),
    )
    row = tx.execute(query).first()
    if row is None:
        raise NotFound
    return {name: _clear(name, value) for name, value in zip(names, row, strict=True)}


def _clear(name: str, value: Any) -> Any:  # noqa: ANN401 - of whatever type the field is
    if not isinstance(value, bytes | memoryview):
        return value
    text = decrypt(bytes(value))
    return text.split(",") if name == "prohibited_kind" else text


def list_entries(
    tx: Reader, authority: AuthorityClaim, *, cursor: str | None, limit: int
) -> Page[EntryRow]:
    """Entries decided within the authority's jurisdiction, in order of entry."""
    regions = tx.execute(select(BlacklistEntry.region_code).distinct()).scalars()
    covered = [region for region in regions if authority.covers(region)]
    query = _entries().where(BlacklistEntry.region_code.in_(covered))
    if cursor is not None:
        query = query.where(BlacklistEntry.entry_id > decode_id(cursor))
    rows = tx.execute(query.order_by(BlacklistEntry.entry_id).limit(limit + 1)).mappings()
    entries = [_entry_row(row) for row in rows]
    return make_page(entries, limit, key=lambda entry: [entry.entry_id])


def get_entry(tx: Reader, entry_id: UUID) -> EntryRow:
    row = tx.execute(_entries().where(BlacklistEntry.entry_id == entry_id)).mappings().first()
    if row is None:
        raise NotFound
    return _entry_row(row)


def get_file(tx: Reader, institution_id: UUID, file_id: UUID) -> AttachmentInfo:
    """Raises NotFound for another institution's file too."""
    info = find_attachment(tx, institution_id, file_id)
    if info is None:
        raise NotFound
    return info


def find_review(tx: Reader, institution_id: UUID) -> UUID | None:
    """The application under which the institution's data are locked now."""
    held = select(review_lock.c.application_id).where(
        review_lock.c.institution_id == institution_id
    )
    return tx.execute(held).scalar()


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


def _entries() -> Select[Any]:
    return select(BlacklistEntry.__table__)


def _entry_row(row: RowMapping) -> EntryRow:
    return EntryRow(
        entry_id=row["entry_id"],
        version=row["version"],
        id_type=row["id_type"],
        id_masked=mask_id(decrypt(row["id_no_sealed"])),
        name_masked=mask_name(decrypt(row["name_sealed"])),
        reason=row["reason"],
        basis_doc=row["basis_doc"],
        decided_on=row["decided_on"],
        decided_by=row["decided_by"],
        region_code=row["region_code"],
        revoked_on=row["revoked_on"],
        revocation_reason=row["revocation_reason"],
    )
