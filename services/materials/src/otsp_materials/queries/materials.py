"""Reads: the versions of an institution's materials."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, bindparam, func, select

from otsp_chassis.clock import today
from otsp_chassis.db import Reader
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound
from otsp_materials.model import Material
from otsp_materials.rules.doubts import doubts
from otsp_materials.rules.rows import ExternalReview, InternalReview, MaterialRow

_PLAIN = tuple(
    field.name for field in fields(MaterialRow) if field.name in Material.__table__.columns
)

_COLUMNS = Material.__table__.c
_BEYOND_DRAFT = (
    select(Material.__table__)
    .where(
        _COLUMNS.institution_id == bindparam("institution_id"),
        _COLUMNS.deleted_at.is_(None),
        _COLUMNS.status != "draft",
    )
    .order_by(_COLUMNS.material_id)
)


def get_material(tx: Reader, institution_id: UUID, material_id: UUID) -> MaterialRow:
    """Raises NotFound for another institution's or a deleted one too."""
    query = _materials(institution_id).where(Material.material_id == material_id)
    row = tx.execute(query).mappings().first()
    if row is None:
        raise NotFound
    return _material_row(row, today())


def list_materials(
    tx: Reader,
    institution_id: UUID,
    *,
    statuses: Sequence[str],
    cursor: str | None,
    limit: int,
) -> Page[MaterialRow]:
    """In order of entry."""
    query = _listed(institution_id, statuses)
    if cursor is not None:
        query = query.where(Material.material_id > decode_id(cursor))
    rows = tx.execute(query.order_by(Material.material_id).limit(limit + 1)).mappings()
    day = today()
    materials = [_material_row(row, day) for row in rows]
    return make_page(materials, limit, key=lambda material: [material.material_id])


def beyond_draft(tx: Reader, institution_id: UUID, on: date) -> list[MaterialRow]:
    """What a snapshot shows, doubted as on that day; drafts stay the institution's own affair."""
    rows = tx.execute(_BEYOND_DRAFT, {"institution_id": institution_id}).mappings()
    return [_material_row(row, on) for row in rows]


def listed_columns(
    institution_id: UUID, statuses: Sequence[str], names: Sequence[str]
) -> Select[Any]:
    """The whole list in its order, of each material these columns only."""
    query = _listed(institution_id, statuses).order_by(_COLUMNS.material_id)
    return query.with_only_columns(*(_COLUMNS[name] for name in names))


def newest_version_no(tx: Reader, institution_id: UUID, title: str | None) -> int:
    """0 when no numbered version of that title stands."""
    newest = select(func.max(Material.version_no)).where(
        Material.institution_id == institution_id,
        Material.title == title,
        Material.deleted_at.is_(None),
    )
    return tx.execute(newest).scalar() or 0


def _listed(institution_id: UUID, statuses: Sequence[str]) -> Select[Any]:
    query = _materials(institution_id)
    return query.where(Material.status.in_(statuses)) if statuses else query


def _materials(institution_id: UUID) -> Select[Any]:
    return select(Material.__table__).where(
        Material.institution_id == institution_id, Material.deleted_at.is_(None)
    )


def _material_row(row: RowMapping, day: date) -> MaterialRow:
    material = MaterialRow(
        **{name: row[name] for name in _PLAIN},
        internal_review=InternalReview(**_part(row, "internal", InternalReview)),
        external_review=ExternalReview(**_part(row, "external", ExternalReview)),
    )
    doubted = tuple(doubts(material, day))
    return replace(material, warnings=doubted) if doubted else material


def _part(
    row: RowMapping, prefix: str, kind: type[InternalReview | ExternalReview]
) -> dict[str, Any]:
    return {field.name: row[f"{prefix}_{field.name}"] for field in fields(kind)}
