"""What others keep of this service: materials, by their state."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Tx
from otsp_chassis.republish import republishes
from otsp_contracts.materials import MaterialChanged
from otsp_materials.commands.writing import as_told
from otsp_materials.model import Material


@republishes(MaterialChanged, root=Material, kept_as="material_ref")
def materials(tx: Tx, material_ids: Sequence[UUID]) -> Iterator[MaterialChanged]:
    """Deleted ones too: a reader that missed the end must hear of it."""
    these = select(Material).where(Material.material_id.in_(material_ids))
    for material in tx.scalars(these.order_by(Material.material_id)):
        yield as_told(material, material.institution_id)
