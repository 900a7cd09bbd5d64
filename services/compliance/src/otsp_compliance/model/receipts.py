"""Receipts: what was filed and what was decided, signed; revoked ones are named beside them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_compliance.model.schema import Base

FILING = "filing"
SUPPLEMENT = "supplement"
DECISION = "decision"


class Receipt(Base):
    """A signed statement. The application role may only insert and read.

    `jws` holds all that the receipt says; the other columns are for finding it. Its number cannot
    be guessed: whoever has it may read it. `salts` are the holder's, by part: with the digest of a
    part they prove that it is the one that was sealed (docs/receipts.md).
    """

    __tablename__ = "receipt"
    __table_args__ = (
        Index("ix_receipt_application_id", "application_id"),
        Index(
            "uq_receipt_filing",
            "application_id",
            unique=True,
            postgresql_where=text("kind = 'filing'"),
        ),
        Index(
            "uq_receipt_supplement",
            "request_id",
            unique=True,
            postgresql_where=text("kind = 'supplement'"),
        ),
    )

    receipt_no: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.application_id"))
    decision_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("decision.decision_id"), unique=True
    )
    request_id: Mapped[UUID] = mapped_column(ForeignKey("snapshot.request_id"))
    institution_id: Mapped[UUID]
    region_code: Mapped[str]
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    salts: Mapped[dict[str, str]]
    jws: Mapped[str]


class ReceiptRevocation(Base):
    """A receipt that no longer holds, and the decision that took its place. Inserted only."""

    __tablename__ = "receipt_revocation"

    receipt_no: Mapped[str] = mapped_column(ForeignKey("receipt.receipt_no"), primary_key=True)
    replaced_by: Mapped[UUID | None] = mapped_column(ForeignKey("decision.decision_id"))
    revoked_on: Mapped[date]
    revoked_at: Mapped[datetime]


class ReceiptPrint(Base):
    """The PDF of a receipt as it was first made. Inserted only."""

    __tablename__ = "receipt_print"

    receipt_no: Mapped[str] = mapped_column(ForeignKey("receipt.receipt_no"), primary_key=True)
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    printed_at: Mapped[datetime]
