"""What a list brings along to be imported, and the check of a page of its rows."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from otsp_chassis.db import Reader
from otsp_chassis.files import find_by_name
from otsp_chassis.identity import Principal
from otsp_chassis.imports.fields import NAMES, Body, Cell, Field, Files, Layout
from otsp_chassis.imports.forms import Form
from otsp_chassis.imports.reading import Refused, Row
from otsp_contracts.values import FieldError

ADDED, CHANGED, UNCHANGED, FAULTY = "added", "changed", "unchanged", "faulty"
OUTCOMES_ZH = {ADDED: "新增", CHANGED: "更新", UNCHANGED: "无变化", FAULTY: "错误"}
RESULT, FAULTS, WARNINGS = "结果", "错误", "提醒"
REPORTED = (RESULT, FAULTS, WARNINGS)
"""Columns of the report; a report that is uploaded again is read without them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would become of a row now; `body` is what would be entered.

    `object_id` and `version` are of what the row was found to be of.
    """

    outcome: str
    body: Body = field(default_factory=dict)
    faults: Sequence[FieldError] = ()
    warnings: Sequence[FieldError] = ()
    object_id: UUID | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Importer:
    """One list. `kind` is its English name, `name_zh` the sheet's, `scope` what a review locks, and
    `part` what of it these rows are.

    `key_of` is by what a row is found again, in the institution and in the file; `key_pointer` is
    the field that a repetition is told at. `compare` says of sound bodies and their keys what would
    become of each, in a few statements; `enter` has the command do it, and raises what that raises.
    """

    kind: str
    name_zh: str
    scope: str
    part: str
    fields: Sequence[Field]
    examples: Sequence[Mapping[str, Cell]]
    form: Form
    key_pointer: str
    key_of: Callable[[Body], Hashable]
    compare: Callable[[Reader, UUID, Sequence[tuple[Any, Body]]], list[Verdict]]
    enter: Callable[[Principal, UUID, Verdict], None]


class Checking:
    """One pass over a workbook: remembers the keys, so that a repeated one is told with its row."""

    def __init__(self, importer: Importer, institution_id: UUID, titles: Sequence[str]) -> None:
        """Raises Refused when the columns are not those of the template."""
        _require_titles(importer, titles)
        self.layout = Layout(importer.fields, titles)
        self._importer = importer
        self._institution_id = institution_id
        self._first: dict[Hashable, int] = {}

    def page(self, tx: Reader, rows: Sequence[Row]) -> list[Verdict]:
        """In the order of the rows. The same page again gives what stands then."""
        verdicts: list[Verdict | None] = []
        sound: list[tuple[Hashable, Body]] = []
        files = self._files(tx, rows)
        for row in rows:
            key, body, faults = self._read(row, files)
            verdicts.append(Verdict(FAULTY, body, faults) if faults else None)
            if not faults:
                sound.append((key, body))
        compared = iter(self._importer.compare(tx, self._institution_id, sound) if sound else ())
        return [next(compared) if verdict is None else verdict for verdict in verdicts]

    def pass_over(self, tx: Reader, rows: Sequence[Row]) -> None:
        """Remember the keys of rows that were done before."""
        files = self._files(tx, rows)
        for row in rows:
            self._read(row, files)

    def _files(self, tx: Reader, rows: Sequence[Row]) -> Files:
        names = {name for row in rows for name in self.layout.file_names(row.cells)}
        return find_by_name(tx, self._institution_id, names) if names else {}

    def _read(self, row: Row, files: Files) -> tuple[Hashable, Body, list[FieldError]]:
        body, unclear = self.layout.body_of(row.cells, files)
        form = {name: value for name, value in body.items() if name != NAMES}
        faults = self._importer.form.judge(form, unclear)
        if faults:
            return None, body, faults
        key = self._importer.key_of(body)
        first = self._first.setdefault(key, row.number)
        if first != row.number:
            detail = f"与第 {first} 行重复，请只保留一行。"
            faults = [FieldError(self._importer.key_pointer, "repeated", detail)]
        return key, body, faults


def _require_titles(importer: Importer, titles: Sequence[str]) -> None:
    known = {each.title for each in importer.fields}
    missing = [each.title for each in importer.fields if each.title not in titles]
    if missing:
        detail = f"缺少以下列：{'、'.join(missing)}。请下载最新模板，把内容填在模板中后重新上传。"
        raise Refused("missing_columns", detail)
    unknown = [title for title in titles if title and title not in known | set(REPORTED)]
    if unknown:
        detail = f"模板中没有以下列：{'、'.join(unknown)}。请删除，或改回模板中的列名后重新上传。"
        raise Refused("unknown_columns", detail)
    if len(set(filter(None, titles))) < len(list(filter(None, titles))):
        raise Refused("repeated_columns", "有重复的列名。请按模板保留一列后重新上传。")
