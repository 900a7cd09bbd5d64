"""The statutory clocks of cases, as they stand on a day."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.workcalendar import WorkCalendar
from otsp_compliance.model import CaseClock, ClockPause
from otsp_compliance.rules.clocks import Clock, Ground, OfficeDays, Pause, Phase

StepClock = tuple[UUID, int, str]
"""Case, step and phase."""


def pauses_of(tx: Reader, case_ids: Collection[UUID]) -> Mapping[StepClock, list[Pause]]:
    """By clock, in the order in which they began."""
    found: defaultdict[StepClock, list[Pause]] = defaultdict(list)
    query = select(
        ClockPause.case_id,
        ClockPause.step_no,
        ClockPause.phase,
        ClockPause.ground,
        ClockPause.began_on,
        ClockPause.ended_on,
    ).where(ClockPause.case_id.in_(case_ids))
    for row in tx.execute(query.order_by(ClockPause.pause_id)):
        found[row.case_id, row.step_no, row.phase].append(
            Pause(Ground(row.ground), row.began_on, row.ended_on)
        )
    return found


def as_clock(kept: CaseClock, pauses: Collection[Pause]) -> Clock:
    """What the rules count of it."""
    return Clock(
        phase=Phase(kept.phase),
        started_on=kept.started_on,
        limit=kept.limit_days,
        pauses=pauses,
        ended_on=kept.ended_on,
    )


def office_days(calendar: WorkCalendar, kept: CaseClock) -> OfficeDays:
    return OfficeDays(calendar, calendar.covers_from, kept.local_holidays)
