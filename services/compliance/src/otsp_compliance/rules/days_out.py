"""Which days of a clock do not count, and why; which weekend days do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from otsp_compliance.rules.calendar import is_weekend
from otsp_compliance.rules.clocks import Clock, OfficeDays

_NEXT = timedelta(days=1)


class Why(StrEnum):
    """The reason for which a day does not count."""

    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    LOCAL_HOLIDAY = "local_holiday"
    PAUSE = "pause"


_NAMELESS: Mapping[Why, str] = {
    Why.WEEKEND: "周末",
    Why.HOLIDAY: "法定节假日",
    Why.LOCAL_HOLIDAY: "本地假日",
    Why.PAUSE: "暂停",
}


@dataclass(frozen=True, slots=True)
class DayOut:
    """A run of days that do not count, for one reason."""

    first: date
    last: date
    why: Why
    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """A day, and the holiday that it is worked for."""

    day: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """The days of a clock from its start until its due day, as of `on`; `names` are holidays'."""

    clock: Clock
    office: OfficeDays
    names: Mapping[date, str]
    on: date
    until: date

    def days_out(self) -> Iterator[DayOut]:
        """Runs of days that do not count."""
        run: DayOut | None = None
        for day in self._days():
            out = self._day_out(day)
            if run and out and (run.why, run.name) == (out.why, out.name):
                run = replace(run, last=day)
                continue
            if run:
                yield run
            run = out
        if run:
            yield run

    def made_up(self) -> Iterator[Named]:
        """Weekend days that are worked instead of a day of a holiday."""
        for day in self._days():
            if is_weekend(day) and self._day_out(day) is None:
                yield Named(day, self.names.get(day, "节假日"))

    def _days(self) -> Iterator[date]:
        day = self.clock.started_on
        while day < self.until:
            day += _NEXT
            yield day

    def _day_out(self, day: date) -> DayOut | None:
        if any(pause.holds(day, until=self.on) for pause in self.clock.pauses):
            why = Why.PAUSE
        elif self.office.is_working_day(day):
            return None
        elif day in self.office.local_holidays:
            why = Why.LOCAL_HOLIDAY
        elif is_weekend(day) and day not in self.names:
            why = Why.WEEKEND
        else:
            why = Why.HOLIDAY
        known = self.names.get(day) if why is Why.HOLIDAY else None
        return DayOut(day, day, why, known or _NAMELESS[why])
