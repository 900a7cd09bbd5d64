"""The working calendar as people read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.page import decode_cursor, make_page
from otsp_chassis.problems import BadParameter
from otsp_chassis.tables import working_day
from otsp_chassis.workcalendar import load_calendar
from otsp_compliance.rules.calendar import is_weekend
from otsp_compliance.rules.working_year import YearDay
from otsp_contracts.values import FieldError


@dataclass(frozen=True, slots=True)
class WorkingDayView:
    """One day; `differs`: it is not what its weekday would make it."""

    day: date
    weekday: int
    is_working: bool
    differs: bool
    name: str | None


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Days of one year, with how far the table reaches; days left count from today."""

    items: Sequence[WorkingDayView]
    next: str | None
    covers_from: date | None
    covers_until: date | None
    days_left: int


def list_working_days(
    tx: Reader, year: int, *, only_differing: bool, cursor: str | None, limit: int
) -> WorkingDays:
    """In the order of the year; none of a year that is not entered."""
    days = [_view(day) for day in days_of(tx, year, after=_after(cursor))]
    chosen = [one for one in days if one.differs or not only_differing]
    page = make_page(chosen[: limit + 1], limit, key=lambda one: [one.day])
    calendar = load_calendar(tx)
    is_empty = calendar.covers_until == date.min
    return WorkingDays(
        page.items,
        page.next,
        None if is_empty else calendar.covers_from,
        None if is_empty else calendar.covers_until,
        0 if is_empty else max(0, (calendar.covers_until - clock.today()).days),
    )


def days_of(tx: Reader, year: int, *, after: date | None = None) -> list[YearDay]:
    """The table's days of a year."""
    columns = working_day.c
    query = select(columns.day, columns.is_working, columns.name).where(
        columns.day > (after or date(year - 1, 12, 31)), columns.day <= date(year, 12, 31)
    )
    return [YearDay(*row) for row in tx.execute(query.order_by(columns.day))]


def _after(cursor: str | None) -> date | None:
    if cursor is None:
        return None
    [text] = decode_cursor(cursor, 1)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        fault = FieldError("/cursor", "bad_cursor", "翻页标记无效，请从第一页重新查询。")
        raise BadParameter(errors=[fault]) from error


def _view(day: YearDay) -> WorkingDayView:
    return WorkingDayView(
        day.day,
        day.day.isoweekday(),
        day.is_working,
        day.is_working == is_weekend(day.day),
        day.name,
    )
