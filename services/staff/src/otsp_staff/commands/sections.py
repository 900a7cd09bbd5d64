"""Sections that were sent: how many, and who stood in them."""

from typing import cast
from uuid import UUID

from sqlalchemy import Table, update
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis.clock import today
from otsp_chassis.db import Tx
from otsp_staff.model import SectionVersion, Staff

_STAFF = cast("Table", Staff.__table__)
_COUNTERS = cast("Table", SectionVersion.__table__)
_COUNT = (
    insert(_COUNTERS)
    .on_conflict_do_update(
        index_elements=["institution_id"], set_={"version": _COUNTERS.c.version + 1}
    )
    .returning(_COUNTERS.c.version)
)


def next_section_version(tx: Tx, institution_id: UUID) -> int:
    """Called under the institution's cut, hence by one at a time."""
    first = {"institution_id": institution_id, "version": 1}
    counted: int = tx.execute(_COUNT, first).scalar_one()
    return counted


def note_snapshot(tx: Tx, institution_id: UUID) -> None:
    """Whoever is employed now stands in a snapshot that is filed, and is never erased (§3.6).

    The version stays: nothing of the person has changed.
    """
    tx.execute(
        update(_STAFF)
        .where(
            _STAFF.c.institution_id == institution_id,
            _STAFF.c.status == "employed",
            _STAFF.c.deleted_at.is_(None),
            _STAFF.c.in_snapshot_since.is_(None),
        )
        .values(in_snapshot_since=today())
    )
