"""Events of the staff service."""

from typing import ClassVar

from otsp_contracts.payload import Payload
from otsp_contracts.snapshots.provided import SectionProvided


class StaffSnapshotProvided(SectionProvided):
    """The staff section."""

    TYPE: ClassVar[str] = "staff.snapshot_provided.v1"
    SUBJECT: ClassVar[str] = "institution_id"


EVENTS: tuple[type[Payload], ...] = (StaffSnapshotProvided,)
