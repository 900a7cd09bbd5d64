"""The end of a material's keeping (保管期限): reminding, and destroying its content."""

from datetime import date
from uuid import UUID

from sqlalchemy import update

from otsp_chassis import clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.files import erase_made
from otsp_chassis.identity import Principal
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Locked
from otsp_contracts.materials import PurgeDue
from otsp_materials.commands.writing import SCOPE, get_for_change, open_for_write, told
from otsp_materials.model import Material
from otsp_materials.queries import materials as queries
from otsp_materials.queries import retention
from otsp_materials.queries.retention import Kept
from otsp_materials.rules.rows import MaterialRow
from otsp_materials.rules.states import REMINDED_BEFORE

_AT_ONCE = 500


def purge_material(principal: Principal, institution_id: UUID, material_id: UUID) -> MaterialRow:
    """The institution destroys what it need not keep any more."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, material_id)
        return _purge(tx, institution_id, material_id)


def purge_due_materials(tx: Tx, today: date, limit: int) -> int:
    """Up to so many whose time is over, the longest due first; returns how many.

    What a review locks waits until it is over: a later run finds it.
    """
    purged = 0
    for kept in retention.purgeable(tx, today, unlocked_for=SCOPE, limit=limit):
        try:
            open_for_write(tx, kept.institution_id, kept.material_id)
        except Locked:  # since it was looked for
            continue
        _purge(tx, kept.institution_id, kept.material_id)
        purged += 1
    return purged


def tell_purge_due() -> None:
    """Once for each material, some weeks before its time is over."""
    today = clock.today()
    while True:
        with transaction() as tx:
            untold = retention.untold(tx, today + REMINDED_BEFORE, limit=_AT_ONCE)
            for kept in untold:
                _tell(tx, kept, today)
        if not untold:
            return


def _purge(tx: Tx, institution_id: UUID, material_id: UUID) -> MaterialRow:
    """The bytes go unless another material has the same file; the row stays, with their hash."""
    material = get_for_change(tx, institution_id, material_id)
    before = queries.get_material(tx, institution_id, material_id)
    file_id = material.file_id
    material.purge(clock.today())
    if file_id is not None and not retention.is_content_elsewhere(tx, material, file_id):
        erase_made(tx, file_id)
    return told(tx, material, "material.purged", before=before)


def _tell(tx: Tx, kept: Kept, today: date) -> None:
    """The row keeps its version: nothing that anybody edits has changed."""
    row = update(Material).where(Material.material_id == kept.material_id)
    version = tx.execute(row.values(purge_due_told_on=today).returning(Material.version))
    publish(
        tx,
        PurgeDue(
            version=version.scalar_one(),
            material_id=kept.material_id,
            institution_id=kept.institution_id,
            retain_until=kept.retain_until,
        ),
    )
