"""Party building, typed attachments, audit reports."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_institution.model.schema import Item, Sheet, Small


class Party(Sheet):
    """Party building: numbers and forms, no person's membership.

    `activity_records` are one value, replaced as a whole.
    """

    __tablename__ = "party"

    member_count: Mapped[int | None]
    probationary_count: Mapped[int | None]
    org_form: Mapped[str | None]
    org_name: Mapped[str | None]
    parent_org: Mapped[str | None]
    founded_on: Mapped[date | None]
    secretary_name: Mapped[str | None]
    secretary_mobile: Mapped[str | None]
    secretary_in_board: Mapped[bool | None]
    charter_has_party: Mapped[bool | None]
    instructor_assigned: Mapped[bool | None]
    instructor_name: Mapped[str | None]
    activity_records: Mapped[list[dict[str, Any]] | None]


class OtherDoc(Item):
    """A typed attachment; it is replaced by another one, never changed."""

    __tablename__ = "other_doc"

    doc_id: Mapped[UUID] = mapped_column(primary_key=True)
    doc_type: Mapped[str]
    title: Mapped[str | None]
    file_id: Mapped[UUID | None]
    issued_on: Mapped[date | None]
    valid_to: Mapped[date | None]
    note: Mapped[str | None]


class AuditReport(Item):
    """The audit report of one year; there is one a year."""

    __tablename__ = "audit_report"
    __table_args__ = (
        Index(
            "uq_audit_report_year",
            "institution_id",
            "year",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    audit_report_id: Mapped[UUID] = mapped_column(primary_key=True)
    year: Mapped[Small]
    file_id: Mapped[UUID | None]
