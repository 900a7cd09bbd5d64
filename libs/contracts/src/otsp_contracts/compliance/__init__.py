"""Events of the compliance service: gathering, applications, cases."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from otsp_contracts.compliance.casework import CaseTakenOver, ReviewSeat
from otsp_contracts.compliance.rectification import (
    RectificationClosed,
    RectificationDue,
    RectificationOpened,
    RectificationReturned,
)
from otsp_contracts.compliance.register import ListEntryChanged, PublicPicturesChanged
from otsp_contracts.payload import Payload, StateChange


class SnapshotRequested(Payload):
    """Asks the owners named in `sections` for their section of one institution.

    Purpose `application` also locks the institution's data for `application_id` until
    ReviewUnlocked; a `self_check` locks nothing. Of an `application_kind` `change` the owner
    answers with what the institution proposes in place of what is on record, and keeps that until
    the application is over. The same `request_id` may be asked again when a section is late: the
    answer is then sent again. `version` is the application's: what an older SupplementRequested
    opened is closed again.
    """

    TYPE: ClassVar[str] = "compliance.snapshot_requested.v1"
    SUBJECT: ClassVar[str] = "institution_id"

    request_id: UUID
    institution_id: UUID
    purpose: Literal["application", "self_check"]
    application_id: UUID | None = None
    application_kind: str | None = None
    as_of: date
    sections: tuple[str, ...]
    version: int = 0


class ReviewUnlocked(Payload):
    """The lock that `application_id` holds on the institution's data is released.

    `to_state` is how the application stands; null from senders that do not tell it yet.
    """

    TYPE: ClassVar[str] = "compliance.review_unlocked.v1"
    SUBJECT: ClassVar[str] = "institution_id"

    institution_id: UUID
    application_id: UUID
    to_state: str | None = None

    @property
    def was_never_filed(self) -> bool:
        """It came to no review: it failed before, or its warnings were not read in time."""
        return self.to_state in {"precheck_failed", "gather_failed", "lapsed"}


class _ApplicationEvent(StateChange):
    """What every event of an application names. `version` is the application's."""

    SUBJECT: ClassVar[str] = "application_id"

    application_id: UUID
    institution_id: UUID
    kind: str


class ApplicationSubmitted(_ApplicationEvent):
    """Filed: the snapshot is sealed, the rules are answered, the review steps are frozen.

    `snapshot_sha256` is the root hash of the sealed snapshot.
    """

    TYPE: ClassVar[str] = "compliance.application_submitted.v1"

    seq_no: str
    as_of: date
    snapshot_sha256: str


class ApplicationAccepted(_ApplicationEvent):
    """An authority took the application up (受理).

    `is_deemed` when it said nothing in time and the law did (行政许可法 §32(四)): `accepted_on` is
    then the day on which the application was received.
    """

    TYPE: ClassVar[str] = "compliance.application_accepted.v1"

    case_id: UUID
    authority_id: UUID
    accepted_on: date
    is_deemed: bool = False


class PrecheckFailed(_ApplicationEvent):
    """The rules found something blocking; the application is over and its lock released."""

    TYPE: ClassVar[str] = "compliance.precheck_failed.v1"

    as_of: date
    blocking: tuple[str, ...]


class GatheringFailed(_ApplicationEvent):
    """Sections did not come in time; the application is over and its lock released."""

    TYPE: ClassVar[str] = "compliance.gathering_failed.v1"

    missing_sections: tuple[str, ...]


class ApplicationWithdrawn(_ApplicationEvent):
    """The institution took its application back."""

    TYPE: ClassVar[str] = "compliance.application_withdrawn.v1"

    withdrawn_on: date


class UnlockedPart(BaseModel):
    """A tab of the file that may be written while something is supplied, or one object in it.

    `part` is one of `snapshots.tabs`; without an object all of the part is open.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    section: str
    part: str
    object_id: str | None = None


class SupplementRequested(_ApplicationEvent):
    """The one complete notice (一次告知) of a step is given: its parts are open until the next
    snapshot is requested, or the application is over.

    Told again, with a higher `version`, when the answer of the same `round` was not enough. Past
    `due_on` the application lapses.
    """

    TYPE: ClassVar[str] = "compliance.supplement_requested.v1"
    SUBJECT: ClassVar[str] = "institution_id"

    case_id: UUID
    round: int
    due_on: date
    unlocked: tuple[UnlockedPart, ...]


class SupplementAnswered(_ApplicationEvent):
    """Every item of the notice is answered, and the file is gathered anew under `request_id`."""

    TYPE: ClassVar[str] = "compliance.supplement_answered.v1"

    case_id: UUID
    authority_id: UUID | None = None
    round: int
    request_id: UUID


class DeregistrationApproved(Payload):
    """An institution closes: on `closes_on` everything of it ends, in the services named.

    Each does its part and answers with its `closing_done`; asked again, it answers again.
    """

    TYPE: ClassVar[str] = "compliance.deregistration_approved.v1"
    SUBJECT: ClassVar[str] = "institution_id"

    institution_id: UUID
    application_id: UUID
    actor: UUID | None = None
    reason: str
    closes_on: date
    services: tuple[str, ...]


class DeregistrationCompleted(Payload):
    """All services have closed an institution. Through `read_only_until` its people may look."""

    TYPE: ClassVar[str] = "compliance.deregistration_completed.v1"
    SUBJECT: ClassVar[str] = "institution_id"

    institution_id: UUID
    application_id: UUID
    deregistered_on: date
    read_only_until: date


class CaseRouted(Payload):
    """A case lies with an authority; readers keep it as `case_ref`, one row a case.

    `kind` is registration, external_review, compliance, deregistration or change; `subject_id` is
    the institution, material or application that is decided on. Sent again with a higher `version`
    when the case moves to its next step or is transferred. `state` is open; when the case is told
    again for the sake of copies it may be decided, and `authority_id` is whose it was last.
    """

    TYPE: ClassVar[str] = "compliance.case_routed.v1"
    SUBJECT: ClassVar[str] = "case_id"

    case_id: UUID
    version: int
    actor: UUID | None = None
    institution_id: UUID
    kind: str
    subject_id: UUID
    authority_id: UUID
    step_no: int = 1
    step_count: int = 1
    state: Literal["open", "decided"] = "open"


class CaseDecided(Payload):
    """A case is closed: no step is left.

    `decision` is approved, returned, rejected, withdrawn or lapsed; `authority_id` is null when no
    authority decided (withdrawn, lapsed), `lay_with` is whose it was until then; `seats` are those
    of its steps. The owner of the subject acts on it. What comes after `seats` is of decisions on
    applications: the decision's row and number, the application's kind, the root hash of the
    snapshot that was judged, the end of the licence that was approved. `doc_no` is of
    approved materials too: the authority's number, where it gave one.
    """

    TYPE: ClassVar[str] = "compliance.case_decided.v1"
    SUBJECT: ClassVar[str] = "case_id"

    case_id: UUID
    version: int
    actor: UUID | None = None
    institution_id: UUID
    kind: str
    subject_id: UUID
    decision: str
    decided_on: date
    authority_id: UUID | None = None
    reason: str | None = None
    lay_with: UUID | None = None
    seats: tuple[ReviewSeat, ...] = ()
    decision_id: UUID | None = None
    application_kind: str | None = None
    snapshot_sha256: str | None = None
    doc_no: str | None = None
    valid_to: date | None = None


class DecisionSetAside(StateChange):
    """A final decision on an application was replaced by another (撤销、变更决定).

    `outcome` is approved, returned or rejected; the decision `replaces` no longer holds. `version`
    is the application's, `seats` are those of its case.
    """

    TYPE: ClassVar[str] = "compliance.decision_set_aside.v1"
    SUBJECT: ClassVar[str] = "application_id"

    decision_id: UUID
    replaces: UUID
    application_id: UUID
    case_id: UUID
    institution_id: UUID
    application_kind: str
    outcome: str
    decided_on: date
    authority_id: UUID
    snapshot_sha256: str
    doc_no: str
    valid_to: date | None = None
    seats: tuple[ReviewSeat, ...] = ()


class ReviewClockChanged(Payload):
    """The time that an authority has for a decision was paused, resumed or extended.

    The applicant is to be told (行政许可法 §42, §45): `reason` says why, `ground` by which of the
    grounds time is not counted, `expected_until` how long that presumably takes. `due_on` is the
    day by which is decided now, null while it is paused. `application_id` is null where the case
    is about something else.
    """

    TYPE: ClassVar[str] = "compliance.review_clock_changed.v1"
    SUBJECT: ClassVar[str] = "case_id"

    case_id: UUID
    actor: UUID
    institution_id: UUID
    kind: str
    application_id: UUID | None = None
    authority_id: UUID
    step_no: int
    change: Literal["paused", "resumed", "extended"]
    ground: str | None = None
    reason: str | None = None
    expected_until: date | None = None
    due_on: date | None


class ReviewOverdue(Payload):
    """A decision is late: working day 15 of 20 is reached (amber), or the last one (red).

    Each is told once, and again after an extension. A red one is told to the authority above,
    `escalated_to`, which is null where there is none. Nothing is deemed approved by it.
    """

    TYPE: ClassVar[str] = "compliance.review_overdue.v1"
    SUBJECT: ClassVar[str] = "case_id"

    case_id: UUID
    institution_id: UUID
    kind: str
    application_id: UUID | None = None
    authority_id: UUID | None
    step_no: int
    light: Literal["amber", "red"]
    due_on: date
    escalated_to: UUID | None = None


class RuleVersionPublished(Payload):
    """A rule version holds from a day on. `publication_id` is also that of its re-evaluation.

    Whoever keeps a copy of the catalogue fetches the rule again.
    """

    TYPE: ClassVar[str] = "compliance.rule_version_published.v1"
    SUBJECT: ClassVar[str] = "rule_id"

    publication_id: UUID
    actor: UUID | None = None
    rule_id: str
    rule_version: int
    severity: str
    effective_from: date


class WorkingYearEntered(Payload):
    """The working days of a year are known, or known otherwise; readers keep it as `calendar_ref`.

    Named are the days on which the year is not what their weekday would make it.
    """

    TYPE: ClassVar[str] = "compliance.working_year_entered.v1"
    SUBJECT: ClassVar[str] = "year_id"

    year_id: UUID
    version: int
    actor: UUID | None = None
    year: int
    working_weekends: tuple[date, ...]
    rest_weekdays: tuple[date, ...]


EVENTS: tuple[type[Payload], ...] = (
    SnapshotRequested,
    ReviewUnlocked,
    ApplicationSubmitted,
    ApplicationAccepted,
    PrecheckFailed,
    GatheringFailed,
    ApplicationWithdrawn,
    SupplementRequested,
    SupplementAnswered,
    DeregistrationApproved,
    DeregistrationCompleted,
    CaseRouted,
    CaseDecided,
    CaseTakenOver,
    DecisionSetAside,
    ReviewClockChanged,
    ReviewOverdue,
    RectificationOpened,
    RectificationClosed,
    ListEntryChanged,
    PublicPicturesChanged,
    RectificationDue,
    RectificationReturned,
    RuleVersionPublished,
    WorkingYearEntered,
)
