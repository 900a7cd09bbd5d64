"""Reads: how far exports are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader, Tx
from otsp_chassis.exports.listed import Asker
from otsp_chassis.identity import AuthorityClaim
from otsp_chassis.problems import NotFound
from otsp_chassis.tables import export

MESSAGES_ZH: Mapping[str, str] = {
    "failed": "导出没有成功，请重新导出；仍不成功的，请联系平台运维人员。",
    "expired": "导出的文件已超过保存时间，平台已删除，请重新导出。",
}
"""By state; the others ask nothing of the user."""

OPEN = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class ExportRow:
    """How far an export is; `files_…` are of an archive.

    `file_id` stands while there is a file, `message` is Chinese.
    """

    export_id: UUID
    list: str
    format: str
    filters: dict[str, Any]
    state: str
    rows_done: int
    rows_total: int | None
    files_done: int
    files_total: int | None
    requested_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None
    file_id: UUID | None
    message: str | None


_C = export.c
_PLAIN = tuple(each.name for each in fields(ExportRow) if each.name in _C)


def get_export(tx: Reader, asker: Asker, export_id: UUID) -> ExportRow:
    """Raises NotFound for anybody else's too, and for one's own of another institution."""
    query = select(export).where(
        _C.export_id == export_id,
        _C.owner_id == asker.owner_id,
        _C.institution_id.is_not_distinct_from(asker.institution_id),
    )
    row = tx.execute(query).mappings().first()
    if row is None:
        raise NotFound
    return ExportRow(
        **{name: row[name] for name in _PLAIN},
        file_id=row["export_id"] if row["state"] == "done" else None,
        message=MESSAGES_ZH.get(row["state"]),
    )


def locked(tx: Tx, export_id: UUID) -> dict[str, Any]:
    query = select(export).where(_C.export_id == export_id).with_for_update()
    return dict(tx.execute(query).mappings().one())


def asker_of(run: Mapping[str, Any]) -> Asker:
    told = run["authority"]
    claim = told and AuthorityClaim(**{**told, "authority_id": UUID(told["authority_id"])})
    return Asker(run["owner_id"], run["institution_id"], claim)


def waiting(tx: Reader) -> Sequence[UUID]:
    """Oldest first; archives after the lists, which are done at once."""
    query = select(_C.export_id).where(_C.state.in_(OPEN))
    return tx.execute(query.order_by(_C.format == "zip", _C.export_id)).scalars().all()


def outdated(tx: Reader, now: datetime) -> Sequence[UUID]:
    query = select(_C.export_id).where(_C.state == "done", _C.expires_at <= now)
    return tx.execute(query).scalars().all()
