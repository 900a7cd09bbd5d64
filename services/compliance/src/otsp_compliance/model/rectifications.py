"""Rectification tasks (整改): what an authority told an institution to put right."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.db import Stamped
from otsp_chassis.problems import Conflict
from otsp_compliance.model.schema import Base

_WORKING = frozenset({"submitted", "closed", "waived"})
STEPS: Mapping[str, frozenset[str]] = {
    "open": _WORKING | {"overdue"},
    "in_progress": _WORKING | {"overdue"},
    "returned": _WORKING,
    "overdue": _WORKING,
    "submitted": frozenset({"closed", "waived"}),
    "closed": frozenset(),
    "waived": frozenset(),
}
"""Status → where it may go. Approval of an application closes, its return sends back."""


class RectificationOver(Conflict):
    slug: ClassVar[str] = "rectification-step-impossible"
    title: ClassVar[str] = "The rectification's status does not allow this"
    detail_zh: ClassVar[str] = "该整改任务的当前状态不允许此操作，请刷新后查看。"


class Rectification(Stamped, Base):
    """`issued_by` is the authority; null when a published rule version opened the task.

    One publication opens at most one task of an institution. `note` is what the last step said:
    the evidence handed in, or why it was closed or waived.
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
    publication_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("rule_publication.publication_id")
    )

    def move_to(self, status: str) -> None:
        if status not in STEPS[self.status]:
            raise RectificationOver(rectification_status=self.status)
        self.status = status


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
