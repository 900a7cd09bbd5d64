"""A figure as a file: its lines and the total under the titles of its measures."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from otsp_chassis.sheets import CSV, XLSX, Column, Kind, write_csv, write_xlsx
from otsp_compliance.queries.statistics.figures import FigureView, MeasureView
from otsp_compliance.rules.statistics.figures import Unit

_KINDS = {
    Unit.COUNT: Kind.INTEGER,
    Unit.PERSONS: Kind.INTEGER,
    Unit.DAYS: Kind.INTEGER,
    Unit.FEN: Kind.MONEY,
    Unit.CENTI_M2: Kind.HUNDREDTHS,
    Unit.BASIS_POINTS: Kind.HUNDREDTHS,
}
_TOLD_IN_ZH = {Unit.FEN: "（元）", Unit.CENTI_M2: "（㎡）", Unit.BASIS_POINTS: "（%）"}


@dataclass(frozen=True, slots=True)
class TableFile:
    name: str
    content_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def as_file(told: FigureView, form: str) -> TableFile:
    """`form` is csv or xlsx. Small: no figure has more lines than divisions or rules."""
    columns = [Column("代码"), Column("名称", width=24), *map(_column, told.measures)]
    rows: list[Sequence[object]] = [(each.key, each.label_zh, *each.values) for each in told.rows]
    rows.append(("", "合计", *told.total))
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{form}"
        if form == "csv":
            write_csv(path, rows, columns=columns)
        else:
            write_xlsx(path, rows, name=told.name_zh, columns=columns, count=len(rows))
        content = path.read_bytes()
    name = f"{told.name_zh}-{told.month}.{form}"
    return TableFile(name, CSV if form == "csv" else XLSX, content)


def _column(measure: MeasureView) -> Column:
    unit = Unit(measure.unit)
    return Column(f"{measure.label_zh}{_TOLD_IN_ZH.get(unit, '')}", _KINDS[unit], width=16)
