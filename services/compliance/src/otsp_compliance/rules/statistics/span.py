"""Of which days a figure tells: a month, up to its last day or to today."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from otsp_compliance.rules.calendar import Calendar

AGES = (5, 15, 20)
"""Working days after submission at which an open application is told as older."""


@dataclass(frozen=True, slots=True)
class Span:
    """`day` is what a state is told of, `first` to `day` what happened; `ages` are the first days
    of submission that are not older yet than each of AGES.
    """

    first: date
    day: date
    ages: tuple[date, date, date]

    @property
    def month(self) -> str:
        return month_of(self.day)

    @property
    def before(self) -> date:
        """The first day of the month before."""
        return first_of(month_before(self.month))


def span_of(day: date, calendar: Calendar) -> Span:
    young, middle, old = (_earliest(day, most, calendar) for most in AGES)
    return Span(day.replace(day=1), day, (young, middle, old))


def month_of(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def first_of(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)


def last_of(month: str) -> date:
    first = first_of(month)
    return first.replace(day=monthrange(first.year, first.month)[1])


def month_before(month: str) -> str:
    return month_of(first_of(month) - timedelta(days=1))


def months_between(first: str, last: str) -> Iterator[str]:
    """Both included; none when the last lies before."""
    while first <= last:
        yield first
        first = month_of(last_of(first) + timedelta(days=1))


def _earliest(day: date, most: int, calendar: Calendar) -> date:
    """The earliest day after which not more than so many working days have passed."""
    passed = 0
    while (passed := passed + (not calendar.is_rest_day(day))) <= most:
        day -= timedelta(days=1)
    return day
