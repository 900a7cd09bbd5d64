"""What and when is taught: courses and classes with their transitions."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.problems import Conflict
from otsp_chassis.search import search_index
from otsp_courses.model.schema import Base, Owned, listed_by, one_of
from otsp_courses.rules import states
from otsp_courses.rules.rows import Teaching


class StateForbids(Conflict):
    slug: ClassVar[str] = "courses-state-forbids"
    title: ClassVar[str] = "The current state does not allow this"
    detail_zh: ClassVar[str] = "课程或班级的当前状态不允许此操作，请刷新后重试。"


class Course(Owned, Base):
    """培训课程. `host_id` is a site or a system, by delivery (V-05)."""

    __tablename__ = "course"
    __table_args__ = (
        one_of("status", list(states.COURSE_STEPS)),
        listed_by("course", "course_id"),
        search_index("course"),
    )

    course_id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str]
    name: Mapped[str | None]
    host_id: Mapped[UUID | None] = mapped_column(index=True)
    delivery: Mapped[str | None]
    category: Mapped[str | None]
    subject_code: Mapped[str | None]
    stage: Mapped[str | None]
    grades: Mapped[list[str]]
    syllabus: Mapped[str | None]
    objective: Mapped[str | None]
    content: Mapped[str | None]
    total_lessons: Mapped[int | None]
    lesson_minutes: Mapped[int | None]
    material_ids: Mapped[list[UUID]]
    fee_item_id: Mapped[UUID | None]
    homework: Mapped[bool | None]
    overseas_curriculum: Mapped[bool | None]

    def move_to(self, status: str) -> None:
        self.status = _stepped(
            self.status, status, steps=states.COURSE_STEPS, labels=states.COURSE_LABELS_ZH
        )

    def end(self) -> None:
        """Its institution closes: whether it was ever open does not matter any more."""
        self.status = "closed"

    def require_alterable(self) -> None:
        """A closed course is a record."""
        if self.status == "closed":
            raise StateForbids("课程已停开，不能再修改。", state=self.status)

    def require_deletable(self) -> None:
        if self.status != "draft":
            raise StateForbids("只有草稿状态的课程可以删除；已开的课程请停开。", state=self.status)


class TrainingClass(Owned, Base):
    """班级: counts only, no pupil records. Its timetable is one value, replaced as a whole."""

    __tablename__ = "class"
    __table_args__ = (
        one_of("status", list(states.CLASS_STEPS)),
        CheckConstraint("end_on >= start_on", name="dates"),
        listed_by("class", "class_id"),
        search_index("class"),
        Index("ix_class_institution_id_room_no", "institution_id", "room_no"),
        Index("ix_class_teacher_ids", "teacher_ids", postgresql_using="gin"),
    )

    class_id: Mapped[UUID] = mapped_column(primary_key=True)
    course_id: Mapped[UUID] = mapped_column(ForeignKey("course.course_id"), index=True)
    status: Mapped[str]
    name: Mapped[str | None]
    capacity: Mapped[int | None]
    enrolled: Mapped[int | None]
    teacher_ids: Mapped[list[UUID]]
    assistant_ids: Mapped[list[UUID]]
    start_on: Mapped[date | None]
    end_on: Mapped[date | None]
    slots: Mapped[list[Teaching]] = mapped_column(JSONB)
    skip_dates: Mapped[list[date]]
    extra_sessions: Mapped[list[Teaching]] = mapped_column(JSONB)
    room_no: Mapped[str | None]

    def move_to(self, status: str) -> None:
        self.status = _stepped(
            self.status, status, steps=states.CLASS_STEPS, labels=states.CLASS_LABELS_ZH
        )

    def end(self, on: date) -> None:
        """Its institution closes: taught to its last day it is finished, else it falls through."""
        is_taught = self.status == "in_session" and self.end_on is not None and self.end_on < on
        self.move_to("finished" if is_taught else "cancelled")

    def require_alterable(self) -> None:
        """A finished or cancelled class is a record."""
        if not states.CLASS_STEPS[self.status]:
            label = states.CLASS_LABELS_ZH[self.status]
            raise StateForbids(f"班级{label}，不能再修改。", state=self.status)

    def require_deletable(self) -> None:
        if self.status != "planned":
            raise StateForbids(
                "只有计划状态的班级可以删除；已招生的班级请取消。", state=self.status
            )


def _stepped(
    status: str, target: str, *, steps: Mapping[str, frozenset[str]], labels: Mapping[str, str]
) -> str:
    if target not in steps[status]:
        detail = f"当前状态为“{labels[status]}”，不能变更为“{labels[target]}”。"
        raise StateForbids(detail, state=status)
    return target
