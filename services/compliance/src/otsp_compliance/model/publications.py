"""Published rule versions, and the re-evaluation of compliant institutions that each brings."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_compliance.model.schema import Base, Document

SCHEDULED = "scheduled"
RUNNING = "running"
DONE = "done"


class RulePublication(Base):
    """A version put in force from a day on. The application role may only insert and read."""

    __tablename__ = "rule_publication"
    __table_args__ = (Index("uq_rule_publication_day", "rule_id", "effective_from", unique=True),)

    publication_id: Mapped[UUID] = mapped_column(primary_key=True)
    rule_id: Mapped[str]
    rule_version: Mapped[int]
    severity: Mapped[str]
    effective_from: Mapped[date]
    reason: Mapped[str]
    published_by: Mapped[UUID]
    published_at: Mapped[datetime]


class ReEvaluation(Base):
    """The progress of one publication through the compliant institutions, in order of their ids.

    `reached` is the last institution whose result is kept: whoever goes on begins behind it.
    """

    __tablename__ = "re_evaluation"
    __table_args__ = (
        Index("ix_re_evaluation_unfinished", "as_of", postgresql_where=text("state <> 'done'")),
    )

    re_evaluation_id: Mapped[UUID] = mapped_column(
        ForeignKey("rule_publication.publication_id"), primary_key=True
    )
    as_of: Mapped[date]
    state: Mapped[str]
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    unjudged: Mapped[int] = mapped_column(default=0)
    tasks_opened: Mapped[int] = mapped_column(default=0)
    reached: Mapped[UUID | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ReEvaluationResult(Base):
    """What came of one institution; those that the version does not affect are only counted."""

    __tablename__ = "re_evaluation_result"

    re_evaluation_id: Mapped[UUID] = mapped_column(
        ForeignKey("re_evaluation.re_evaluation_id"), primary_key=True
    )
    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("snapshot.request_id"))
    finding: Mapped[Document | None]
    rectification_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("rectification.rectification_id")
    )
