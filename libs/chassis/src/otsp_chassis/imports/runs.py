"""Where imports stand: what is told of one, and their rows in the table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.engine import RowMapping

from otsp_chassis.db import Reader, Tx
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound
from otsp_chassis.tables import sheet_import

MOST_ATTEMPTS = 3
"""Whoever worked at it may have been stopped in the middle; then it goes on."""
KEPT = timedelta(days=1)
OPEN = ("checking", "applying")
ERASED = "expired"

_OF_STATES_ZH: Mapping[str, str] = {
    "failed": "导入没有完成，请重新上传；仍不成功的，请联系平台运维人员。",
    ERASED: "上传的文件和报告已超过保存时间，平台已删除；需要时请重新上传。",
}
_COLUMNS = tuple(
    column
    for column in sheet_import.c
    if column.name not in {"attempts", "applied_role", "message", "institution_id"}
)


@dataclass(frozen=True, slots=True)
class ImportRow:
    """How far an import is; `message` is Chinese. No value of the workbook is in it.

    `counts` are rows by what would become of them, and of them by what has; `faults` the first
    ones. `same_as` is an earlier import of the very same file that was applied.
    """

    import_id: UUID
    kind: str
    name: str
    size: int
    sha256: str
    state: str
    requested_by: UUID
    applied_by: UUID | None
    skip_faulty: bool | None
    rows_total: int | None
    rows_done: int
    counts: dict[str, int]
    faults: list[dict[str, Any]]
    requested_at: datetime
    checked_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime | None
    same_as: UUID | None
    has_report: bool
    message: str | None


def get_import(tx: Reader, institution_id: UUID, import_id: UUID) -> ImportRow:
    """Raises NotFound for another institution's too."""
    row = tx.execute(_of(institution_id).where(sheet_import.c.import_id == import_id)).first()
    if row is None:
        raise NotFound
    return _told(row._mapping)  # noqa: SLF001 - SQLAlchemy documents it


def list_imports(
    tx: Reader, institution_id: UUID, *, cursor: str | None, limit: int
) -> Page[ImportRow]:
    """Newest first."""
    query = _of(institution_id)
    if cursor is not None:
        query = query.where(sheet_import.c.import_id < decode_id(cursor))
    query = query.order_by(sheet_import.c.import_id.desc()).limit(limit + 1)
    rows = [_told(row) for row in tx.execute(query).mappings()]
    return make_page(rows, limit, key=lambda each: [each.import_id])


def locked(tx: Tx, import_id: UUID) -> RowMapping:
    """The row, for whoever is about to change it."""
    query = select(sheet_import).where(sheet_import.c.import_id == import_id).with_for_update()
    return tx.execute(query).mappings().one()


def kind_of(tx: Tx, import_id: UUID) -> str | None:
    """Of what list its rows are; it never changes."""
    return tx.scalar(select(sheet_import.c.kind).where(sheet_import.c.import_id == import_id))


def in_state(tx: Reader, state: str) -> list[UUID]:
    """Oldest first."""
    query = select(sheet_import.c.import_id).where(sheet_import.c.state == state)
    return list(tx.execute(query.order_by(sheet_import.c.import_id)).scalars())


def outdated(tx: Reader, now: datetime) -> list[UUID]:
    """Those whose files have been kept long enough."""
    query = select(sheet_import.c.import_id).where(
        sheet_import.c.state.not_in([*OPEN, ERASED]), sheet_import.c.expires_at <= now
    )
    return list(tx.execute(query).scalars())


def _of(institution_id: UUID) -> Select[Any]:
    earlier = sheet_import.alias()
    same_as = (
        select(earlier.c.import_id)
        .where(
            earlier.c.institution_id == sheet_import.c.institution_id,
            earlier.c.kind == sheet_import.c.kind,
            earlier.c.sha256 == sheet_import.c.sha256,
            earlier.c.import_id < sheet_import.c.import_id,
            earlier.c.applied_by.is_not(None),
        )
        .order_by(earlier.c.import_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(*_COLUMNS, sheet_import.c.message, same_as.label("same_as")).where(
        sheet_import.c.institution_id == institution_id
    )


def _told(row: RowMapping) -> ImportRow:
    values = dict(row)
    message = values.pop("message") or _OF_STATES_ZH.get(row["state"])
    if message is None and row["same_as"] is not None and row["state"] == "checked":
        message = "同一个文件此前已经导入过；没有变化的行不会重复导入。"
    return ImportRow(
        **values | {"sha256": row["sha256"].hex()},
        has_report=row["checked_at"] is not None and row["state"] not in {ERASED, "checking"},
        message=message,
    )
