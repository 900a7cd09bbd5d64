"""The statutory clocks of cases, as they stand today."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, case, select

from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.workcalendar import WorkCalendar, load_calendar
from otsp_compliance.model import CaseClock, ClockPause
from otsp_compliance.rules.clocks import Clock, Ground, Light, OfficeDays, Pause, Phase, count

StepClock = tuple[UUID, int, str]
"""Case, step and phase."""


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A clock as it is kept."""

    case_id: UUID
    step_no: int
    phase: str
    started_on: date
    limit_days: int
    local_holidays: list[date]
    is_deemed: bool
    ended_on: date | None
    extended_on: date | None
    extension_reason: str | None
    escalated_to: UUID | None
    escalated_on: date | None


@dataclass(frozen=True, slots=True)
class PauseRow:
    """A time that is not counted, as it is kept."""

    pause_id: UUID
    case_id: UUID
    step_no: int
    phase: str
    ground: str
    reason: str | None
    began_on: date
    expected_until: date | None
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Due:
    """What a list tells of a running clock; all null where none runs."""

    due_on: date | None = None
    working_days_left: int | None = None
    light: str | None = None


NOTHING_DUE = Due()


def running_clocks(tx: Reader, case_ids: Collection[UUID]) -> Mapping[UUID, Due]:
    """Of those of the cases in which a clock runs."""
    rows = clocks_of(tx, case_ids, CaseClock.ended_on.is_(None)) if case_ids else []
    if not rows:
        return {}
    pauses, calendar, today = pauses_of(tx, case_ids), load_calendar(tx), clock.today()
    due: dict[UUID, Due] = {}
    for row in rows:
        told = count(as_clock(row, pauses), office_days(calendar, row), today)
        due[row.case_id] = Due(told.due_on, told.days_left, told.light)
    return due


def light_today() -> ColumnElement[str]:
    """As `rules.clocks.light_of` has it, by the days that were counted last; null where no clock
    is joined.
    """
    return case(
        (CaseClock.paused_on <= CaseClock.due_on, Light.PAUSED.value),
        (CaseClock.due_on <= clock.today(), Light.RED.value),
        (CaseClock.amber_on <= clock.today(), Light.AMBER.value),
        (CaseClock.amber_on > clock.today(), Light.GREEN.value),
    )


def clocks_of(tx: Reader, case_ids: Collection[UUID], *more: ColumnElement[bool]) -> list[ClockRow]:
    """In the order in which they ran."""
    query = select(*_CLOCK).where(CaseClock.case_id.in_(case_ids), *more)
    order = (CaseClock.case_id, CaseClock.step_no, CaseClock.phase)
    return [ClockRow(*row) for row in tx.execute(query.order_by(*order))]


def escalated_to(tx: Reader, case_id: UUID) -> set[UUID | None]:
    """The authorities that were told of the case as late."""
    told = select(CaseClock.escalated_to).where(CaseClock.case_id == case_id)
    return set(tx.execute(told).scalars())


def pauses_of(tx: Reader, case_ids: Collection[UUID]) -> Mapping[StepClock, list[PauseRow]]:
    """By clock, in the order in which they began."""
    found: defaultdict[StepClock, list[PauseRow]] = defaultdict(list)
    query = select(*_PAUSE).where(ClockPause.case_id.in_(case_ids))
    for row in tx.execute(query.order_by(ClockPause.pause_id)):
        one = PauseRow(*row)
        found[one.case_id, one.step_no, one.phase].append(one)
    return found


def as_clock(kept: CaseClock | ClockRow, pauses: Mapping[StepClock, Collection[PauseRow]]) -> Clock:
    """What the rules count of it."""
    own = pauses.get((kept.case_id, kept.step_no, kept.phase), ())
    return Clock(
        phase=Phase(kept.phase),
        started_on=kept.started_on,
        limit=kept.limit_days,
        pauses=tuple(Pause(Ground(one.ground), one.began_on, one.ended_on) for one in own),
        ended_on=kept.ended_on,
    )


def office_days(calendar: WorkCalendar, kept: CaseClock | ClockRow) -> OfficeDays:
    """The calendar, with the local holidays by which this clock was counted."""
    return OfficeDays(calendar, kept.local_holidays)


_CLOCK = tuple(getattr(CaseClock, field.name) for field in fields(ClockRow))
_PAUSE = tuple(getattr(ClockPause, field.name) for field in fields(PauseRow))
