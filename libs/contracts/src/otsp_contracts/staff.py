"""Events of the staff service: what others keep of a person, snapshot."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from otsp_contracts.closing import ClosingDone
from otsp_contracts.counters import CountersChanged, StaffCounters
from otsp_contracts.payload import Payload, StateChange
from otsp_contracts.snapshots.provided import SectionProvided


class PersonChanged(Payload):
    """Whether somebody works at an institution and as what; readers keep it as `staff_ref`.

    Ids and codes only. `status` is employed or departed; `removed` when there is no such entry
    any more.
    """

    TYPE: ClassVar[str] = "staff.person_changed.v1"
    SUBJECT: ClassVar[str] = "staff_id"

    staff_id: UUID
    institution_id: UUID
    version: int
    status: str
    staff_type: str | None = None
    removed: bool = False


class _CorrectionEvent(StateChange):
    """A request of a person to have put right what an institution entered; never what it says."""

    SUBJECT: ClassVar[str] = "request_id"

    request_id: UUID
    institution_id: UUID
    staff_id: UUID


class CorrectionRequested(_CorrectionEvent):
    """A person asks an institution to put right what it entered; it is to answer by `due_on`."""

    TYPE: ClassVar[str] = "staff.correction_requested.v1"

    due_on: date


class CorrectionAnswered(_CorrectionEvent):
    """The institution has answered: `to_state` is corrected or declined."""

    TYPE: ClassVar[str] = "staff.correction_answered.v1"


class CheckDueSoon(Payload):
    """Something of a person is due within thirty days, or overdue; told once for its day.

    `kind` is precheck, annual_check, contract, work_permit or residence_permit.
    """

    TYPE: ClassVar[str] = "staff.check_due.v1"
    SUBJECT: ClassVar[str] = "staff_id"

    staff_id: UUID
    institution_id: UUID
    kind: str
    due_on: date


class BlacklistMatched(Payload):
    """Somebody who works at an institution is on the blacklist and must go by `depart_by`.

    Told once for a person and an entry.
    """

    TYPE: ClassVar[str] = "staff.blacklist_matched.v1"
    SUBJECT: ClassVar[str] = "staff_id"

    staff_id: UUID
    institution_id: UUID
    entry_id: UUID
    matched_on: date
    depart_by: date


class StaffCountersChanged(CountersChanged):
    """What this service counts of an institution; readers keep it as `staff_counters_ref`."""

    TYPE: ClassVar[str] = "staff.counters_changed.v1"

    counters: StaffCounters


class StaffSnapshotProvided(SectionProvided):
    """The staff section."""

    TYPE: ClassVar[str] = "staff.snapshot_provided.v1"
    SUBJECT: ClassVar[str] = "institution_id"


class StaffClosingDone(ClosingDone):
    """Everybody has left."""

    TYPE: ClassVar[str] = "staff.closing_done.v1"


EVENTS: tuple[type[Payload], ...] = (
    PersonChanged,
    CorrectionRequested,
    CorrectionAnswered,
    CheckDueSoon,
    BlacklistMatched,
    StaffCountersChanged,
    StaffSnapshotProvided,
    StaffClosingDone,
)
