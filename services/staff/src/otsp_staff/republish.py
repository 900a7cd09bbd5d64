"""What others keep of this service: who works at an institution, and as what."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Tx
from otsp_chassis.republish import republishes
from otsp_contracts.staff import PersonChanged
from otsp_staff.commands.writing import as_told
from otsp_staff.model import Staff


@republishes(PersonChanged, root=Staff, kept_as="staff_ref")
def people(tx: Tx, staff_ids: Sequence[UUID]) -> Iterator[PersonChanged]:
    """Deleted ones too: a reader that missed the end must hear of it."""
    these = select(Staff).where(Staff.staff_id.in_(staff_ids)).order_by(Staff.staff_id)
    for person in tx.scalars(these):
        yield as_told(person, person.institution_id)
