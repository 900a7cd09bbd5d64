"""Events of the materials service: reviews, what others keep of a material, snapshot."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from otsp_contracts.closing import ClosingDone
from otsp_contracts.counters import CountersChanged, MaterialsCounters
from otsp_contracts.payload import Payload, StateChange
from otsp_contracts.snapshots.provided import SectionProvided


class ExternalReviewRequested(StateChange):
    """A material waits for an authority; compliance opens a case on it and routes it.

    `sampled` tells a spot check from the review that every basic subject material needs.
    `content_sha256` is what will have been reviewed.
    """

    TYPE: ClassVar[str] = "materials.external_review_requested.v1"
    SUBJECT: ClassVar[str] = "material_id"

    material_id: UUID
    institution_id: UUID
    title: str
    version_no: int = 1
    category: str
    subject_code: str | None = None
    stage: str | None = None
    form: str
    sampled: bool = False
    content_sha256: str
    requested_on: date


class ExternalReviewRecorded(StateChange):
    """The result of an external review stands in the material: pass or fail."""

    TYPE: ClassVar[str] = "materials.external_review_recorded.v1"
    SUBJECT: ClassVar[str] = "material_id"

    material_id: UUID
    institution_id: UUID
    case_id: UUID | None = None
    authority_id: UUID | None = None
    result: str
    reviewed_on: date
    approval_no: str | None = None


class MaterialSuspended(StateChange):
    """After an inspection an authority took the material out of use; the reason is in the row."""

    TYPE: ClassVar[str] = "materials.material_suspended.v1"
    SUBJECT: ClassVar[str] = "material_id"

    material_id: UUID
    institution_id: UUID
    authority_id: UUID
    suspended_on: date


class PurgeDue(Payload):
    """An archived material need not be kept after `retain_until`; told some weeks before, once."""

    TYPE: ClassVar[str] = "materials.purge_due.v1"
    SUBJECT: ClassVar[str] = "material_id"

    material_id: UUID
    institution_id: UUID
    version: int
    retain_until: date


class MaterialChanged(Payload):
    """A material as it now is, or that it is no more; readers keep it as `material_ref`.

    One event a version. Its authors are persons: they do not travel.
    """

    TYPE: ClassVar[str] = "materials.material_changed.v1"
    SUBJECT: ClassVar[str] = "material_id"

    material_id: UUID
    institution_id: UUID
    version: int
    title: str | None = None
    status: str
    category: str | None = None
    stage: str | None = None
    removed: bool = False


class MaterialsCountersChanged(CountersChanged):
    """What this service counts of an institution; readers keep it as `materials_counters_ref`."""

    TYPE: ClassVar[str] = "materials.counters_changed.v1"

    counters: MaterialsCounters


class MaterialsSnapshotProvided(SectionProvided):
    """The materials section."""

    TYPE: ClassVar[str] = "materials.snapshot_provided.v1"
    SUBJECT: ClassVar[str] = "institution_id"


class MaterialsClosingDone(ClosingDone):
    """Nothing is in use."""

    TYPE: ClassVar[str] = "materials.closing_done.v1"


EVENTS: tuple[type[Payload], ...] = (
    ExternalReviewRequested,
    ExternalReviewRecorded,
    MaterialSuspended,
    PurgeDue,
    MaterialChanged,
    MaterialsCountersChanged,
    MaterialsSnapshotProvided,
    MaterialsClosingDone,
)
