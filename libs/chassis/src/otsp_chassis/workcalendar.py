"""The working calendar: a table, because next year's rest days are decreed each November.

Seeded from `chinesecalendar` for the years that it knows; beyond them a day falls back to its
weekday and to holidays that were configured (decision D11), and the caller can see that it did.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from uuid import UUID

import chinese_calendar
from chinese_calendar.constants import Holiday, holidays
from sqlalchemy import ARRAY, BigInteger, Date, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.db import Reader, Tx
from otsp_chassis.statements import Read
from otsp_chassis.tables import DIFFERS, working_day

_FRIDAY = 5
_EPOCH_YEAR = 2015
_SPAN = Read(select(func.min(working_day.c.day), func.max(working_day.c.day)))
_DIFFERING = Read(select(working_day.c.day, working_day.c.is_working).where(DIFFERS))


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
    first, last = _SPAN.first(tx, {})
    if first is None:
        return WorkCalendar(date.max, date.min)
    return WorkCalendar(first, last, dict(_DIFFERING.rows(tx, {})))


def seed_calendar(tx: Tx) -> int:
    """Fill in the years that the package knows and the table lacks; returns days added."""
    rows = [
        {"day": day, "is_working": chinese_calendar.is_workday(day), "name": _name(day)}
        for day in _packaged_days()
    ]
    before = tx.scalar(select(func.count()).select_from(working_day)) or 0
    tx.execute(insert(working_day).on_conflict_do_nothing(), rows)
    return (tx.scalar(select(func.count()).select_from(working_day)) or 0) - before


class KeptYear:
    """Mixin for `calendar_ref`, a service's copy of the years that compliance was told."""

    __tablename__ = "calendar_ref"

    year_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    year: Mapped[int]
    working_weekends: Mapped[list[date]] = mapped_column(ARRAY(Date))
    rest_weekdays: Mapped[list[date]] = mapped_column(ARRAY(Date))


def kept_calendar(tx: Reader, years: type[KeptYear]) -> WorkCalendar:
    """For services that count working days and do not own them: a year that was told counts
    before what `chinesecalendar` says of it.
    """
    calendar = _packaged_calendar()
    for told in tx.execute(select(years.year, years.working_weekends, years.rest_weekdays)):
        exceptions = {day: yes for day, yes in calendar.exceptions.items() if day.year != told.year}
        exceptions |= dict.fromkeys(told.working_weekends, True)
        exceptions |= dict.fromkeys(told.rest_weekdays, False)
        until = max(calendar.covers_until, date(told.year, 12, 31))
        calendar = replace(calendar, covers_until=until, exceptions=exceptions)
    return calendar


@cache
def _packaged_calendar() -> WorkCalendar:
    days = list(_packaged_days())
    exceptions = {
        day: not is_weekday
        for day in days
        if chinese_calendar.is_workday(day) != (is_weekday := day.isoweekday() <= _FRIDAY)
    }
    return WorkCalendar(days[0], days[-1], exceptions)


def _packaged_days() -> Iterator[date]:
    day, last = date(_EPOCH_YEAR, 1, 1), date(max(holidays).year, 12, 31)
    while day <= last:
        yield day
        day += timedelta(days=1)


def _name(day: date) -> str | None:
    name: str | None = chinese_calendar.get_holiday_detail(day)[1]
    return None if name is None else Holiday(name).chinese
