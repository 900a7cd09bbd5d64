"""Review locks: while an authority judges a snapshot, what it shows must not change.

Writers of an institution's data hold its advisory lock shared for their transaction; the
handler that locks and snapshots holds it exclusively (`inbox.on(consistent_cut=…)`). Between
the two, no write can slip between the snapshot and the lock.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, not_, or_
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis import statements
from otsp_chassis.db import Tx
from otsp_chassis.problems import Locked
from otsp_chassis.tables import review_lock

_SHARED = "SELECT pg_advisory_xact_lock_shared(%(key)s)"
_HELD = "SELECT application_id, scopes FROM review_lock WHERE institution_id = %(institution_id)s"
_HOLDS_NOTHING = func.cardinality(review_lock.c.scopes) == 0


def advisory_key(institution_id: UUID) -> int:
    """The low 64 bits of the id: random in a UUIDv7, so collisions only cost a short wait."""
    return int.from_bytes(institution_id.bytes[8:], signed=True)


def guard_write(tx: Tx, institution_id: UUID, scope: str) -> None:
    """First statement of every command that changes an institution's data.

    Raises Locked (423) while a review holds `scope`. Two statements on purpose: the second
    must see what was committed while the first one waited.
    """
    statements.run(tx, _SHARED, {"key": advisory_key(institution_id)})
    held = statements.run(tx, _HELD, {"institution_id": institution_id}).fetchone()
    if held is not None and scope in held[1]:
        raise Locked(application_id=str(held[0]), scope=scope)


def set_lock(tx: Tx, *, institution_id: UUID, application_id: UUID, scopes: Sequence[str]) -> None:
    """Lock these scopes for an application; a newer application takes over the lock.

    A lock that arrives after its own release, or after a newer application's, is not set: events
    may overtake each other, and nobody would release it again. Ids tell the age (UUIDv7).
    """
    held = review_lock.c
    is_over = and_(held.application_id == application_id, _HOLDS_NOTHING)
    values = {"application_id": application_id, "scopes": list(scopes)}
    row = insert(review_lock).values(institution_id=institution_id, **values)
    tx.execute(
        row.on_conflict_do_update(
            index_elements=["institution_id"],
            set_=values | {"set_at": _since(application_id)},
            where=and_(held.application_id <= application_id, not_(is_over)),
        )
    )


def _since(application_id: UUID) -> ColumnElement[datetime]:
    """Asked again for the same application, the lock is as old as it was."""
    held = review_lock.c
    is_same = held.application_id == application_id
    return case((is_same, held.set_at), else_=func.clock_timestamp())


def clear_lock(tx: Tx, *, institution_id: UUID, application_id: UUID) -> None:
    """Unlock, unless another application holds the lock by now.

    The row stays, with no scopes: it remembers that this application is over.
    """
    held = review_lock.c
    is_older = and_(held.application_id < application_id, _HOLDS_NOTHING)
    values = {"application_id": application_id, "scopes": list[str]()}
    row = insert(review_lock).values(institution_id=institution_id, **values)
    tx.execute(
        row.on_conflict_do_update(
            index_elements=["institution_id"],
            set_=values,
            where=or_(held.application_id == application_id, is_older),
        )
    )
