"""Deregistrations (注销): what was typed of a closing, and how far the services are with it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_compliance.model.schema import Base, Document


class Deregistration(Base):
    """What an application of this kind has beside the others.

    `closing` is what was typed, by the institution or by the authority `opened_by` that opened it
    for a revoked licence. `closes_on` is the business day of its approval, on which everything of
    the institution ends; `deregistered_on` that on which all services were done. Through
    `read_only_until` its people may still look and download.
    """

    __tablename__ = "deregistration"

    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("application.application_id"), primary_key=True
    )
    institution_id: Mapped[UUID]
    closing: Mapped[Document]
    opened_by: Mapped[UUID | None]
    closes_on: Mapped[date | None]
    deregistered_on: Mapped[date | None]
    read_only_until: Mapped[date | None]


class ClosingStep(Base):
    """The part of one service in a closing. Moments are real time: they say when to ask again.

    `ended` is how many things of the institution came to their end there.
    """

    __tablename__ = "closing_step"
    __table_args__ = (
        Index("ix_closing_step_waiting", "asked_at", postgresql_where=text("done_at IS NULL")),
    )

    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("deregistration.application_id"), primary_key=True
    )
    service: Mapped[str] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    repeats: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    ended: Mapped[int | None] = mapped_column(BigInteger)
