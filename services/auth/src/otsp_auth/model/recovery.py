"""Requests for an account whose mobile is lost (账号找回), and what proves them."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base
from otsp_chassis.db import Stamped
from otsp_chassis.pii import Sealed
from otsp_chassis.problems import Conflict


class RecoveryDecided(Conflict):
    slug: ClassVar[str] = "recovery-decided"
    title: ClassVar[str] = "The request has been decided"
    detail_zh: ClassVar[str] = "该找回申请已经处理，请刷新后查看结果。"


class RecoverySubmitted(Conflict):
    slug: ClassVar[str] = "recovery-submitted"
    title: ClassVar[str] = "The request has been submitted"
    detail_zh: ClassVar[str] = "该找回申请已经提交，不能再修改；请等待主管部门处理。"


class SecondPersonNeeded(Conflict):
    slug: ClassVar[str] = "second-person-needed"
    title: ClassVar[str] = "Somebody else must approve it too"
    detail_zh: ClassVar[str] = "您已同意该申请，需由另一名工作人员复核同意后方可重置。"


class RecoveryRequest(Stamped, Base):
    """A draft until its proofs are there; then it waits for the authority in charge.

    The applicant holds a secret for it, kept as SHA-256. Names and numbers of persons are
    encrypted, and None once they are no longer needed.
    """

    __tablename__ = "recovery_request"
    __table_args__ = (
        Index("ix_recovery_request_uscc_submitted_at", "uscc", "submitted_at"),
        Index("ix_recovery_request_authority_id", "authority_id", "request_id"),
        Index("ix_recovery_request_second_authority_id", "second_authority_id", "request_id"),
    )

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_sha256: Mapped[bytes]
    status: Mapped[str]
    institution_name: Mapped[str]
    uscc: Mapped[str]
    region_code: Mapped[str]
    delivery: Mapped[str]
    applicant_name: Mapped[Sealed | None]
    applicant_mobile: Mapped[Sealed | None]
    new_mobile: Mapped[Sealed | None]
    authority_id: Mapped[UUID | None] = mapped_column(ForeignKey("authority.authority_id"))
    second_authority_id: Mapped[UUID | None] = mapped_column(ForeignKey("authority.authority_id"))
    submitted_at: Mapped[datetime | None]
    account_id: Mapped[UUID | None]
    first_approved_by: Mapped[UUID | None]
    first_approved_at: Mapped[datetime | None]
    handled_by: Mapped[UUID | None]
    handled_at: Mapped[datetime | None]
    reason: Mapped[str | None]

    @property
    def awaits_second(self) -> bool:
        return self.status == "submitted" and self.first_approved_by is not None

    def require_draft(self) -> None:
        if self.status != "draft":
            raise RecoverySubmitted

    def submit(self, authority_id: UUID, now: datetime) -> None:
        self.require_draft()
        self.status, self.authority_id, self.submitted_at = "submitted", authority_id, now

    def require_open(self) -> None:
        if self.status != "submitted":
            raise RecoveryDecided

    def approve_first(self, by: UUID, *, account_id: UUID, second: UUID, now: datetime) -> None:
        """One of two has agreed; `second` is the authority whose people may agree after it."""
        self.require_open()
        self.first_approved_by, self.first_approved_at = by, now
        self.account_id, self.second_authority_id = account_id, second

    def decide(self, status: str, by: UUID, *, reason: str, now: datetime) -> None:
        """Approved or rejected, once."""
        self.require_open()
        self.status, self.reason = status, reason
        self.handled_by, self.handled_at = by, now


class RecoveryProof(Base):
    """A scan that proves a request: the attachment of that id, one of a kind."""

    __tablename__ = "recovery_proof"
    __table_args__ = (
        Index("uq_recovery_proof_request_id_kind", "request_id", "kind", unique=True),
    )

    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("recovery_request.request_id"))
    kind: Mapped[str]
