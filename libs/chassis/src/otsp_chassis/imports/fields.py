"""Columns of a workbook and the fields of a body that they fill.

What a cell says is put into the words of the API, texts normalised as there, and no more: whether a
value is a good one is for the checks of single entry to say, which see the body of the row.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from itertools import compress, repeat
from operator import ne
from types import MappingProxyType
from typing import Any
from uuid import UUID

from otsp_chassis.files import bare_name
from otsp_chassis.http.validation import fold_text
from otsp_contracts.values import FieldError

Cell = str | int | float | bool
"""As the reader hands it over: days in ISO 8601, an empty cell as the empty text."""

Body = dict[str, Any]

NAMES = "names"
"""Below `/names` a row calls other rows as people do; `compare` finds them, no form has them."""

_MOST_DIGITS = 15
"""A number keeps no more in a workbook; of a longer one the last digits are gone."""
_DAY = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?:日|T00:00:00)?")
_TIME = re.compile(r"(\d{1,2})[:：](\d{2})(?:[:：]00)?")
_SEPARATORS = re.compile(r"[、,，;；\s]+")
_WORKBOOK_EPOCH = date(1899, 12, 30)
_LAST_SERIAL = 2_958_465
_YES, _NO = "是", "否"
_NO_SUCH_FILE_ZH = "没有上传过这个名称的文件；请先上传，再填写上传时的文件名（含扩展名）。"
_SAME_NAME_ZH = "有 {count} 个内容不同的文件同名；请把要用的文件改名后重新上传，再填写新的文件名。"


class Kind(Enum):
    """What a column holds, and the number format of its cells."""

    TEXT = "@"
    INTEGER = "0"
    YUAN = "#,##0.00"
    """Typed in yuan, entered in fen."""
    DATE = "yyyy-mm-dd"
    TIME = "hh:mm"
    """Of a day, in 24 hours."""
    YES_NO = "General"
    CODE = "General "
    """One of `labels`."""
    CODES = "@ "
    """Several of `labels`, separated."""
    DAYS = "@  "
    """Several days, separated."""
    FILE = "@   "
    """The name that a file of the institution had when it was uploaded; entered as its id."""


@dataclass(frozen=True, slots=True)
class Field:
    """`title` is Chinese, and no other column's; `pointer` says what it fills (RFC 6901).

    `labels` are codes and their words; where they are `is_open`, a code may be typed that is none
    of them. `is_required` is meant of an import: a row is found again by it. `hint` is read at the
    column's head.
    """

    title: str
    pointer: str
    kind: Kind = Kind.TEXT
    labels: Mapping[Any, str] | None = None
    is_required: bool = False
    is_open: bool = False
    hint: str = ""
    width: float = 14


_Column = tuple[Field, Callable[[Cell], Any], tuple[str, ...]]

Files = Mapping[str, Sequence[UUID]]
"""Of an institution, by the names in a page of rows; several ids are of different contents."""


class Unclear(ValueError):
    """The cell says nothing that the field could be."""

    def __init__(self, code: str, detail_zh: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail_zh = detail_zh


class Layout:
    """The fields in the order in which a workbook has its columns."""

    def __init__(self, fields: Sequence[Field], titles: Sequence[str]) -> None:
        """Every field's title must be among `titles`; the others are passed over."""
        places = {title: index for index, title in enumerate(titles)}
        self._columns: list[_Column | None] = [None] * len(titles)
        self._files: list[tuple[int, Field, tuple[str, ...]]] = []
        for field in fields:
            place, path = places[field.title], tuple(field.pointer.split("/")[1:])
            if field.kind is Kind.FILE:
                self._files.append((place, field, path))
            else:
                self._columns[place] = (field, _converter(field), path)
        self._required = [(places[each.title], each) for each in fields if each.is_required]
        self._groups = _groups(fields)
        self._by_pointer = {each.pointer: (places[each.title], each) for each in fields}

    def file_names(self, cells: Sequence[Cell]) -> list[str]:
        """Which files the row names."""
        return [_file_name(cells[place]) for place, *_ in self._files if cells[place] != ""]

    def body_of(
        self, cells: Sequence[Cell], files: Files = MappingProxyType({})
    ) -> tuple[Body, list[FieldError]]:
        """What the row says, less what is unclear, which is told; empty cells say nothing."""
        body: Body = {}
        unclear = [
            FieldError(field.pointer, "required", "批量导入时必填，系统据此判断是新增还是更新。")
            for place, field in self._required
            if cells[place] == ""
        ]
        columns = zip(self._columns, cells, strict=True)
        for column, cell in compress(columns, map(ne, cells, repeat(""))):
            if column is None:
                continue
            field, convert, path = column
            try:
                value = convert(cell)
            except Unclear as fault:
                unclear.append(FieldError(field.pointer, fault.code, fault.detail_zh))
                continue
            if len(path) == 1:
                body[path[0]] = value
            else:
                _put(body, path, value)
        unclear += self._put_files(body, cells, files)
        for name, firsts in self._groups.items():
            for place, row in enumerate(body.get(name, ())):
                if not row:
                    detail = "这一组没有填写，后面的一组却填写了；请从前面的一组开始填写。"
                    unclear.append(FieldError(firsts[place], "gap", detail))
        return body, unclear

    def _put_files(self, body: Body, cells: Sequence[Cell], files: Files) -> Iterator[FieldError]:
        for place, field, path in self._files:
            if cells[place] == "":
                continue
            found = files.get(_file_name(cells[place]), ())
            if len(found) == 1:
                _put(body, path, str(found[0]))
            else:
                code = "ambiguous_file" if found else "unknown_file"
                detail = _SAME_NAME_ZH.format(count=len(found)) if found else _NO_SUCH_FILE_ZH
                yield FieldError(field.pointer, code, detail)

    def place_of(self, pointer: str) -> tuple[int, Field] | None:
        """Column and field that a fault is about; None when it is about none of them."""
        while pointer:
            if pointer in self._by_pointer:
                return self._by_pointer[pointer]
            pointer = pointer.rpartition("/")[0]
        return None

    def told(self, fault: FieldError) -> str:
        """The fault with its column: `C列（证件号码）：…`."""
        place = self.place_of(fault.pointer)
        if place is None:
            return fault.detail
        index, field = place
        return f"{letters(index)}列（{field.title}）：{fault.detail}"


def _groups(fields: Sequence[Field]) -> dict[str, dict[int, str]]:
    """Of lists with several rows in one row of the workbook: the first field of each."""
    firsts: dict[str, dict[int, str]] = {}
    for field in fields:
        name, _, rest = field.pointer[1:].partition("/")
        place = rest.partition("/")[0]
        if place.isdigit():
            firsts.setdefault(name, {}).setdefault(int(place), field.pointer)
    return {name: each for name, each in firsts.items() if len(each) > 1}


def letters(index: int) -> str:
    """A, …, Z, AA, …: what spreadsheets call the column."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _put(body: Body, path: tuple[str, ...], value: object) -> None:
    """`/quals/0/type` into the row of a list, which is made when it is not there."""
    name, *rest = path
    if not rest:
        body[name] = value
    elif rest[0].isdigit():
        rows: list[Body] = body.setdefault(name, [])
        while len(rows) <= int(rest[0]):
            rows.append({})
        rows[int(rest[0])][rest[1]] = value
    else:
        body.setdefault(name, {})[rest[0]] = value


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return fold_text(cell)
    if isinstance(cell, bool):
        return _YES if cell else _NO
    if abs(cell) >= 10**_MOST_DIGITS:
        raise Unclear(
            "digits_lost",
            "号码是按数字保存的，末几位已经丢失，请把单元格格式改为“文本”后重新填写。",
        )
    return str(int(cell)) if float(cell).is_integer() else str(cell)


def _integer(cell: Cell) -> int:
    number = _number(cell)
    if number is None or number != int(number):
        raise Unclear("wrong_type", "应为整数。")
    return int(number)


def _fen(cell: Cell) -> int:
    yuan = _number(cell)
    if yuan is None or yuan * 100 != int(yuan * 100):
        raise Unclear("wrong_type", "应为金额，单位为元，最多两位小数。")
    return int(yuan * 100)


def _number(cell: Cell) -> Decimal | None:
    if isinstance(cell, bool):
        return None
    try:
        number = Decimal(str(cell).strip().replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < _MOST_DIGITS else None


def _day(cell: Cell) -> str:
    """As ISO 8601; whether there is such a day is the schema's to say."""
    if isinstance(cell, str):
        text = cell.strip()
        if len(text) == len("2024-10-15") and text[4] == text[7] == "-":
            return text
        match = _DAY.fullmatch(text)
        if match:
            year, month, day = match.groups()
            return f"{year}-{month:0>2}-{day:0>2}"
    elif not isinstance(cell, bool) and float(cell).is_integer():
        if 0 < cell <= _LAST_SERIAL:
            return (_WORKBOOK_EPOCH + timedelta(days=int(cell))).isoformat()
        return _day(str(int(cell)))
    raise Unclear("bad_date", "应为日期，格式为 2024-10-15。")


def _days(cell: Cell) -> list[str]:
    """A single one may be a day to the workbook too."""
    if not isinstance(cell, str):
        return [_day(cell)]
    return [_day(each) for each in _SEPARATORS.split(cell) if each]


def _file_name(cell: Cell) -> str:
    return bare_name(str(cell))


def _yes_no(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    if cell in (_YES, _NO):
        return cell == _YES
    raise Unclear("wrong_type", "应填写“是”或“否”。")


def _time(cell: Cell) -> str:
    """As `08:30`; a workbook has times as `08:30:00`, or as parts of a day."""
    if isinstance(cell, str):
        match = _TIME.fullmatch(cell.strip())
        if match:
            hour, minute = match.groups()
            return f"{hour:0>2}:{minute}"
    elif not isinstance(cell, bool) and 0 <= cell < 1:
        hour, minute = divmod(round(cell * 24 * 60), 60)
        return f"{hour:02}:{minute:02}"
    raise Unclear("bad_time", "应为 24 小时制时间，格式为 08:30。")


def _code(field: Field) -> Callable[[Cell], Any]:
    codes: dict[Cell, Any] = {label: code for code, label in (field.labels or {}).items()}
    choice = "、".join((field.labels or {}).values())

    def convert(cell: Cell) -> Any:  # noqa: ANN401 - codes are texts or numbers
        code = codes.get(cell, cell if field.is_open else None) if isinstance(cell, str) else None
        if code is None:
            raise Unclear("unknown_code", f"不在可选范围内，请从下拉列表中选择：{choice}。")
        return code

    return convert


def _codes(field: Field) -> Callable[[Cell], list[Any]]:
    codes = {label: code for code, label in (field.labels or {}).items()}
    choice = "、".join(codes)

    def convert(cell: Cell) -> list[Any]:
        named = [each for each in _SEPARATORS.split(str(cell)) if each]
        if not named or not (field.is_open or codes.keys() >= set(named)):
            raise Unclear("unknown_code", f"有不在可选范围内的内容，多项用“、”分开：{choice}。")
        return [codes.get(each, each) for each in named]

    return convert


def _converter(field: Field) -> Callable[[Cell], Any]:
    if field.kind is Kind.CODE:
        return _code(field)
    if field.kind is Kind.CODES:
        return _codes(field)
    return _CONVERTERS[field.kind]


_CONVERTERS: Mapping[Kind, Callable[[Cell], Any]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.YUAN: _fen,
    Kind.DATE: _day,
    Kind.DAYS: _days,
    Kind.TIME: _time,
    Kind.YES_NO: _yes_no,
}
