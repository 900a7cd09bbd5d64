"""Who was deleted by mistake and never stood in a filed snapshot leaves for good."""

from typing import cast

from sqlalchemy import Table, delete, select

from otsp_chassis import audit, clock, history
from otsp_chassis.db import Tx, transaction
from otsp_staff.model import (
    BlacklistMatch,
    CheckReminder,
    CorrectionRequest,
    EmploymentPeriod,
    Staff,
)

_BELONGINGS = [
    cast("Table", each.__table__)
    for each in (EmploymentPeriod, CheckReminder, BlacklistMatch, CorrectionRequest)
]
_PAGE = 100


def erase_deleted_people() -> None:
    """Only from the day after, since a deletion can be undone until then (§3.6)."""
    while True:
        with transaction() as tx:
            due = select(Staff).where(
                Staff.deleted_at < clock.business_day_began(),
                Staff.in_snapshot_since.is_(None),
                Staff.anonymised_on.is_(None),
            )
            people = list(tx.scalars(due.limit(_PAGE).with_for_update(skip_locked=True)))
            for person in people:
                _erase(tx, person)
        if len(people) < _PAGE:
            return


def _erase(tx: Tx, person: Staff) -> None:
    for table in _BELONGINGS:
        tx.execute(delete(table).where(table.c.staff_id == person.staff_id))
    history.conceal(tx, person.staff_id)
    audit.record(
        tx,
        "staff.erased",
        object_type="staff",
        object_id=person.staff_id,
        institution_id=person.institution_id,
    )
    tx.delete(person)
