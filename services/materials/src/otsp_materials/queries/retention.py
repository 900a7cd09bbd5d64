"""Reads: materials whose time of keeping is over, or soon will be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from otsp_chassis.db import Reader
from otsp_materials.model import Material


@dataclass(frozen=True, slots=True)
class Kept:
    """An archived material and the last day on which it must be kept."""

    retain_until: date
    material_id: UUID
    institution_id: UUID


def kept_until(
    tx: Reader, day: date, *, after: Kept | None = None, untold: bool = False, limit: int
) -> Sequence[Kept]:
    """Those to be kept until that day at the longest, by their days; `untold` of it as yet."""
    columns = (Material.retain_until, Material.material_id, Material.institution_id)
    query = select(*columns).where(
        Material.status == "archived",
        Material.deleted_at.is_(None),
        Material.retain_until <= day,
    )
    if untold:
        query = query.where(Material.purge_due_told_on.is_(None))
    if after is not None:
        query = query.where(
            or_(
                Material.retain_until > after.retain_until,
                (Material.retain_until == after.retain_until)
                & (Material.material_id > after.material_id),
            )
        )
    ordered = query.order_by(Material.retain_until, Material.material_id).limit(limit)
    return [
        Kept(row.retain_until, row.material_id, row.institution_id) for row in tx.execute(ordered)
    ]


def is_content_elsewhere(tx: Reader, material: Material, file_id: UUID) -> bool:
    """Whether another material, hidden or not, has the same file."""
    other = aliased(Material)
    named = select(other.material_id).where(
        other.institution_id == material.institution_id,
        other.material_id != material.material_id,
        or_(other.file_id == file_id, other.internal_record_file_id == file_id),
    )
    return tx.execute(named.limit(1)).first() is not None
