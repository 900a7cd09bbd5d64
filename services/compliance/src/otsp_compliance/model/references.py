"""What compliance keeps of its neighbours' things: small copies, fed by events."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from otsp_compliance.model.schema import Base


class InstitutionRef(Base):
    """An institution as its owner last told; version 0 is what its registration said of it."""

    __tablename__ = "institution_ref"
    __table_args__ = (
        Index("ix_institution_ref_compliance_status", "compliance_status", "institution_id"),
    )

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    region_code: Mapped[str]
    categories: Mapped[list[str]]
    delivery_modes: Mapped[list[str]]
    nonsubject_types: Mapped[list[str]]
    primary_nonsubject_type: Mapped[str | None]
    stages: Mapped[list[str]]
    legal_nature: Mapped[str]
    registration_status: Mapped[str]
    compliance_status: Mapped[str]
    has_proposed_change: Mapped[bool] = mapped_column(default=False)
    licence_delivery: Mapped[list[str] | None]
    first_approved_on: Mapped[date | None]


class AuthorityRef(Base):
    """An authority as auth last told."""

    __tablename__ = "authority_ref"
    __table_args__ = (Index("ix_authority_ref_region_code", "region_code"),)

    authority_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    level: Mapped[str]
    department: Mapped[str]
    region_code: Mapped[str]
    parent_authority_id: Mapped[UUID | None]
    is_active: Mapped[bool]
    reviewer_count: Mapped[int | None]
    reviewer_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))


class LeaveCoverRef(Base):
    """Who stands in for whom of an authority, from when until when, as auth last told (替班)."""

    __tablename__ = "leave_cover_ref"
    __table_args__ = (Index("ix_leave_cover_ref_to_account_id", "to_account_id", "valid_to"),)

    delegation_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    authority_id: Mapped[UUID]
    from_account_id: Mapped[UUID]
    to_account_id: Mapped[UUID]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]


class RecoveryRef(Base):
    """How a request for an account's recovery stands, as auth last told; for the statistics."""

    __tablename__ = "recovery_ref"
    __table_args__ = (Index("ix_recovery_ref_submitted_on", "submitted_on"),)

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    region_code: Mapped[str]
    delivery: Mapped[str]
    status: Mapped[str]
    submitted_on: Mapped[date]
    handled_on: Mapped[date | None]


class RelocationRef(Base):
    """Which sites of an institution are to move, as courses last told; they may be none."""

    __tablename__ = "relocation_ref"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    site_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
