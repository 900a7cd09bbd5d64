"""What the writes of one person have in common."""

from collections.abc import Iterator
from dataclasses import asdict
from uuid import UUID

from otsp_chassis import audit
from otsp_chassis.copies import tell_change
from otsp_chassis.db import Tx
from otsp_chassis.locks import guard_write
from otsp_chassis.problems import Invalid, NotFound
from otsp_contracts.staff import PersonChanged
from otsp_contracts.values import FieldError
from otsp_staff.commands.changes import State, record_change
from otsp_staff.commands.matching import note_matches
from otsp_staff.model import Staff
from otsp_staff.queries import people as queries
from otsp_staff.rules.rows import StaffRow

SCOPE = "staff"
"""What a review locks of this service, and the part of the file that a notice names."""


def open_for_write(tx: Tx, institution_id: UUID, staff_id: UUID | None = None) -> None:
    """First statement of a write. Locked under review, unless a notice names the person or all."""
    guard_write(tx, institution_id, SCOPE, part=SCOPE, object_id=staff_id)


def get_person(tx: Tx, institution_id: UUID, staff_id: UUID) -> Staff:
    person = tx.get(Staff, staff_id, with_for_update=True)
    if person is None or person.institution_id != institution_id or person.deleted_at is not None:
        raise NotFound
    return person


def told(
    tx: Tx,
    person: Staff,
    action: str,
    *,
    before: State | None = None,
    reason: str | None = None,
) -> StaffRow:
    """The row as it now stands, read back with its flags; the change in the trail and the history,
    and news for those who keep it.
    """
    tx.flush()
    note_matches(tx, Staff.staff_id == person.staff_id)
    after = queries.get_staff(tx, person.institution_id, person.staff_id)
    known = as_told(before.row, person.institution_id) if before else None
    tell_change(tx, before=known, after=as_told(after, person.institution_id))
    audit.record(
        tx,
        action,
        object_type="staff",
        object_id=person.staff_id,
        institution_id=person.institution_id,
        before=asdict(before.row) if before else None,
        after=asdict(after),
        reason=reason,
    )
    record_change(tx, person, before)
    return after


def as_told(person: Staff | StaffRow, institution_id: UUID) -> PersonChanged:
    """What others keep of a person: ids and codes only."""
    return PersonChanged(
        staff_id=person.staff_id,
        institution_id=institution_id,
        version=person.version,
        status=person.status,
        staff_type=person.staff_type,
        removed=isinstance(person, Staff) and person.deleted_at is not None,
    )


def refuse(faults: Iterator[FieldError]) -> None:
    errors = list(faults)
    if errors:
        raise Invalid(errors=errors)
