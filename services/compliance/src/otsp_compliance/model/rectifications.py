"""Rectification tasks (整改): what an institution was told to put right, and how it did."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.db import Stamped
from otsp_chassis.problems import Conflict
from otsp_compliance.model.schema import Base
from otsp_compliance.rules.rectification import (
    Action,
    ImpossibleTransition,
    Status,
    transition,
)


class RectificationOver(Conflict):
    slug: ClassVar[str] = "rectification-step-impossible"
    title: ClassVar[str] = "The rectification's status does not allow this"
    detail_zh: ClassVar[str] = "该整改任务的当前状态不允许此操作，请刷新后查看。"


class Rectification(Stamped, Base):
    """`issued_by` is the authority; null when the law or a published rule version opened the task,
    and in a batch of the nation's.

    A publication, a returned decision and a batch open at most one task of an institution each, and
    of the two that the law orders one is unfinished at a time. `note` is what was last said of it.
    `reminded_at` is how many days before its day the institution was last reminded.
    """

    __tablename__ = "rectification"
    __table_args__ = (
        Index(
            "ix_rectification_institution_id_rectification_id",
            "institution_id",
            "rectification_id",
        ),
        Index("ix_rectification_status_due_on", "status", "due_on"),
        Index("uq_rectification_publication", "institution_id", "publication_id", unique=True),
        Index("uq_rectification_decision", "decision_id", unique=True),
        Index("uq_rectification_batch", "batch_id", "institution_id", unique=True),
        Index(
            "uq_rectification_legal",
            "institution_id",
            "kind",
            unique=True,
            postgresql_where=text("kind <> 'other' AND status NOT IN ('closed', 'waived')"),
        ),
    )

    rectification_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID]
    kind: Mapped[str]
    status: Mapped[str]
    reason_text: Mapped[str]
    issued_by: Mapped[UUID | None]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    note: Mapped[str | None]
    verified_by: Mapped[UUID | None]
    closed_on: Mapped[date | None]
    reminded_at: Mapped[int | None]
    batch_id: Mapped[UUID | None]
    publication_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("rule_publication.publication_id")
    )
    decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("decision.decision_id"))

    def perform(self, action: Action) -> str:
        """Go where the action leads from here; returns the status that was left."""
        left = self.status
        try:
            self.status = transition(Status(left), action).to.value
        except ImpossibleTransition as error:
            raise RectificationOver(rectification_status=left) from error
        return left


class RectificationStep(Base):
    """What has to be done for a task, and what the institution handed in to show that it is.

    `done_on` is the day on which it was done, null while it is not.
    """

    __tablename__ = "rectification_step"
    __table_args__ = (Index("ix_rectification_step_institution_id", "institution_id"),)

    rectification_id: Mapped[UUID] = mapped_column(
        ForeignKey("rectification.rectification_id"), primary_key=True
    )
    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    institution_id: Mapped[UUID]
    label_zh: Mapped[str]
    done_on: Mapped[date | None]
    note: Mapped[str | None]
    file_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)


class RectificationMove(Base):
    """One thing that happened to a task. The application role may only insert and read.

    `actor` is the account, null where the platform itself acted; `at` is business time.
    """

    __tablename__ = "rectification_move"

    rectification_id: Mapped[UUID] = mapped_column(
        ForeignKey("rectification.rectification_id"), primary_key=True
    )
    move_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[UUID | None]
    role: Mapped[str]
    action: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    step: Mapped[str | None]
    note: Mapped[str | None]
