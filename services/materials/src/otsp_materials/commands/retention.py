"""The end of a material's keeping (保管期限): reminding, and destroying its content."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import update

from otsp_chassis import clock
from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.files import erase_made
from otsp_chassis.identity import Principal
from otsp_chassis.locks import guard_write
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Locked
from otsp_contracts.materials import PurgeDue
from otsp_materials.commands.writing import SCOPE, get_for_change, told
from otsp_materials.model import Material
from otsp_materials.queries import materials as queries
from otsp_materials.queries import retention
from otsp_materials.queries.retention import Kept
from otsp_materials.rules.rows import MaterialRow
from otsp_materials.rules.states import REMINDED_BEFORE, last_purgeable

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Purge:
    """What became of one material whose time is over: purged, locked, or (dry run) due."""

    kept: Kept
    outcome: str


def purge_material(principal: Principal, institution_id: UUID, material_id: UUID) -> MaterialRow:
    """The institution destroys what it need not keep any more."""
    principal.require_own(institution_id)
    with transaction() as tx:
        return _purge(tx, institution_id, material_id)


def purge_due(*, is_dry: bool = False) -> Iterator[Purge]:
    """Everything whose time is over, each in a transaction of its own; the longest due first.

    What a review locks waits until it is over: the next run finds it.
    """
    day = last_purgeable(clock.today())
    for kept in _all_kept_until(day):
        yield Purge(kept, "due" if is_dry else _purged_by_time(kept))


def tell_purge_due() -> None:
    """Once for each material, some weeks before its time is over."""
    day = clock.today() + REMINDED_BEFORE
    while True:
        with transaction() as tx:
            untold = retention.kept_until(tx, day, untold=True, limit=_AT_ONCE)
            for kept in untold:
                _tell(tx, kept, clock.today())
        if not untold:
            return


def _all_kept_until(day: date) -> Iterator[Kept]:
    last: Kept | None = None
    while True:
        with reading() as tx:
            page = retention.kept_until(tx, day, after=last, limit=_AT_ONCE)
        if not page:
            return
        yield from page
        last = page[-1]


def _purged_by_time(kept: Kept) -> str:
    try:
        with transaction() as tx:
            _purge(tx, kept.institution_id, kept.material_id)
    except Locked:
        return "locked"
    return "purged"


def _purge(tx: Tx, institution_id: UUID, material_id: UUID) -> MaterialRow:
    """The bytes go unless another material has the same file; the row stays, with their hash."""
    guard_write(tx, institution_id, SCOPE)
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
    version = tx.execute(row.values(purge_due_told_on=today).returning(Material.version)).scalar()
    publish(
        tx,
        PurgeDue(
            version=version or 0,
            material_id=kept.material_id,
            institution_id=kept.institution_id,
            retain_until=kept.retain_until,
        ),
    )
