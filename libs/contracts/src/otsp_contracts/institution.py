"""Events of the institution service: registration, what others keep of it, snapshot."""

from datetime import date
from typing import ClassVar, Final
from uuid import UUID

from otsp_contracts.closing import ClosingDone
from otsp_contracts.counters import CountersChanged, InstitutionCounters
from otsp_contracts.payload import Payload, StateChange
from otsp_contracts.snapshots.provided import SectionProvided

ON_REGISTER: Final = ("compliant", "change_pending")
"""The states (`compliance_status`) of an institution in which its approval stands, and everybody is
shown what was approved of it (domain specification §5.2).
"""


class RegistrationSubmitted(StateChange):
    """A registration waits for an authority; compliance opens a case on it and routes it.

    `round` counts the submissions of the same registration: 2 after a first return.
    """

    TYPE: ClassVar[str] = "institution.registration_submitted.v1"
    SUBJECT: ClassVar[str] = "institution_id"

    institution_id: UUID
    name: str
    uscc: str | None = None
    region_code: str
    categories: tuple[str, ...]
    delivery_modes: tuple[str, ...]
    nonsubject_types: tuple[str, ...] = ()
    primary_nonsubject_type: str | None = None
    stages: tuple[str, ...]
    legal_nature: str
    submitted_on: date
    round: int = 1


class RegistrationDecided(StateChange):
    """The registration stands as its authority decided: approved, returned or rejected."""

    TYPE: ClassVar[str] = "institution.registration_decided.v1"
    SUBJECT: ClassVar[str] = "institution_id"

    institution_id: UUID
    case_id: UUID
    authority_id: UUID | None = None
    decision: str
    decided_on: date
    reason: str | None = None


class ProfileChanged(Payload):
    """An institution as it now is; readers keep it as `institution_ref`.

    `has_proposed_change`: it has major fields to change, for which it has yet to apply. On
    `deregistered_on` it came to its end. `licence_delivery` is what its licence covers (online,
    offline), empty without one; null when it was told by a version that did not know.
    """

    TYPE: ClassVar[str] = "institution.profile_changed.v1"
    SUBJECT: ClassVar[str] = "institution_id"

    institution_id: UUID
    version: int
    actor: UUID | None = None
    name: str
    uscc: str | None = None
    region_code: str
    categories: tuple[str, ...]
    delivery_modes: tuple[str, ...]
    nonsubject_types: tuple[str, ...] = ()
    primary_nonsubject_type: str | None = None
    stages: tuple[str, ...]
    legal_nature: str
    registration_status: str
    compliance_status: str
    has_proposed_change: bool = False
    deregistered_on: date | None = None
    licence_delivery: tuple[str, ...] | None = None
    first_approved_on: date | None = None


class LicenceExpiring(Payload):
    """The school licence of an approved institution ends in `days_left` days."""

    TYPE: ClassVar[str] = "institution.licence_expiring.v1"
    SUBJECT: ClassVar[str] = "institution_id"

    institution_id: UUID
    valid_to: date
    days_left: int


class LicenceExpired(StateChange):
    """The school licence has ended, and with it the approval that rested on it.

    `from_state` and `to_state` are compliance statuses.
    """

    TYPE: ClassVar[str] = "institution.licence_expired.v1"
    SUBJECT: ClassVar[str] = "institution_id"

    institution_id: UUID
    valid_to: date


class MeasureOrdered(StateChange):
    """Its authority told an institution to stop training (suspension), or that it may go on.

    What is only proposed is told to nobody. `from_state` and `to_state` are compliance statuses.
    """

    TYPE: ClassVar[str] = "institution.measure_ordered.v1"
    SUBJECT: ClassVar[str] = "institution_id"

    institution_id: UUID
    measure_id: UUID
    kind: str
    authority_id: UUID
    ordered_on: date


class FeeItemChanged(Payload):
    """A fee item as it now is, or that it is no more; readers keep it as `fee_item_ref`."""

    TYPE: ClassVar[str] = "institution.fee_item_changed.v1"
    SUBJECT: ClassVar[str] = "fee_item_id"

    fee_item_id: UUID
    institution_id: UUID
    version: int
    name: str | None = None
    charge_mode: str | None = None
    publicized: bool = False
    removed: bool = False


class InstitutionCountersChanged(CountersChanged):
    """What this service counts of an institution; readers keep it as `institution_counters_ref`."""

    TYPE: ClassVar[str] = "institution.counters_changed.v1"

    counters: InstitutionCounters


class InstitutionSnapshotProvided(SectionProvided):
    """The institution's section."""

    TYPE: ClassVar[str] = "institution.snapshot_provided.v1"
    SUBJECT: ClassVar[str] = "institution_id"


class InstitutionClosingDone(ClosingDone):
    """The licence is handed back or void, and nothing is proposed any more."""

    TYPE: ClassVar[str] = "institution.closing_done.v1"


EVENTS: tuple[type[Payload], ...] = (
    RegistrationSubmitted,
    RegistrationDecided,
    ProfileChanged,
    LicenceExpiring,
    LicenceExpired,
    MeasureOrdered,
    FeeItemChanged,
    InstitutionCountersChanged,
    InstitutionSnapshotProvided,
    InstitutionClosingDone,
)
