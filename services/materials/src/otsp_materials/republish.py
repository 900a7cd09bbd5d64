"""What others keep of this service: materials, by their state."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.counters import tell_again
from otsp_chassis.db import Tx
from otsp_chassis.republish import republishes
from otsp_contracts.counters import CountersChanged
from otsp_contracts.materials import MaterialChanged, MaterialsCountersChanged
from otsp_materials.commands.writing import as_told
from otsp_materials.counters import COUNTING
from otsp_materials.model import CountersTold, Material


@republishes(MaterialChanged, root=Material, kept_as="material_ref")
def materials(tx: Tx, material_ids: Sequence[UUID]) -> Iterator[MaterialChanged]:
    """Deleted ones too: a reader that missed the end must hear of it."""
    these = select(Material).where(Material.material_id.in_(material_ids))
    for material in tx.scalars(these.order_by(Material.material_id)):
        yield as_told(material, material.institution_id)


@republishes(MaterialsCountersChanged, root=CountersTold, kept_as="materials_counters_ref")
def counters(tx: Tx, institution_ids: Sequence[UUID]) -> Iterator[CountersChanged]:
    """As they were told last; what changed since is told by itself."""
    yield from tell_again(tx, COUNTING, institution_ids)
