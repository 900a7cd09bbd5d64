"""The end of an institution: nothing is in use any more, and all is kept (§3.5)."""

from datetime import date
from uuid import UUID

from sqlalchemy import or_, select

from otsp_chassis.db import Tx
from otsp_materials.commands.writing import told
from otsp_materials.model import Material
from otsp_materials.queries import materials as queries


def archive_all(tx: Tx, institution_id: UUID, *, on: date) -> int:
    """What is in use or suspended goes out of use on that day, to be kept for its three years; what
    waits for an authority is waited for no more. Returns how many.
    """
    going_on = select(Material).where(
        Material.institution_id == institution_id,
        Material.deleted_at.is_(None),
        or_(Material.status.in_(("in_use", "suspended")), Material.external_result == "pending"),
    )
    ended = 0
    for material in tx.scalars(going_on.order_by(Material.material_id).with_for_update()).all():
        before = queries.get_material(tx, institution_id, material.material_id)
        if material.end(on):
            told(tx, material, "material.ended", before=before)
            ended += 1
    return ended
