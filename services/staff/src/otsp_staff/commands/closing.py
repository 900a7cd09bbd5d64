"""The end of an institution: nobody works there any more (domain specification §3.5)."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Tx
from otsp_staff.commands.changes import state_of
from otsp_staff.commands.writing import told
from otsp_staff.model import Staff

_REASON = "other"
_WHY = "the institution was deregistered"


def end_employments(tx: Tx, institution_id: UUID, *, on: date) -> int:
    """Everybody departs on that day, or on the day of a hiring that was still to come.

    Returns how many. Nobody is asked to be replaced: classes end with the institution.
    """
    employed = select(Staff).where(
        Staff.institution_id == institution_id,
        Staff.status == "employed",
        Staff.deleted_at.is_(None),
    )
    people = tx.scalars(employed.order_by(Staff.staff_id).with_for_update()).all()
    for person in people:
        before = state_of(tx, person)
        person.depart(departed_on=max(on, person.hired_on or on), reason=_REASON)
        told(tx, person, "staff.departed", before=before, reason=_WHY)
    return len(people)
