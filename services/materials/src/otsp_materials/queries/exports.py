"""Reads: how far exports are."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.problems import NotFound
from otsp_materials.model import Export
from otsp_materials.rules.exports import MESSAGES_ZH, ExportRow

_EXPORT = Export.__table__.c
_PLAIN = tuple(field.name for field in fields(ExportRow) if field.name in _EXPORT)


def get_export(tx: Reader, institution_id: UUID, export_id: UUID) -> ExportRow:
    """Raises NotFound for another institution's too."""
    query = select(Export.__table__).where(
        _EXPORT.export_id == export_id, _EXPORT.institution_id == institution_id
    )
    row = tx.execute(query).mappings().first()
    if row is None:
        raise NotFound
    return ExportRow(
        **{name: row[name] for name in _PLAIN},
        file_id=row["export_id"] if row["state"] == "done" else None,
        message=MESSAGES_ZH.get(row["state"]),
    )


def open_exports(tx: Reader) -> Sequence[UUID]:
    """Oldest first; archives after the lists, which are done at once."""
    query = select(_EXPORT.export_id).where(_EXPORT.state.in_(("waiting", "running")))
    return tx.execute(query.order_by(_EXPORT.format == "zip", _EXPORT.export_id)).scalars().all()


def outdated_exports(tx: Reader, now: datetime) -> Sequence[UUID]:
    query = select(_EXPORT.export_id).where(_EXPORT.state == "done", _EXPORT.expires_at <= now)
    return tx.execute(query).scalars().all()
