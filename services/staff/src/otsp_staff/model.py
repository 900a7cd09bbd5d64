"""The people, the blacklist, and how a person comes and goes.

Columns named `*_sealed` hold encrypted personal data; `id_index` is the blind index of the
number, by which the same person is found anywhere without reading it.
"""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from otsp_chassis.counters import ToldCounters
from otsp_chassis.db import COLUMN_TYPES, Stamped, service_metadata
from otsp_chassis.pii import Sealed
from otsp_chassis.problems import Conflict
from otsp_chassis.public_pictures import KeptPictures
from otsp_chassis.reveals import KeptCase
from otsp_chassis.search import Searchable, search_index
from otsp_chassis.workcalendar import KeptYear
from otsp_staff.rules.employment import STATUS_LABELS_ZH, STEPS
from otsp_staff.rules.rows import Experience, Qual

UNKNOWN_DAY = date(1, 1, 1)
"""Where somebody stands in the order of hiring days whose day is not known."""


class WrongStatus(Conflict):
    slug: ClassVar[str] = "staff-wrong-status"
    title: ClassVar[str] = "Not possible in this employment status"
    detail_zh: ClassVar[str] = "该人员当前的在职状态不允许此操作。"


class AlreadyRevoked(Conflict):
    slug: ClassVar[str] = "blacklist-entry-revoked"
    title: ClassVar[str] = "The blacklist entry is revoked already"
    detail_zh: ClassVar[str] = "该黑名单记录已经撤销。"


class Base(DeclarativeBase):
    metadata = service_metadata()
    type_annotation_map = COLUMN_TYPES


class Staff(Searchable, Stamped, Base):
    """One person at one institution. Deleted rows stay, hidden, with `deleted_at`."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("status IN ('employed', 'departed')", name="status"),
        Index("ix_staff_institution_id_staff_id", "institution_id", "staff_id"),
        Index("ix_staff_institution_id_id_index", "institution_id", "id_index"),
        Index("ix_staff_institution_id_mobile_tail", "institution_id", "mobile_tail_index"),
        Index("ix_staff_institution_id_name_order", "institution_id", "name_order", "staff_id"),
        Index(
            "ix_staff_institution_id_hired_on",
            "institution_id",
            text(f"COALESCE(hired_on, '{UNKNOWN_DAY}'::date)"),
            "staff_id",
        ),
        search_index("staff"),
    )

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID]
    status: Mapped[str]
    name: Mapped[str | None]
    name_order: Mapped[str] = mapped_column(default="")
    photo_file_id: Mapped[UUID | None]
    sex: Mapped[str | None]
    nationality: Mapped[str | None]
    id_type: Mapped[str | None]
    id_no_sealed: Mapped[Sealed | None]
    id_index: Mapped[bytes | None] = mapped_column(index=True)
    mobile_sealed: Mapped[Sealed | None]
    mobile_index: Mapped[bytes | None]
    mobile_tail_index: Mapped[bytes | None]
    political_status_sealed: Mapped[Sealed | None]
    education: Mapped[str | None]
    graduated_from: Mapped[str | None]
    major: Mapped[str | None]
    staff_type: Mapped[str | None]
    employment: Mapped[str | None]
    hired_on: Mapped[date | None]
    contract_signed: Mapped[bool | None]
    contract_no: Mapped[str | None]
    contract_from: Mapped[date | None]
    contract_to: Mapped[date | None]
    contract_file_id: Mapped[UUID | None]
    social_insurance: Mapped[bool | None]
    precheck_on: Mapped[date | None]
    precheck_clear: Mapped[bool | None]
    precheck_proof_file_id: Mapped[UUID | None]
    annual_check_on: Mapped[date | None]
    annual_check_clear: Mapped[bool | None]
    prohibited: Mapped[bool | None]
    prohibited_kind_sealed: Mapped[Sealed | None]
    in_service_teacher: Mapped[bool | None]
    in_service_declared_on: Mapped[date | None]
    inducted: Mapped[bool | None]
    inducted_on: Mapped[date | None]
    publicized: Mapped[bool | None]
    publicized_on: Mapped[date | None]
    teach_subjects: Mapped[list[str]] = mapped_column(ARRAY(Text))
    teach_stages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    teach_experience: Mapped[list[Experience]] = mapped_column(JSONB)
    in_china: Mapped[bool | None]
    work_permit_no_sealed: Mapped[Sealed | None]
    work_permit_to: Mapped[date | None]
    residence_permit_to: Mapped[date | None]
    foreign_bio: Mapped[str | None]
    quals: Mapped[list[Qual]] = mapped_column(JSONB)
    departed_on: Mapped[date | None]
    depart_reason: Mapped[str | None]
    deleted_at: Mapped[datetime | None]
    anonymised_on: Mapped[date | None]
    in_snapshot_since: Mapped[date | None]

    def anonymise(self, today: date, *, at: datetime) -> None:
        """What is left tells of a post that somebody held, and the index, of nobody by name."""
        for column in self.__table__.columns:
            if column.key not in _KEPT_OF_THE_PAST:
                setattr(self, column.key, None if column.nullable else [])
        self.name_order = ""
        self.found_by()
        self.anonymised_on = today
        self.deleted_at = self.deleted_at or at

    def depart(self, *, departed_on: date, reason: str) -> None:
        """Raises WrongStatus for a person who has left."""
        self._step("depart")
        self.departed_on, self.depart_reason = departed_on, reason

    def reinstate(self) -> None:
        """Back to employed. The yearly check belongs to the employment that ended."""
        self._step("reinstate")
        self.departed_on = self.depart_reason = None
        self.annual_check_on = self.annual_check_clear = None

    def _step(self, action: str) -> None:
        following = STEPS.get((self.status, action))
        if following is None:
            label = STATUS_LABELS_ZH[self.status]
            raise WrongStatus(f"该人员当前为“{label}”，不能进行此操作。", staff_status=self.status)
        self.status = following


_KEPT_OF_THE_PAST = frozenset({
    "staff_id", "institution_id", "status", "id_index", "staff_type", "employment", "hired_on",
    "departed_on", "depart_reason", "deleted_at", "anonymised_on", "created_at", "updated_at",
    "version", "name_order", "search_text", "search_terms",
})  # fmt: skip


class EmploymentPeriod(Base):
    """An employment that ended and was followed by another; the last one stands on the person."""

    __tablename__ = "employment_period"

    period_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(index=True)
    institution_id: Mapped[UUID]
    hired_on: Mapped[date | None]
    departed_on: Mapped[date | None]
    depart_reason: Mapped[str | None]
    employment: Mapped[str | None]
    contract_no: Mapped[str | None]
    contract_from: Mapped[date | None]
    contract_to: Mapped[date | None]
    contract_file_id: Mapped[UUID | None]


class CheckReminder(Base):
    """That a check was reminded of: once for its day."""

    __tablename__ = "check_reminder"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)


class ReminderRound(Base):
    """A business day whose reminders are all out."""

    __tablename__ = "reminder_round"

    day: Mapped[date] = mapped_column(primary_key=True)


class BlacklistMatch(Base):
    """That an employed person was found on the blacklist, and was told of."""

    __tablename__ = "blacklist_match"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    matched_on: Mapped[date]
    depart_by: Mapped[date]


class BlacklistEntry(Stamped, Base):
    """A person who may not work at any institution, by decision of an authority."""

    __tablename__ = "blacklist_entry"
    __table_args__ = (
        Index(
            "uq_blacklist_entry_id_index",
            "id_index",
            unique=True,
            postgresql_where=text("revoked_on IS NULL"),
        ),
    )

    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    id_type: Mapped[str]
    id_no_sealed: Mapped[Sealed]
    id_index: Mapped[bytes]
    name_sealed: Mapped[Sealed]
    reason: Mapped[str]
    basis_doc: Mapped[str]
    decided_on: Mapped[date]
    decided_by: Mapped[UUID]
    region_code: Mapped[str] = mapped_column(index=True)
    revoked_on: Mapped[date | None]
    revoked_by: Mapped[UUID | None]
    revocation_reason: Mapped[str | None]

    def revoke(self, *, revoked_on: date, revoked_by: UUID, reason: str) -> None:
        """The entry stays as history and flags nobody any more."""
        if self.revoked_on is not None:
            raise AlreadyRevoked
        self.revoked_on, self.revoked_by, self.revocation_reason = revoked_on, revoked_by, reason


class SectionVersion(Base):
    """Counts the sections sent for an institution; a reader ignores an older one."""

    __tablename__ = "section_version"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class InstitutionRef(Base):
    """Where an institution is, as its owner last told; says which authorities read of it."""

    __tablename__ = "institution_ref"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    region_code: Mapped[str]
    registration_status: Mapped[str]
    compliance_status: Mapped[str]
    name: Mapped[str]


class PublicPictureRef(KeptPictures, Base):
    """Whose photos the public register shows."""


class CalendarRef(KeptYear, Base):
    """The years whose working days were imported: deadlines are counted in working days."""


class CorrectionRequest(Stamped, Base):
    """A person asks an institution to have put right what it entered. `asked_sealed`: JSON."""

    __tablename__ = "correction_request"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'corrected', 'declined')", name="state"),
        Index("ix_correction_request_institution_id", "institution_id", "request_id"),
        Index("ix_correction_request_staff_id", "staff_id"),
        Index(
            "uq_correction_request_open",
            "staff_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
    )

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID]
    institution_id: Mapped[UUID]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    due_on: Mapped[date]
    asked_sealed: Mapped[Sealed]
    answer_sealed: Mapped[Sealed | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]


class ClassRef(Base):
    """Who leads a class, as the courses service last told; says who may not simply leave."""

    __tablename__ = "class_ref"
    __table_args__ = (
        Index("ix_class_ref_lead_teacher_ids", "lead_teacher_ids", postgresql_using="gin"),
    )

    class_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str]
    lead_teacher_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    removed: Mapped[bool]


class CaseRef(KeptCase, Base):
    """Which case of an institution lies with which authority; says who sees data in clear."""

    __table_args__ = (Index("ix_case_ref_institution_id", "institution_id"),)


class CountersTold(ToldCounters, Base):
    """What the statistics were told last of each institution."""


EXAMINED_IN = frozenset({"compliance", "change", "deregistration"})
"""Kinds of cases in which an authority looks at an institution's people."""
