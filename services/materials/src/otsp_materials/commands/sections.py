"""Counting sections, so that readers can tell the newest."""

from typing import cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis.db import Tx
from otsp_materials.model import SectionVersion


def next_section_version(tx: Tx, institution_id: UUID) -> int:
    """Called under the institution's cut, hence by one at a time."""
    first = {"institution_id": institution_id, "version": 1}
    counted: int = tx.execute(_COUNT, first).scalar_one()
    return counted


_COUNTERS = cast("Table", SectionVersion.__table__)
_COUNT = (
    insert(_COUNTERS)
    .on_conflict_do_update(
        index_elements=["institution_id"], set_={"version": _COUNTERS.c.version + 1}
    )
    .returning(_COUNTERS.c.version)
)
