"""Cases: what lies with an authority until it decides (registration, material, application)."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import flag_modified

from otsp_chassis import clock
from otsp_chassis.db import Stamped
from otsp_chassis.problems import Conflict
from otsp_compliance.model.schema import Base, Document

OPEN = "open"
DECIDED = "decided"
REGISTRATION = "registration"
EXTERNAL_REVIEW = "external_review"
COMPLIANCE = "compliance"
DEREGISTRATION = "deregistration"
APPLICATION_CASES = frozenset({COMPLIANCE, DEREGISTRATION})
"""Kinds whose subject is an application."""

NORMAL = "normal"
URGENT = "urgent"
NEVER = date(9999, 12, 31)
"""A case without a running clock comes after all that are due some day."""


class CaseAlreadyDecided(Conflict):
    slug: ClassVar[str] = "case-already-decided"
    title: ClassVar[str] = "The case is already decided"
    detail_zh: ClassVar[str] = "该事项已经办结，不能重复办理，请刷新后查看结果。"


class ReviewCase(Stamped, Base):
    """One matter about one subject; at most one is open for a subject.

    `subject_version` is the owner's version of what is decided on; an older one never replaces a
    newer. `authority_id` is the authority of the present step, null while no authority is known
    that it could go to. `routed_by` is what the routing looked at, null while it must be taken
    from the institution's reference. `assignee_id` holds the case to the end of the day
    `leased_until`; after it nobody does, without anything having to happen. `pressing_on` is the
    first day on which its running clock is red, as counted last, for the order of worklists; no
    news about the case, so it makes no version.
    """

    __tablename__ = "review_case"
    __table_args__ = (
        Index(
            "uq_review_case_open",
            "kind",
            "subject_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_review_case_authority_id_state_case_id", "authority_id", "state", "case_id"),
        Index(
            "ix_review_case_unrouted",
            "case_id",
            postgresql_where=text("state = 'open' AND authority_id IS NULL"),
        ),
        Index("ix_review_case_institution_id", "institution_id"),
        Index("ix_review_case_subject_id", "subject_id"),
        Index(
            "ix_review_case_pressing",
            "authority_id",
            "priority",
            "pressing_on",
            "case_id",
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_review_case_held", "assignee_id", postgresql_where=text("state = 'open'")),
    )

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    institution_id: Mapped[UUID]
    institution_name: Mapped[str | None]
    region_code: Mapped[str | None]
    subject_id: Mapped[UUID]
    subject_version: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str]
    details: Mapped[Document]
    routed_by: Mapped[Document | None]
    state: Mapped[str]
    step_no: Mapped[int]
    step_count: Mapped[int]
    authority_id: Mapped[UUID | None]
    opened_on: Mapped[date]
    decision: Mapped[str | None]
    reason: Mapped[str | None]
    decided_on: Mapped[date | None]
    priority: Mapped[str] = mapped_column(default=NORMAL)
    priority_reason: Mapped[str | None]
    assignee_id: Mapped[UUID | None]
    leased_until: Mapped[date | None]
    pressing_on: Mapped[date] = mapped_column(default=NEVER)

    def holder_on(self, day: date) -> UUID | None:
        """Whose lease is in force that day."""
        is_over = self.leased_until is None or self.leased_until < day
        return None if is_over else self.assignee_id

    def lease_to(self, account_id: UUID, until: date) -> None:
        self.require_open()
        self.assignee_id, self.leased_until = account_id, until

    def end_lease(self) -> None:
        self.assignee_id = self.leased_until = None

    @property
    def application_id(self) -> UUID | None:
        """Of a case about an application."""
        return self.subject_id if self.kind in APPLICATION_CASES else None

    def require_open(self) -> None:
        if self.state != OPEN:
            raise CaseAlreadyDecided(decision=self.decision)

    def close(self, decision: str, *, on: date, reason: str | None) -> None:
        self.require_open()
        self.state = DECIDED
        self.decision = decision
        self.reason = reason
        self.decided_on = on
        self.end_lease()

    def decide_anew(self, decision: str, *, on: date, reason: str | None) -> None:
        """Its decision was set aside; it stays closed."""
        self.decision = decision
        self.reason = reason
        self.decided_on = on

    def touch(self) -> None:
        """Something of its steps changed: whoever read it before read an older version."""
        self.updated_at = clock.now()
        flag_modified(self, "updated_at")  # two changes of one moment are two versions


class CaseStep(Base):
    """One review of a case, by one authority; frozen when the case is routed.

    `grounds` tells why this authority: one entry for each part of the training that it reviews.
    Whoever took the step up is not the one who may approve it where there are two (four eyes).
    """

    __tablename__ = "case_step"
    __table_args__ = (Index("ix_case_step_authority_id", "authority_id"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("review_case.case_id"), primary_key=True)
    step_no: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[UUID]
    authority_name: Mapped[str]
    level: Mapped[str]
    department: Mapped[str]
    purpose: Mapped[str]
    fallback: Mapped[str | None]
    opinion_from: Mapped[UUID | None]
    grounds: Mapped[list[Document]] = mapped_column(default=list)
    accepted_by: Mapped[UUID | None]
    accepted_on: Mapped[date | None]
    decision: Mapped[str | None]
    reason: Mapped[str | None]
    decided_by: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    decided_at: Mapped[datetime | None]

    def decide(self, outcome: str, *, by: UUID, on: date, reason: str | None) -> None:
        self.decision = outcome
        self.reason = reason
        self.decided_by = by
        self.decided_on = on
        self.decided_at = clock.business_now()


class CaseTransfer(Base):
    """One hand-over (转办) of a case's present step from an authority to another, and why."""

    __tablename__ = "case_transfer"
    __table_args__ = (Index("ix_case_transfer_case_id", "case_id"),)

    transfer_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("review_case.case_id"))
    step_no: Mapped[int]
    from_authority_id: Mapped[UUID]
    from_authority: Mapped[str]
    to_authority_id: Mapped[UUID]
    to_authority: Mapped[str]
    reason: Mapped[str]
    transferred_by: Mapped[UUID]
    transferred_on: Mapped[date]
    transferred_at: Mapped[datetime]
