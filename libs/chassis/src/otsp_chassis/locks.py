"""Review locks: while an authority judges a snapshot, what it shows must not change.

Writers of an institution's data hold its advisory lock shared for their transaction; the
handler that locks and snapshots holds it exclusively (`inbox.on(consistent_cut=…)`). Between
the two, no write can slip between the snapshot and the lock.
"""

from collections.abc import Sequence
from uuid import UUID

from otsp_chassis import statements
from otsp_chassis.audit_hook import note_change
from otsp_chassis.db import Tx
from otsp_chassis.problems import Locked

_SHARED = "SELECT pg_advisory_xact_lock_shared(%(key)s)"
_HELD = "SELECT application_id, scopes FROM review_lock WHERE institution_id = %(institution_id)s"
_SET = """
INSERT INTO review_lock AS held (institution_id, application_id, scopes)
VALUES (%(institution_id)s, %(application_id)s, %(scopes)s)
ON CONFLICT (institution_id) DO UPDATE SET
  application_id = excluded.application_id,
  scopes = excluded.scopes,
  set_at = CASE WHEN held.application_id = excluded.application_id THEN held.set_at
    ELSE clock_timestamp() END
WHERE held.application_id <= excluded.application_id
  AND NOT (held.application_id = excluded.application_id AND cardinality(held.scopes) = 0)
"""
_CLEAR = """
INSERT INTO review_lock AS held (institution_id, application_id, scopes)
VALUES (%(institution_id)s, %(application_id)s, '{}')
ON CONFLICT (institution_id) DO UPDATE SET
  application_id = excluded.application_id, scopes = excluded.scopes
WHERE held.application_id = excluded.application_id
  OR (held.application_id < excluded.application_id AND cardinality(held.scopes) = 0)
"""


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
    may overtake each other, and nobody would release it again. Ids tell the age (UUIDv7). Asked
    again for the same application, the lock is as old as it was.
    """
    values = {"institution_id": institution_id, "application_id": application_id}
    note_change(tx)
    statements.run(tx, _SET, values | {"scopes": list(scopes)})


def clear_lock(tx: Tx, *, institution_id: UUID, application_id: UUID) -> None:
    """Unlock, unless another application holds the lock by now.

    The row stays, with no scopes: it remembers that this application is over.
    """
    values = {"institution_id": institution_id, "application_id": application_id}
    note_change(tx)
    statements.run(tx, _CLEAR, values)
