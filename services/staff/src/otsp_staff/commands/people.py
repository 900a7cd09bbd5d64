"""Entering, replacing, deleting and restoring people."""

from dataclasses import asdict
from uuid import UUID

from otsp_chassis import audit, clock
from otsp_chassis.db import require_version, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.problems import NotFound
from otsp_chassis.removals import require_restorable
from otsp_staff.commands.changes import record_change, state_of
from otsp_staff.commands.entry import day, fill, require_files
from otsp_staff.commands.writing import as_told, get_person, open_for_write, told
from otsp_staff.model import Staff
from otsp_staff.rules.fields import Fields
from otsp_staff.rules.rows import StaffRow


def register_staff(principal: Principal, institution_id: UUID, fields: Fields) -> StaffRow:
    """A new person, or with `existing` one as in fact, employed or departed (decision D16)."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id)
        require_files(tx, institution_id, fields)
        person = Staff(staff_id=new_id(), institution_id=institution_id)
        person.status = fields.get("status") or "employed"
        person.departed_on = day(fields.get("departed_on"))
        person.depart_reason = fields.get("depart_reason")
        fill(person, fields)
        tx.add(person)
        return told(tx, person, "staff.registered")


def replace_staff(
    principal: Principal,
    institution_id: UUID,
    staff_id: UUID,
    *,
    fields: Fields,
    if_match: int | None,
) -> StaffRow:
    """All but the status. Personal data that answers only mask are kept when left out."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, staff_id)
        person = get_person(tx, institution_id, staff_id)
        require_version(person.version, if_match)
        before = state_of(tx, person)
        require_files(tx, institution_id, fields)
        fill(person, fields)
        return told(tx, person, "staff.changed", before=before)


def delete_staff(
    principal: Principal, institution_id: UUID, staff_id: UUID, *, if_match: int | None
) -> None:
    """Hidden, not erased: submitted snapshots may name the person."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, staff_id)
        person = get_person(tx, institution_id, staff_id)
        require_version(person.version, if_match)
        before = state_of(tx, person)
        person.deleted_at = clock.now()
        tx.flush()
        publish(tx, as_told(person, institution_id))
        audit.record(
            tx,
            "staff.deleted",
            object_type="staff",
            object_id=staff_id,
            institution_id=institution_id,
            before=asdict(before.row),
        )
        record_change(tx, person, before)


def restore_staff(principal: Principal, institution_id: UUID, staff_id: UUID) -> StaffRow:
    """Undo a deletion of today; raises NotRemoved or RestorationOver."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, staff_id)
        person = tx.get(Staff, staff_id, with_for_update=True)
        if person is None or person.institution_id != institution_id or person.anonymised_on:
            raise NotFound
        require_restorable(person.deleted_at)
        person.deleted_at = None
        return told(tx, person, "staff.restored")
