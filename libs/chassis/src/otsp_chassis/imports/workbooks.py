"""The workbooks of an import: the template to fill in, and the report on what was filled in."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from rustpy_xlsxwriter import FastExcel, Format

from otsp_chassis.imports.fields import Field, Kind, letters
from otsp_chassis.imports.importer import (
    FAULTS,
    FAULTY,
    OUTCOMES_ZH,
    REPORTED,
    Checking,
    Importer,
    Verdict,
)
from otsp_chassis.imports.reader import MOST_ROWS
from otsp_chassis.imports.reading import Row

EXAMPLES_ZH = "填写示例"
COMMENTED_ROWS = 20
"""So many of the first faulty rows have comments at their cells; all have the column."""
_LONGEST_TEXT = 32_767
_REPORTED_WIDTH = 40.0
_LONGEST_LIST = 255
_SHEET, _COMMENTS, _DRAWING = (
    "xl/worksheets/sheet1.xml",
    "xl/comments1.xml",
    "xl/drawings/vmlDrawing1.vml",
)
_FIRST_CELL = re.compile(rb'sqref="([A-Z]+)2"')


def template(importer: Importer) -> bytes:
    """Titles that cannot be altered, lists to choose from, an example on a sheet of its own."""
    target = io.BytesIO()
    book = FastExcel(target, password="")  # protected from slips, not from people
    book.freeze(row=1)
    titles = {each.title: each for each in importer.fields}
    for name, rows in (
        (importer.name_zh, [dict.fromkeys(titles)]),
        (EXAMPLES_ZH, [_example(importer, each) for each in importer.examples]),
    ):
        book.sheet(
            name,
            rows,
            column_widths=[each.width for each in importer.fields],
            column_formats={title: _format(each) for title, each in titles.items()},
            header_format=Format().set_bold(),
            data_validations=_choices(importer.fields),
            notes={title: _hint(each) for title, each in titles.items()},
        )
    book.save()
    _replace(target, {_SHEET: _for_all_rows})
    return target.getvalue()


def write_report(
    path: Path,
    importer: Importer,
    checking: Checking,
    *,
    titles: Sequence[str],
    checked: Iterable[tuple[Row, Verdict]],
) -> None:
    """The rows as they were given, each with its result; the faulty ones say why, by column."""
    kept = [index for index, title in enumerate(titles) if title and title not in REPORTED]
    names = (*(titles[index] for index in kept), *REPORTED)
    comments = _Comments(checking, kept)
    widths = {each.title: each.width for each in importer.fields}
    book = FastExcel(path)
    book.freeze(row=1)
    book.sheet(
        importer.name_zh,
        _never_empty(_rows(checked, comments, names), names),
        column_widths=[widths.get(each, _REPORTED_WIDTH) for each in names],
        column_formats={
            each.title: Format().set_num_format("@")
            for each in importer.fields
            if each.kind is Kind.TEXT
        },
        header_format=Format().set_bold(),
        data_validations=_choices(importer.fields),
        notes={FAULTS: "空白表示这一行没有错误。"},  # the comments take the place of this one
        autofilter=True,
    )
    book.save()
    if comments.cells:
        with path.open("r+b") as target:
            _replace(target, {_COMMENTS: comments.text, _DRAWING: comments.drawing})


def _rows(
    checked: Iterable[tuple[Row, Verdict]], comments: "_Comments", names: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Under their numbers: where nothing was given, nothing stands."""
    following, blank, kept = 2, dict.fromkeys(names), comments.kept
    is_whole = kept == list(range(len(names) - len(REPORTED)))
    for row, verdict in checked:
        yield from (blank for _ in range(following, row.number))
        following = row.number + 1
        comments.note(row.number, verdict)
        cells = row.cells[: len(kept)] if is_whole else [row.cells[index] for index in kept]
        yield dict(zip(names, (*cells, *_told(comments.checking, verdict)), strict=True))


def _told(checking: Checking, verdict: Verdict) -> tuple[str, str | None, str | None]:
    faults, warnings = (
        "\n".join(map(checking.layout.told, each))[:_LONGEST_TEXT] if each else None
        for each in (verdict.faults, verdict.warnings)
    )
    return OUTCOMES_ZH[verdict.outcome], faults, warnings


def _never_empty(rows: Iterator[dict[str, Any]], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The writer takes the titles from the first row."""
    first = next(rows, None)
    yield dict.fromkeys(names) if first is None else first
    yield from rows


def _example(importer: Importer, cells: Mapping[str, Any]) -> dict[str, Any]:
    return {each.title: cells.get(each.pointer) for each in importer.fields}


def _format(field: Field) -> Format:
    return Format().set_num_format(field.kind.value.strip()).set_unlocked()


def _choices(fields: Iterable[Field]) -> dict[str, dict[str, Any]]:
    """A list to choose one from; several are typed, so there the hint names them."""
    choices = [
        (each, ["是", "否"] if each.kind is Kind.YES_NO else list((each.labels or {}).values()))
        for each in fields
        if each.kind in {Kind.YES_NO, Kind.CODE}
    ]
    return {
        field.title: {
            "type": "list",
            "values": values,
            "error_title": field.title,
            "error_message": "请从下拉列表中选择。",
            "error_style": "warning" if field.is_open else "stop",
        }
        for field, values in choices
        if len(",".join(values)) <= _LONGEST_LIST
    }


def _hint(field: Field) -> str:
    """What may be typed into the column."""
    told = ["必填。" if field.is_required else "没有的留空。", field.hint]
    if field.kind is Kind.CODES:
        choice = "、".join((field.labels or {}).values())
        told.append(f"可填多项，用“、”分开{choice and '：'}{choice}。")
    elif field.kind is Kind.DATE:
        told.append("日期，如 2024-10-15。")
    elif field.kind is Kind.DAYS:
        told.append("日期，如 2024-10-15，可填多个，用“、”分开。")
    elif field.kind is Kind.FILE:
        told.append("填写已上传文件的文件名（含扩展名）；文件请先上传，并在一天内导入。")
    elif field.kind is Kind.YUAN:
        told.append("金额，单位为元。")
    return "".join(told)


def _for_all_rows(sheet: bytes) -> bytes:
    """The writer bounds lists by the rows that it wrote, and forbids more rows."""
    last = str(MOST_ROWS + 1).encode()
    return _FIRST_CELL.sub(rb'sqref="\g<1>2:\g<1>' + last + b'"', sheet).replace(
        b'<sheetProtection sheet="1"',
        b'<sheetProtection sheet="1" formatColumns="0" insertRows="0" deleteRows="0"',
    )


def _replace(target: Any, parts: Mapping[str, Callable[[bytes], bytes]]) -> None:  # noqa: ANN401 - of a file that can be read and written
    """Write parts of a package anew, without packing the others again."""
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as package:
        for name, anew in parts.items():
            part = package.getinfo(name)
            content = anew(package.read(part))
            package.filelist.remove(part)
            del package.NameToInfo[name]
            package.writestr(name, content)


@dataclass(frozen=True, slots=True)
class _Comment:
    row: int
    column: int
    text: str


class _Comments:
    """Comments at the faulty cells of the first faulty rows, which the writer cannot make."""

    def __init__(self, checking: Checking, kept: Sequence[int]) -> None:
        """`kept` are the columns of the upload that the report has, in its order."""
        self.checking, self.kept = checking, list(kept)
        self._rows = 0
        self.cells: list[_Comment] = []

    def note(self, number: int, verdict: Verdict) -> None:
        if verdict.outcome != FAULTY or self._rows == COMMENTED_ROWS:
            return
        self._rows += 1
        by_column: dict[int, list[str]] = {}
        for fault in verdict.faults:
            place = self.checking.layout.place_of(fault.pointer)
            column = self.kept.index(place[0]) if place else len(self.kept)
            by_column.setdefault(column, []).append(fault.detail)
        self.cells += [
            _Comment(number, column, "\n".join(details))
            for column, details in sorted(by_column.items())
        ]

    def text(self, _: bytes) -> bytes:
        listed = "".join(
            f'<comment ref="{letters(each.column)}{each.row}" authorId="0"><text>'
            f'<t xml:space="preserve">{escape(each.text)}</t></text></comment>'
            for each in self.cells
        )
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            '<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            "<authors><author></author></authors>"
            f"<commentList>{listed}</commentList></comments>"
        ).encode()

    def drawing(self, of_one: bytes) -> bytes:
        """A shape for each, after the one that the writer made."""
        head, shape, tail = re.split(
            rb"(<v:shape .*?</v:shape>)", of_one, maxsplit=1, flags=re.DOTALL
        )
        shapes = (
            _placed(shape, each, number) for number, each in enumerate(self.cells, start=1_025)
        )
        return head + b"".join(shapes) + tail


def _placed(shape: bytes, comment: _Comment, number: int) -> bytes:
    column, row = comment.column, comment.row - 1
    anchor = f"{column + 1}, 15, {row}, 10, {column + 4}, 15, {row + 5}, 4"
    for pattern, told in (
        (rb"_x0000_s\d+", f"_x0000_s{number}"),
        (rb"<x:Anchor>.*?</x:Anchor>", f"<x:Anchor>{anchor}</x:Anchor>"),
        (rb"<x:Row>\d+</x:Row>", f"<x:Row>{row}</x:Row>"),
        (rb"<x:Column>\d+</x:Column>", f"<x:Column>{column}</x:Column>"),
    ):
        shape = re.sub(pattern, told.encode(), shape)
    return shape
