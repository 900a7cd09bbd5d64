"""Lists as files: workbooks (xlsx) and CSV, written while their rows are read, never all in memory.

A row is a sequence with one value a column, None where there is none. A text stays text: no
spreadsheet takes `=1+1` of somebody's title for a formula (CWE-1236). A workbook says so by type
and format of the cell and keeps the text as it is; CSV knows neither, so there an apostrophe
comes before it. Values are converted a column of some rows at a time, and where one look at the
column says that none needs it, not at all: what is called for each of millions of values is the
cost of an export (P9).
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import partial
from itertools import islice, repeat
from math import ceil
from pathlib import Path
from typing import Any

from rustpy_xlsxwriter import FastExcel, Format

from otsp_chassis.clock import SHANGHAI

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
ROWS_A_SHEET = 1_048_576 - 1
"""Of a workbook, the header not counted; what is more goes on in the next sheet."""

_ROWS_AT_ONCE = 500
_LONGEST_TEXT = 32_767
_FIRST_DAY = date(1900, 1, 1)
"""No workbook knows a day before; such a one is written as text."""
_BEGINS_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")  # wide ones are folded

Row = Sequence[Any]
Values = Sequence[Any]
"""Of one column, in some rows."""
Convert = Callable[[Any], Any]
ConvertAll = Callable[[Values], Iterable[Any]]


class Kind(Enum):
    """What a column holds, and the number format of its cells."""

    TEXT = "@"
    INTEGER = "0"
    DATE = "yyyy-mm-dd"
    MOMENT = "yyyy-mm-dd hh:mm"
    """Told in Chinese time."""
    MONEY = "#,##0.00"
    """Given in fen, told in yuan."""
    HUNDREDTHS = "0.00"
    """Of a square metre, say."""
    YES_NO = "General"
    CODES = "@ "
    """Several values in one cell, in the words of `labels` where there are any."""


@dataclass(frozen=True, slots=True)
class Column:
    """`title` is Chinese, and no other column's; `labels` tell codes in words; width in letters.

    `tell` makes of what the query gives, never None, what the kind has.
    """

    title: str
    kind: Kind = Kind.TEXT
    labels: Mapping[Any, str] | None = None
    width: float = 12
    tell: Convert | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """So many rows under their titles; what is too long for one sheet goes on in `name 2`."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Row]
    count: int


def write_xlsx(
    path: Path, rows: Iterable[Row], *, name: str, columns: Sequence[Column], count: int
) -> None:
    """One workbook of one list."""
    write_workbook(path, [Sheet(name, columns, rows, count)])


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """One list after the other, each in as many sheets as it needs.

    Raises ValueError when there are more rows than sheets for `count`; what `rows` raises is
    raised. No file stays then.
    """
    book = FastExcel(path)
    book.freeze(row=1)
    filled = [_add(book, sheet) for sheet in sheets]
    book.save()
    for sheet, rest in zip(sheets, filled, strict=True):
        if next(rest, None) is not None:
            path.unlink()
            message = f"more rows than the {sheet.count} that were told"
            raise ValueError(message)


def _add(book: FastExcel, sheet: Sheet) -> Iterator[dict[str, Any]]:
    """The rows, of which those that found room are taken when the book is saved."""
    titles = _titles(sheet.columns)
    converts = [_conversion(column, _WORKBOOK) for column in sheet.columns]
    filled = _converted(sheet.rows, titles, converts)
    for number in range(1, max(1, ceil(sheet.count / ROWS_A_SHEET)) + 1):
        # The writer takes the titles from the first row.
        taken = islice(filled, ROWS_A_SHEET) if sheet.count else [dict.fromkeys(titles)]
        book.sheet(
            sheet.name if number == 1 else f"{sheet.name} {number}",
            taken,
            column_widths=[column.width for column in sheet.columns],
            column_formats=_cell_formats(sheet.columns),
            header_format=Format().set_bold(),
        )
    return filled


def write_csv(path: Path, rows: Iterable[Row], *, columns: Sequence[Column]) -> None:
    """UTF-8 with the mark that spreadsheets know it by; lines end as RFC 4180 has them."""
    titles = _titles(columns)
    converts = [_conversion(column, _CSV) for column in columns]
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
    rows: Iterable[Row], titles: Sequence[str], converts: Sequence[ConvertAll]
) -> Iterator[dict[str, Any]]:
    rest = iter(rows)
    while taken := list(islice(rest, _ROWS_AT_ONCE)):
        columns = [
            convert(values)
            for convert, values in zip(converts, zip(*taken, strict=True), strict=True)
        ]
        yield from map(dict, map(zip, repeat(titles), zip(*columns, strict=True)))


class _Words(dict[Any, Any]):
    """Codes in words; one without a label is told as it is."""

    def __init__(self, labels: Mapping[Any, str], told: ConvertAll) -> None:
        super().__init__(zip(labels, told([*labels.values()]), strict=True))
        self[None] = None
        self._told = told

    def __missing__(self, code: object) -> object:
        [text] = self._told([str(code)])
        return text


def _conversion(column: Column, kinds: Mapping[Kind, ConvertAll]) -> ConvertAll:
    convert, tell = _by_kind(column, kinds), column.tell
    if tell is None:
        return convert
    told = _of_something(tell)
    return lambda values: convert([told(each) for each in values])


def _by_kind(column: Column, kinds: Mapping[Kind, ConvertAll]) -> ConvertAll:
    told = kinds[Kind.TEXT]
    if column.kind is Kind.YES_NO:
        return _each({True: "是", False: "否"}.get)
    if column.kind is Kind.CODES:
        joined = _joined(column.labels or {})
        return lambda cells: told([joined(codes) for codes in cells])
    if column.labels is not None:
        return _each(_Words(column.labels, told).__getitem__)
    return kinds.get(column.kind, _as_they_are)


def _joined(words: Mapping[Any, str]) -> Callable[[Iterable[Any] | None], str | None]:
    return lambda codes: "、".join(words.get(each, str(each)) for each in codes or ()) or None


def _each(convert: Convert) -> ConvertAll:
    return partial(map, convert)


def _as_they_are(values: Values) -> Values:
    return values


def _of_something(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _cell_formats(columns: Sequence[Column]) -> dict[str, Format]:
    """By title; words of ours need none, and a format costs time for every cell."""
    return {
        column.title: Format().set_num_format(column.kind.value.strip())
        for column in columns
        if column.labels is None and column.kind is not Kind.YES_NO
    }


def _fitting(texts: Values) -> Iterable[str | None]:
    if max(map(len, filter(None, texts)), default=0) <= _LONGEST_TEXT:
        return texts
    return [
        f"{text[: _LONGEST_TEXT - 1]}…" if text and len(text) > _LONGEST_TEXT else text
        for text in texts
    ]


def _without_formulas(texts: Values) -> Iterable[str | None]:
    return (f"'{text}" if text and text[0] in _BEGINS_FORMULA else text for text in texts)


def _days(days: Values) -> Iterable[date | str | None]:
    if min(filter(None, days), default=_FIRST_DAY) >= _FIRST_DAY:
        return days
    return (day.isoformat() if day and day < _FIRST_DAY else day for day in days)


def _moment(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI).replace(tzinfo=None)


def _moment_text(moment: datetime) -> str:
    return _moment(moment).isoformat(" ", "minutes")


def _hundredths(number: int) -> float:
    return number / 100


def _hundredths_text(number: int) -> str:
    return f"{number / 100:.2f}"


_WORKBOOK: Mapping[Kind, ConvertAll] = {
    Kind.TEXT: _fitting,
    Kind.DATE: _days,
    Kind.MOMENT: _each(_of_something(_moment)),
    Kind.MONEY: _each(_of_something(_hundredths)),
    Kind.HUNDREDTHS: _each(_of_something(_hundredths)),
}
_CSV: Mapping[Kind, ConvertAll] = {
    Kind.TEXT: _without_formulas,
    Kind.MOMENT: _each(_of_something(_moment_text)),
    Kind.MONEY: _each(_of_something(_hundredths_text)),
    Kind.HUNDREDTHS: _each(_of_something(_hundredths_text)),
}
