"""The working calendar: a table, because next year's rest days are decreed each November.

Seeded from `chinesecalendar` for the years that it knows; beyond them a day falls back to its
weekday and to holidays that were configured (decision D11), and the caller can see that it did.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import chinese_calendar
from chinese_calendar.constants import Holiday, holidays
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis.db import Reader, Tx
from otsp_chassis.tables import working_day

_FRIDAY = 5
_EPOCH_YEAR = 2015
_SPAN = select(func.min(working_day.c.day), func.max(working_day.c.day))
_DIFFERING = select(working_day.c.day, working_day.c.is_working).where(
    working_day.c.is_working != (func.extract("isodow", working_day.c.day) <= _FRIDAY)
)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Days that differ from their weekday, within the covered span. Immutable and pure."""

    covers_from: date
    covers_until: date
    exceptions: Mapping[date, bool] = field(default_factory=dict)
    holidays: Collection[date] = ()

    def covers(self, day: date) -> bool:
        return self.covers_from <= day <= self.covers_until

    def is_working_day(self, day: date) -> bool:
        """A weekday or a make-up weekend, and no statutory or configured holiday."""
        if day in self.holidays:
            return False
        return self.exceptions.get(day, day.isoweekday() <= _FRIDAY)

    def is_rest_day(self, day: date) -> bool:
        """Make-up working weekends are school days, hence no rest days."""
        return not self.is_working_day(day)

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (行政许可法 §82 counts working days)."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day


def load_calendar(tx: Reader) -> WorkCalendar:
    """The calendar of the table; an empty table covers nothing and falls back to weekdays."""
    first, last = tx.execute(_SPAN).one()
    if first is None:
        return WorkCalendar(date.max, date.min)
    return WorkCalendar(first, last, dict(tx.execute(_DIFFERING).all()))


def seed_calendar(tx: Tx) -> int:
    """Fill in the years that the package knows and the table lacks; returns days added."""
    last_year = max(holidays).year
    days = [
        date(_EPOCH_YEAR, 1, 1) + timedelta(days=number)
        for number in range((date(last_year, 12, 31) - date(_EPOCH_YEAR, 1, 1)).days + 1)
    ]
    rows = [
        {"day": day, "is_working": chinese_calendar.is_workday(day), "name": _name(day)}
        for day in days
    ]
    before = tx.scalar(select(func.count()).select_from(working_day)) or 0
    tx.execute(insert(working_day).on_conflict_do_nothing(), rows)
    return (tx.scalar(select(func.count()).select_from(working_day)) or 0) - before


def _name(day: date) -> str | None:
    name: str | None = chinese_calendar.get_holiday_detail(day)[1]
    return None if name is None else Holiday(name).chinese
