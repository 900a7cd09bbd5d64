"""What is held of one person, for that person (个人信息保护法 §45): found by number and mobile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from otsp_chassis.db import Reader
from otsp_chassis.pii import decrypt
from otsp_chassis.tables import audit_entry
from otsp_staff.model import BlacklistEntry, InstitutionRef, Staff
from otsp_staff.queries.corrections import CorrectionView, corrections_of
from otsp_staff.rules.corrections import FIELDS

_MOST_LOOKS = 200
_NEVER_REPEATED = {"/id_masked", "/mobile_masked"}
"""Whoever asks has just proven them; the answer need not hold them once more."""

_SEALED = {"work_permit_masked": "work_permit_no_sealed"}
"""Where a sealed column has another name than the field."""


@dataclass(frozen=True, slots=True)
class HeldField:
    """One field as the institution entered it."""

    pointer: str
    label_zh: str
    value: Any


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody read what answers mask; `by` is institution or authority."""

    at: datetime
    by: str
    region_code: str | None
    fields: Sequence[str]
    reason: str | None


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """One institution's entry of the person. `looks`: the newest; `look_count`: all there are."""

    staff_id: UUID
    institution_id: UUID
    institution_name: str | None
    status: str
    is_deleted: bool
    entered_at: datetime
    fields: Sequence[HeldField]
    is_blacklisted: bool
    looks: Sequence[Look]
    look_count: int
    correction_requests: Sequence[CorrectionView]


def find_people(tx: Reader, *, id_index: bytes, mobile_index: bytes) -> list[Staff]:
    """Deleted entries too, as long as they are held; strangers find nothing."""
    query = select(Staff).where(Staff.id_index == id_index, Staff.mobile_index == mobile_index)
    return list(tx.execute(query.order_by(Staff.staff_id)).scalars())


def record_of(tx: Reader, person: Staff) -> OwnRecord:
    """All that there is of one entry."""
    name = select(InstitutionRef.name).where(InstitutionRef.institution_id == person.institution_id)
    listed = select(BlacklistEntry.entry_id).where(
        BlacklistEntry.id_index == person.id_index, BlacklistEntry.revoked_on.is_(None)
    )
    looks, count = _looks(tx, person)
    return OwnRecord(
        staff_id=person.staff_id,
        institution_id=person.institution_id,
        institution_name=tx.execute(name).scalar(),
        status=person.status,
        is_deleted=person.deleted_at is not None,
        entered_at=person.created_at,
        fields=_fields(person),
        is_blacklisted=tx.execute(listed.limit(1)).first() is not None,
        looks=looks,
        look_count=count,
        correction_requests=corrections_of(tx, person.staff_id),
    )


def _fields(person: Staff) -> list[HeldField]:
    values = ((pointer, _value(person, pointer.removeprefix("/"))) for pointer in FIELDS)
    return [
        HeldField(pointer, FIELDS[pointer], value)
        for pointer, value in values
        if value not in (None, [], "") and pointer not in _NEVER_REPEATED
    ]


def _value(person: Staff, name: str) -> Any:  # noqa: ANN401 - of whatever type the field is
    sealed = getattr(person, _SEALED.get(name, f"{name}_sealed"), None)
    if sealed is None:
        return getattr(person, name, None)
    text = decrypt(sealed)
    return text.split(",") if name == "prohibited_kind" else text


def _looks(tx: Reader, person: Staff) -> tuple[list[Look], int]:
    entry, staff_id = audit_entry.c, str(person.staff_id)
    about = select(entry.at, entry.role, entry.region_code, entry.pii_fields, entry.reason).where(
        entry.institution_id == person.institution_id,
        entry.object_type == "staff",
        entry.role != "data_subject",
        func.cardinality(entry.pii_fields) > 0,
        entry.object_id == staff_id,
    )
    count = tx.execute(select(func.count()).select_from(about.subquery())).scalar_one()
    rows = tx.execute(about.order_by(entry.at.desc()).limit(_MOST_LOOKS))
    looks = [
        Look(
            at=row.at,
            by="institution" if row.role == "inst_admin" else "authority",
            region_code=row.region_code,
            fields=row.pii_fields,
            reason=row.reason,
        )
        for row in rows
    ]
    return looks, count
