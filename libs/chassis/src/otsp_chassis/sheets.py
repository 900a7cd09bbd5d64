"""Lists as files: workbooks (xlsx) and CSV, written while their rows are read, never all in memory.

A row is a sequence with one value a column, None where there is none. A text stays text: no
spreadsheet takes `=1+1` of somebody's title for a formula (CWE-1236). A workbook says so by type
and format of the cell and keeps the text as it is; CSV knows neither, so there an apostrophe
comes before it.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Any

from rustpy_xlsxwriter import FastExcel, Format

from otsp_chassis.clock import SHANGHAI

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
ROWS_A_SHEET = 1_048_576 - 1
"""Of a workbook, the header not counted; what is more goes on in the next sheet."""

_LONGEST_TEXT = 32_767
_FIRST_YEAR = 1_900
"""No workbook knows a day before; such a one is written as text."""
_BEGINS_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")  # wide ones are folded

Row = Sequence[Any]
Convert = Callable[[Any], Any]


class Kind(Enum):
    """What a column holds, and the number format of its cells."""

    TEXT = "@"
    INTEGER = "0"
    DATE = "yyyy-mm-dd"
    MOMENT = "yyyy-mm-dd hh:mm"
    """Told in Chinese time."""
    MONEY = "#,##0.00"
    """Given in fen, told in yuan."""


@dataclass(frozen=True, slots=True)
class Column:
    """`title` is Chinese, and no other column's; `labels` tell codes in words; width in letters."""

    title: str
    kind: Kind = Kind.TEXT
    labels: Mapping[Any, str] | None = None
    width: float = 12


def write_xlsx(
    path: Path, rows: Iterable[Row], *, name: str, columns: Sequence[Column], count: int
) -> None:
    """One workbook of so many rows, in as many sheets as they need.

    `name` is the first sheet's. Raises ValueError when there are more rows than sheets for
    `count`; what `rows` raises is raised. No file stays then.
    """
    titles = _titles(columns)
    rest = iter(rows)
    filled = _converted(rest, titles, [_for_workbook(column) for column in columns])
    book = FastExcel(path)
    book.freeze(row=1)
    for number in range(1, max(1, ceil(count / ROWS_A_SHEET)) + 1):
        # The writer takes the titles from the first row.
        taken = islice(filled, ROWS_A_SHEET) if count else [dict.fromkeys(titles)]
        book.sheet(
            name if number == 1 else f"{name} {number}",
            taken,
            column_widths=[column.width for column in columns],
            column_formats=[Format().set_num_format(column.kind.value) for column in columns],
            header_format=Format().set_bold(),
        )
    book.save()
    if next(rest, None) is not None:
        path.unlink()
        message = f"more rows than the {count} that were told"
        raise ValueError(message)


def write_csv(path: Path, rows: Iterable[Row], *, columns: Sequence[Column]) -> None:
    """UTF-8 with the mark that spreadsheets know it by; lines end as RFC 4180 has them."""
    titles = _titles(columns)
    converts = [_for_csv(column) for column in columns]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(titles)
        for row in _converted(rows, titles, converts):
            writer.writerow(row.values())


def _titles(columns: Sequence[Column]) -> list[str]:
    titles = [column.title for column in columns]
    if len(set(titles)) < len(titles):
        message = f"two columns of one title among {titles}"
        raise ValueError(message)
    return titles


def _converted(
    rows: Iterable[Row], titles: Sequence[str], converts: Sequence[Convert | None]
) -> Iterator[dict[str, Any]]:
    steps = [(place, convert) for place, convert in enumerate(converts) if convert]
    for row in rows:
        values = list(row)
        for place, convert in steps:
            value = values[place]
            if value is not None:
                values[place] = convert(value)
        yield dict(zip(titles, values, strict=True))


def _for_workbook(column: Column) -> Convert | None:
    if column.labels is not None:
        return _labelled(column.labels)
    return _WORKBOOK.get(column.kind)


def _for_csv(column: Column) -> Convert | None:
    labelled = None if column.labels is None else _labelled(column.labels)
    if labelled is not None:
        return lambda code: _without_formula(labelled(code))
    return _CSV.get(column.kind)


def _labelled(labels: Mapping[Any, str]) -> Convert:
    """A code that has no label is told as it is."""
    return lambda code: labels.get(code) or str(code)


def _fitting(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def _day(day: date) -> date | str:
    return day if day.year >= _FIRST_YEAR else day.isoformat()


def _moment(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI).replace(tzinfo=None)


def _yuan(fen: int) -> float:
    return fen / 100


def _without_formula(text: str) -> str:
    return f"'{text}" if text[:1] in _BEGINS_FORMULA else text


_WORKBOOK: Mapping[Kind, Convert] = {
    Kind.TEXT: _fitting,
    Kind.DATE: _day,
    Kind.MOMENT: _moment,
    Kind.MONEY: _yuan,
}
_CSV: Mapping[Kind, Convert] = {
    Kind.TEXT: _without_formula,
    Kind.DATE: date.isoformat,
    Kind.MOMENT: lambda moment: _moment(moment).isoformat(" ", "minutes"),
    Kind.MONEY: lambda fen: f"{fen / 100:.2f}",
}
