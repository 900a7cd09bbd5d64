"""Events of the courses service."""

from typing import ClassVar

from otsp_contracts.payload import Payload
from otsp_contracts.snapshots.provided import SectionProvided


class CoursesSnapshotProvided(SectionProvided):
    """The courses section: sites, systems, courses, classes."""

    TYPE: ClassVar[str] = "courses.snapshot_provided.v1"
    SUBJECT: ClassVar[str] = "institution_id"


EVENTS: tuple[type[Payload], ...] = (CoursesSnapshotProvided,)
