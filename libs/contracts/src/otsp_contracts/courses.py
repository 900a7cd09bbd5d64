"""Events of the courses service: what others keep of a class, snapshot."""

from typing import ClassVar
from uuid import UUID

from otsp_contracts.closing import ClosingDone
from otsp_contracts.counters import CountersChanged, CoursesCounters
from otsp_contracts.payload import Payload
from otsp_contracts.snapshots.provided import SectionProvided


class ClassChanged(Payload):
    """Who teaches a class as it now is, or that it is no more; readers keep it as `class_ref`.

    `status` is planned, enrolling, in_session, finished or cancelled. `lead_teacher_ids` are those
    of `teacher_ids` who may lead it: teaching staff, as far as was known when this was told.
    """

    TYPE: ClassVar[str] = "courses.class_changed.v1"
    SUBJECT: ClassVar[str] = "class_id"

    class_id: UUID
    course_id: UUID
    institution_id: UUID
    version: int
    status: str
    lead_teacher_ids: tuple[UUID, ...] = ()
    teacher_ids: tuple[UUID, ...] = ()
    removed: bool = False


class RelocationProposed(Payload):
    """Which sites of an approved institution are to move, once it has applied for that; none, when
    it does not want to any more or has moved. Readers keep it as `relocation_ref`.
    """

    TYPE: ClassVar[str] = "courses.relocation_proposed.v1"
    SUBJECT: ClassVar[str] = "institution_id"

    institution_id: UUID
    version: int
    site_ids: tuple[UUID, ...] = ()


class CoursesCountersChanged(CountersChanged):
    """What this service counts of an institution; readers keep it as `courses_counters_ref`."""

    TYPE: ClassVar[str] = "courses.counters_changed.v1"

    counters: CoursesCounters


class CoursesSnapshotProvided(SectionProvided):
    """The courses section: sites, systems, courses, classes."""

    TYPE: ClassVar[str] = "courses.snapshot_provided.v1"
    SUBJECT: ClassVar[str] = "institution_id"


class CoursesClosingDone(ClosingDone):
    """Classes are over and courses closed."""

    TYPE: ClassVar[str] = "courses.closing_done.v1"


EVENTS: tuple[type[Payload], ...] = (
    ClassChanged,
    RelocationProposed,
    CoursesCountersChanged,
    CoursesSnapshotProvided,
    CoursesClosingDone,
)
