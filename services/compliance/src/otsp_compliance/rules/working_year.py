"""A year's days as the national administrator hands them in: one CSV row a day, judged at once.

Every day of the year stands in the file, so that a file cut short is seen. Columns: `day`
(YYYY-MM-DD), `kind` (working or rest), `name` (of the holiday, also on its make-up working days).
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from otsp_compliance.rules.calendar import is_weekend

COLUMNS: Final = ("day", "kind", "name")
_KINDS: Final[Mapping[str, bool]] = {"working": True, "rest": False}
_STATUTORY: Final = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))
"""Holidays on fixed days in every year (全国年节及纪念日放假办法 §2)."""
_LONGEST_NAME: Final = 50


@dataclass(frozen=True, slots=True)
class YearDay:
    """One day, and the holiday for which it differs from its weekday, if it does."""

    day: date
    is_working: bool
    name: str | None


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in a line of the file; line 0 speaks of the file as a whole."""

    line: int
    column: str
    code: str
    detail_zh: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The days of the rows that are sound, by day, and every fault."""

    days: Sequence[YearDay]
    faults: Sequence[RowFault]


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    day: YearDay


def read_year(text: str, year: int) -> Reading:
    """Reads the file against the year that it is said to hold."""
    faults: list[RowFault] = []
    rows = csv.reader(text.splitlines(), strict=True)
    try:
        header = [cell.strip() for cell in next(rows, [])]
        if header != list(COLUMNS):
            told = f"首行应为“{','.join(COLUMNS)}”。"
            return Reading((), (RowFault(1, "", "bad_header", told),))
        lines = list(_lines(rows, year, faults))
    except csv.Error as error:
        told = f"不是有效的 CSV：{error}。"
        return Reading((), (*faults, RowFault(rows.line_num, "", "not_csv", told)))
    days = {line.day.day: line.day for line in lines}
    if not faults:
        faults += _missing(days, year)
        faults += _unlawful(lines)
    return Reading([days[day] for day in sorted(days)], faults)


def _lines(rows: Iterable[list[str]], year: int, faults: list[RowFault]) -> Iterator[_Line]:
    seen: dict[date, int] = {}
    for number, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        found, own = _read_line(number, [cell.strip() for cell in cells], year)
        if found is not None and found.day in seen:
            told = f"{found.day} 与第 {seen[found.day]} 行重复。"
            own = [*own, RowFault(number, "day", "repeated", told)]
        faults += own
        if found is not None and not own:
            seen[found.day] = number
            yield _Line(number, found)


def _read_line(
    number: int, cells: Sequence[str], year: int
) -> tuple[YearDay | None, list[RowFault]]:
    if len(cells) != len(COLUMNS):
        told = f"应有 {len(COLUMNS)} 列，实有 {len(cells)} 列。"
        return None, [RowFault(number, "", "column_count", told)]
    faults = []
    day = _day(cells[0])
    if day is None:
        told = f"“{cells[0]}”不是有效日期，应为 {year}-01-31 的形式。"
        faults.append(RowFault(number, "day", "bad_date", told))
    elif day.year != year:
        faults.append(RowFault(number, "day", "other_year", f"{day} 不在 {year} 年内。"))
    if cells[1] not in _KINDS:
        told = f"“{cells[1]}”无效，应为 working（上班）或 rest（休息）。"
        faults.append(RowFault(number, "kind", "bad_kind", told))
    if len(cells[2]) > _LONGEST_NAME:
        told = f"名称不能超过 {_LONGEST_NAME} 个字。"
        faults.append(RowFault(number, "name", "too_long", told))
    if faults or day is None:
        return None, faults
    read = YearDay(day, _KINDS[cells[1]], cells[2] or None)
    if differs(read) and read.name is None:
        told = "工作日放假、周末上班须写明节日名称（如“国庆节”）。"
        return read, [RowFault(number, "name", "unnamed", told)]
    return read, []


def differs(day: YearDay) -> bool:
    """Whether the day is not what its weekday would make it."""
    return day.is_working == is_weekend(day.day)


def _missing(days: Mapping[date, YearDay], year: int) -> Iterator[RowFault]:
    """One fault for each run of days that the file lacks."""
    run: list[date] = []
    day, end = date(year, 1, 1), date(year, 12, 31)
    while day <= end:
        if day not in days:
            run.append(day)
        elif run:
            yield _gap(run)
            run = []
        day += timedelta(days=1)
    if run:
        yield _gap(run)


def _gap(run: Sequence[date]) -> RowFault:
    span = f"{run[0]}" if len(run) == 1 else f"{run[0]} 至 {run[-1]}"
    return RowFault(0, "day", "missing_days", f"缺少 {span}，共 {len(run)} 天：全年每天各占一行。")


def _unlawful(lines: Iterable[_Line]) -> Iterator[RowFault]:
    for line in lines:
        day = line.day
        if day.is_working and (day.day.month, day.day.day) in _STATUTORY:
            told = f"{day.day} 是法定节假日（全国年节及纪念日放假办法），应为 rest。"
            yield RowFault(line.number, "kind", "statutory_holiday", told)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2027-01-31") else None
    except ValueError:
        return None
