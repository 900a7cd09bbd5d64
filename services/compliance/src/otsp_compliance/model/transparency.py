"""The transparency log: every final decision in a chain, and a signed head for every day."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from otsp_compliance.model.schema import Base, Document


class LogEntry(Base):
    """A final decision as it is published; `sha256` is that of `entry`. Inserted only.

    `logged_on` is the business day on which it was chained, never before that of its predecessor.
    """

    __tablename__ = "log_entry"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.decision_id"), unique=True)
    logged_on: Mapped[date]
    logged_at: Mapped[datetime]
    entry: Mapped[Document]
    sha256: Mapped[str]


class LogHead(Base):
    """How far the log went at the end of a day, signed. Inserted only."""

    __tablename__ = "log_head"

    day: Mapped[date] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    jws: Mapped[str]
    signed_at: Mapped[datetime]
