"""What others keep of this service: where sites are to move, and who leads a class."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.counters import tell_again
from otsp_chassis.db import Tx
from otsp_chassis.republish import republishes
from otsp_contracts.counters import CountersChanged
from otsp_contracts.courses import ClassChanged, CoursesCountersChanged, RelocationProposed
from otsp_courses.commands import recording, relocations
from otsp_courses.counters import COUNTING
from otsp_courses.model import CountersTold, ProposedRelocation, TrainingClass


@republishes(RelocationProposed, root=ProposedRelocation, kept_as="relocation_ref")
def proposed_relocations(tx: Tx, institution_ids: Sequence[UUID]) -> Iterator[RelocationProposed]:
    """Those that come to nothing too: a reader that missed the end must hear of it."""
    these = select(ProposedRelocation).where(ProposedRelocation.institution_id.in_(institution_ids))
    for proposal in tx.scalars(these.order_by(ProposedRelocation.institution_id)):
        yield relocations.as_told(proposal)


@republishes(ClassChanged, root=TrainingClass, kept_as="class_ref")
def classes(tx: Tx, class_ids: Sequence[UUID]) -> Iterator[ClassChanged]:
    """Removed ones too: a reader that missed the end must hear of it."""
    these = select(TrainingClass).where(TrainingClass.class_id.in_(class_ids))
    for a_class in tx.scalars(these.order_by(TrainingClass.class_id)):
        yield recording.as_told(tx, a_class)


@republishes(CoursesCountersChanged, root=CountersTold, kept_as="courses_counters_ref")
def counters(tx: Tx, institution_ids: Sequence[UUID]) -> Iterator[CountersChanged]:
    """As they were told last; what changed since is told by itself."""
    yield from tell_again(tx, COUNTING, institution_ids)
