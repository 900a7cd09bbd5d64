"""Reads: materials whose time of keeping is over, or soon will be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, any_, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from otsp_chassis.db import Reader
from otsp_chassis.tables import review_lock
from otsp_materials.model import Material
from otsp_materials.rules.states import last_purgeable


@dataclass(frozen=True, slots=True)
class Kept:
    """An archived material and the last day on which it must be kept."""

    retain_until: date
    material_id: UUID
    institution_id: UUID


def count_purgeable(tx: Reader, today: date) -> int:
    """Those that a review locks too."""
    found = _kept_until(last_purgeable(today)).subquery()
    return tx.execute(select(func.count()).select_from(found)).scalar_one()


def purgeable(tx: Reader, today: date, *, unlocked_for: str, limit: int) -> Sequence[Kept]:
    """Those that no review locks."""
    is_locked = exists().where(
        review_lock.c.institution_id == Material.institution_id,
        literal(unlocked_for) == any_(review_lock.c.scopes),
    )
    return _first(tx, _kept_until(last_purgeable(today)).where(~is_locked), limit)


def untold(tx: Reader, day: date, *, limit: int) -> Sequence[Kept]:
    """Those to be kept until that day at the longest, of which nobody was told yet."""
    return _first(tx, _kept_until(day).where(Material.purge_due_told_on.is_(None)), limit)


def is_content_elsewhere(tx: Reader, material: Material, file_id: UUID) -> bool:
    """Whether another material, hidden or not, has the same file."""
    other = aliased(Material)
    named = select(other.material_id).where(
        other.institution_id == material.institution_id,
        other.material_id != material.material_id,
        or_(other.file_id == file_id, other.internal_record_file_id == file_id),
    )
    return tx.execute(named.limit(1)).first() is not None


def _kept_until(day: date) -> Select[Any]:
    columns: tuple[Any, ...] = (
        Material.retain_until,
        Material.material_id,
        Material.institution_id,
    )
    return select(*columns).where(
        Material.status == "archived",
        Material.deleted_at.is_(None),
        Material.retain_until <= day,
    )


def _first(tx: Reader, query: Select[Any], limit: int) -> Sequence[Kept]:
    ordered = query.order_by(Material.retain_until, Material.material_id).limit(limit)
    return [
        Kept(row.retain_until, row.material_id, row.institution_id) for row in tx.execute(ordered)
    ]
