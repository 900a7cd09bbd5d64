"""The statutory clocks of cases, and what stops them for a while."""

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Date, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_compliance.model.schema import Base


class CaseClock(Base):
    """One period of one step of a case; whoever changes it holds the case's row lock.

    `amber_on`, `due_on`, `is_provisional` and `paused_on` are what counting led to when
    `counted_by` held (the day and the state of the calendar); an open clock is counted again when
    either moved on. `local_holidays` are those of the authority's region, as they were then.
    `limit_days` holds the days that were added on `extended_on`.
    `told_light` is the last that was told as late.
    """

    __tablename__ = "case_clock"
    __table_args__ = (
        Index(
            "uq_case_clock_running",
            "case_id",
            unique=True,
            postgresql_where=text("ended_on IS NULL"),
        ),
        Index("ix_case_clock_due", "phase", "due_on", postgresql_where=text("ended_on IS NULL")),
        Index(
            "ix_case_clock_escalated_to",
            "escalated_to",
            postgresql_where=text("escalated_to IS NOT NULL"),
        ),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("review_case.case_id"), primary_key=True)
    step_no: Mapped[int] = mapped_column(primary_key=True)
    phase: Mapped[str] = mapped_column(primary_key=True)
    started_on: Mapped[date]
    limit_days: Mapped[int]
    amber_on: Mapped[date]
    due_on: Mapped[date]
    is_provisional: Mapped[bool]
    paused_on: Mapped[date | None]
    local_holidays: Mapped[list[date]] = mapped_column(ARRAY(Date))
    counted_by: Mapped[str]
    is_deemed: Mapped[bool] = mapped_column(default=False)
    ended_on: Mapped[date | None]
    extended_on: Mapped[date | None]
    extended_by: Mapped[UUID | None]
    extension_reason: Mapped[str | None]
    told_light: Mapped[str | None]
    escalated_to: Mapped[UUID | None]
    escalated_on: Mapped[date | None]


class ClockPause(Base):
    """A time that is not counted, on a legal ground; open while `ended_on` is null."""

    __tablename__ = "clock_pause"
    __table_args__ = (
        ForeignKeyConstraint(
            ["case_id", "step_no", "phase"],
            ["case_clock.case_id", "case_clock.step_no", "case_clock.phase"],
        ),
        Index("ix_clock_pause_case_id_step_no", "case_id", "step_no"),
        Index(
            "uq_clock_pause_open",
            "case_id",
            "ground",
            unique=True,
            postgresql_where=text("ended_on IS NULL"),
        ),
    )

    pause_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    step_no: Mapped[int]
    phase: Mapped[str]
    ground: Mapped[str]
    reason: Mapped[str | None]
    began_on: Mapped[date]
    began_by: Mapped[UUID | None]
    expected_until: Mapped[date | None]
    ended_on: Mapped[date | None]
    ended_by: Mapped[UUID | None]
