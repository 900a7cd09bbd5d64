"""The statutory clocks of a review: due days in working days (行政许可法 §32, §42, §45, §82).

Counting begins on the day after the start (民法典 §201). Of a pause the first day is not counted
and the day on which it ends is, so that a pause of n working days moves the due day by n.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from otsp_compliance.rules.calendar import Calendar, is_weekend


class Phase(StrEnum):
    """What the authority owes by the due day: a word on acceptance, or a decision."""

    ACCEPT = "accept"
    DECIDE = "decide"


class Light(StrEnum):
    """How near the due day of a running clock is."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    PAUSED = "paused"


class Ground(StrEnum):
    """Why time is not counted: §45, and a supplement that the institution was asked for."""

    HEARING = "hearing"
    TENDER = "tender"
    INSPECTION = "inspection"
    APPRAISAL = "appraisal"
    EXPERT_REVIEW = "expert_review"
    SUPPLEMENT = "supplement"


LIMITS: Final[Mapping[Phase, int]] = {Phase.ACCEPT: 5, Phase.DECIDE: 20}
"""Working days for each (§32, §42)."""
EXTENSION: Final = 10
"""Working days that the head of the authority may add, once (§42)."""
_WARNED_AHEAD: Final[Mapping[Phase, int]] = {Phase.ACCEPT: 1, Phase.DECIDE: 5}
_NEXT: Final = timedelta(days=1)


class StartsBeforeCalendar(Exception):
    """No working day is known of the time before the calendar's first day."""

    def __init__(self, started_on: date, epoch: date) -> None:
        super().__init__(f"{started_on} lies before {epoch}, where the calendar begins")
        self.started_on = started_on
        self.epoch = epoch


@dataclass(frozen=True, slots=True)
class OfficeDays:
    """The days on which an authority works: the calendar's, less the local holidays.

    Beyond the calendar's last day weekends and local holidays are all that is known; nothing is
    refused for that.
    """

    calendar: Calendar
    local_holidays: Collection[date] = ()

    def is_working_day(self, day: date) -> bool:
        if day in self.local_holidays:
            return False
        return not (self.calendar.is_rest_day(day) if self.covers(day) else is_weekend(day))

    def covers(self, day: date) -> bool:
        return self.calendar.covers(day)


@dataclass(frozen=True, slots=True)
class Pause:
    """Days that are not counted: the first, and those before `ended_on`, which is null so far."""

    ground: Ground
    began_on: date
    ended_on: date | None = None

    def holds(self, day: date, *, until: date) -> bool:
        """Whether the day is taken out; one that has not ended is reckoned to end on `until`."""
        return self.began_on <= day < (self.ended_on or until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One period of one step. `limit` is its working days, those that were added included."""

    phase: Phase
    started_on: date
    limit: int
    pauses: Collection[Pause] = ()
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """A clock as it stands on a day. `days_left` is 0 on the due day and negative afterwards.

    `due_on` is the first day on which `light` is red; of a paused clock it is the day that
    resuming at once would lead to. `paused_on` is the first day of the pause that still holds.
    `is_provisional`: the due day lies beyond the calendar and will be counted again.
    """

    amber_on: date
    due_on: date
    days_used: int
    days_left: int
    paused_on: date | None
    light: Light | None
    is_provisional: bool


def started(phase: Phase, on: date, *, epoch: date) -> Clock:
    """A clock that begins; `epoch` is the calendar's first day. Raises StartsBeforeCalendar."""
    if on < epoch:
        raise StartsBeforeCalendar(on, epoch)
    return Clock(phase=phase, started_on=on, limit=LIMITS[phase])


def count(clock: Clock, office: OfficeDays, on: date) -> Count:
    """An ended clock is counted as of its last day, without light."""
    at = clock.ended_on or on
    counted = counted_days(clock, office, at)
    days = [next(counted) for _ in range(clock.limit)]
    amber_on, due_on = days[-1 - _WARNED_AHEAD[clock.phase]], days[-1]
    paused_on = min((one.began_on for one in clock.pauses if one.ended_on is None), default=None)
    used = _days_used(clock, office, at)
    running = None if clock.ended_on else light_of(on, amber_on, due_on, paused_on=paused_on)
    return Count(
        amber_on,
        due_on,
        used,
        clock.limit - used,
        paused_on,
        running,
        not office.covers(due_on),
    )


def light_of(on: date, amber_on: date, due_on: date, *, paused_on: date | None) -> Light:
    """A pause that began after the due day mends nothing."""
    if paused_on is not None and paused_on <= due_on:
        return Light.PAUSED
    if on >= due_on:
        return Light.RED
    return Light.AMBER if on >= amber_on else Light.GREEN


def is_over(due_on: date, at: datetime, *, closes_at: int) -> bool:
    """Whether the due day has passed: it ends when offices close, at that hour (民法典 §203)."""
    return (at.date(), at.hour) >= (due_on, closes_at)


def counted_days(clock: Clock, office: OfficeDays, at: date) -> Iterator[date]:
    """Without end, the working days of the clock, with pauses that have not ended ending then."""
    day = clock.started_on
    while True:
        day += _NEXT
        if office.is_working_day(day) and not _is_paused(clock, day, until=at):
            yield day


def _days_used(clock: Clock, office: OfficeDays, at: date) -> int:
    """While it is paused the day itself is not used either."""
    used, day = 0, clock.started_on + _NEXT
    while day <= at:
        used += office.is_working_day(day) and not _is_paused(clock, day, until=at + _NEXT)
        day += _NEXT
    return used


def _is_paused(clock: Clock, day: date, *, until: date) -> bool:
    return any(pause.holds(day, until=until) for pause in clock.pauses)
