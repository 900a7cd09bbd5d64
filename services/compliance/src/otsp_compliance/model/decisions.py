"""Decisions on applications: written once, never changed, each pointing at what was judged."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_compliance.model.schema import Base, Document


class Decision(Base):
    """One authority's word on one step. The application role may only insert and read.

    `outcome` is approved, returned or rejected; that of a step which passes the case on is not
    final. `request_id` and `snapshot_sha256` name the sealed snapshot that was judged, `overrides`
    the rules from which the institution was excused, with reasons. `doc_no` is the application's
    number and which decision on it this is. A decision that sets another aside names it in
    `replaces`, and each is set aside once. `valid_to` is the end of the licence that was approved.
    """

    __tablename__ = "decision"
    __table_args__ = (
        Index("uq_decision_replaces", "replaces", unique=True),
        Index("ix_decision_application_id", "application_id"),
        Index("ix_decision_institution_id_decision_id", "institution_id", "decision_id"),
        Index("ix_decision_final_decided_on", "decided_on", postgresql_where=text("is_final")),
    )

    decision_id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.application_id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("review_case.case_id"))
    institution_id: Mapped[UUID]
    institution_name: Mapped[str]
    region_code: Mapped[str]
    application_kind: Mapped[str]
    seq_no: Mapped[str]
    step_no: Mapped[int]
    is_final: Mapped[bool]
    outcome: Mapped[str]
    reason: Mapped[str | None]
    overrides: Mapped[list[Document]]
    warnings_read: Mapped[list[str]]
    request_id: Mapped[UUID] = mapped_column(ForeignKey("snapshot.request_id"))
    snapshot_sha256: Mapped[str]
    authority_id: Mapped[UUID]
    authority_name: Mapped[str]
    decided_by: Mapped[UUID]
    decided_on: Mapped[date]
    decided_at: Mapped[datetime]
    doc_no: Mapped[str] = mapped_column(unique=True)
    appeal_text: Mapped[str | None]
    replaces: Mapped[UUID | None] = mapped_column(ForeignKey("decision.decision_id"))
    valid_to: Mapped[date | None]
