"""What others keep of this service: who works at an institution, and as what."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.counters import tell_again
from otsp_chassis.db import Tx
from otsp_chassis.republish import republishes
from otsp_contracts.counters import CountersChanged
from otsp_contracts.staff import PersonChanged, StaffCountersChanged
from otsp_staff.commands.writing import as_told
from otsp_staff.counters import COUNTING
from otsp_staff.model import CountersTold, Staff


@republishes(PersonChanged, root=Staff, kept_as="staff_ref")
def people(tx: Tx, staff_ids: Sequence[UUID]) -> Iterator[PersonChanged]:
    """Deleted ones too: a reader that missed the end must hear of it."""
    these = select(Staff).where(Staff.staff_id.in_(staff_ids)).order_by(Staff.staff_id)
    for person in tx.scalars(these):
        yield as_told(person, person.institution_id)


@republishes(StaffCountersChanged, root=CountersTold, kept_as="staff_counters_ref")
def counters(tx: Tx, institution_ids: Sequence[UUID]) -> Iterator[CountersChanged]:
    """As they were told last; what changed since is told by itself."""
    yield from tell_again(tx, COUNTING, institution_ids)
