"""Review locks: while an authority judges a snapshot, what it shows must not change.

Writers of an institution's data hold its advisory lock shared for their transaction; the
handler that locks and snapshots holds it exclusively (`inbox.on(consistent_cut=…)`). Between
the two, no write can slip between the snapshot and the lock.

While something must be supplied, a lock has openings: the parts, or single objects of them, that
may be written all the same. The next snapshot closes them.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol
from uuid import UUID

from psycopg.types.json import Jsonb

from otsp_chassis import statements
from otsp_chassis.audit_hook import note_change
from otsp_chassis.db import Tx
from otsp_chassis.problems import Locked

_SHARED = "SELECT pg_advisory_xact_lock_shared(%(key)s)"
_HELD = """
SELECT application_id, scopes, openings FROM review_lock WHERE institution_id = %(institution_id)s
"""
_SET = """
INSERT INTO review_lock AS held (institution_id, application_id, scopes, version, openings)
VALUES (%(institution_id)s, %(application_id)s, %(scopes)s, %(version)s, %(openings)s)
ON CONFLICT (institution_id) DO UPDATE SET
  application_id = excluded.application_id,
  scopes = excluded.scopes,
  version = excluded.version,
  openings = CASE
    WHEN held.application_id = excluded.application_id AND held.version = excluded.version
      AND excluded.openings = '[]' THEN held.openings
    ELSE excluded.openings END,
  set_at = CASE WHEN held.application_id = excluded.application_id THEN held.set_at
    ELSE clock_timestamp() END
WHERE held.application_id < excluded.application_id
  OR (held.application_id = excluded.application_id AND cardinality(held.scopes) > 0
    AND held.version <= excluded.version)
"""
_CLEAR = """
INSERT INTO review_lock AS held (institution_id, application_id, scopes)
VALUES (%(institution_id)s, %(application_id)s, '{}')
ON CONFLICT (institution_id) DO UPDATE SET
  application_id = excluded.application_id, scopes = excluded.scopes,
  version = excluded.version, openings = excluded.openings
WHERE held.application_id = excluded.application_id
  OR (held.application_id < excluded.application_id AND cardinality(held.scopes) = 0)
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """What may be written under a lock: one object of a part, or without an id all of it."""

    part: str
    object_id: str | None
    label_zh: str


def advisory_key(institution_id: UUID) -> int:
    """The low 64 bits of the id: random in a UUIDv7, so collisions only cost a short wait."""
    return int.from_bytes(institution_id.bytes[8:], signed=True)


def guard_write(
    tx: Tx,
    institution_id: UUID,
    scope: str,
    *,
    part: str | None = None,
    object_id: UUID | None = None,
) -> None:
    """First statement of every command that changes an institution's data.

    Raises Locked (423) while a review holds `scope`, unless the lock is open for the part, or for
    this object of it. What is new has no id yet: only a whole part that is open lets it in. Two
    statements on purpose: the second must see what was committed while the first one waited.
    """
    statements.run(tx, _SHARED, {"key": advisory_key(institution_id)})
    held = statements.run(tx, _HELD, {"institution_id": institution_id}).fetchone()
    if held is None or scope not in held[1]:
        return
    openings = [Opening(**each) for each in held[2]]
    named = {None, None if object_id is None else str(object_id)}
    if not any(each.part == part and each.object_id in named for each in openings):
        raise _locked(held[0], scope, openings)


def set_lock(
    tx: Tx,
    *,
    institution_id: UUID,
    application_id: UUID,
    scopes: Sequence[str],
    version: int = 0,
    openings: Sequence[Opening] = (),
) -> None:
    """Lock these scopes for an application; a newer application takes over the lock.

    A lock that arrives after its own release, or after a newer application's, is not set: events
    may overtake each other, and nobody would release it again. Ids tell the age (UUIDv7). For the
    same application the lock is as old as it was, and its openings are those of the newest
    `version` of it: what an older one said comes too late, a newer one without any closes them.
    """
    values = {
        "institution_id": institution_id,
        "application_id": application_id,
        "scopes": list(scopes),
        "version": version,
        "openings": Jsonb([asdict(each) for each in openings]),
    }
    note_change(tx)
    statements.run(tx, _SET, values)


class AskedPart(Protocol):
    """A part of the data that must be supplied, or one object of it."""

    @property
    def part(self) -> str: ...
    @property
    def object_id(self) -> str | None: ...


class Asked(Protocol):
    """An event by which parts of what an application has locked are to be supplied."""

    @property
    def institution_id(self) -> UUID: ...
    @property
    def application_id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def unlocked(self) -> Sequence[AskedPart]: ...


def open_lock(tx: Tx, asked: Asked, *, scopes: Sequence[str], label: Callable[[str], str]) -> None:
    """Open what is asked, all of it: a refusal tells also what may be written in other services.

    `label` names a part in Chinese.
    """
    set_lock(
        tx,
        institution_id=asked.institution_id,
        application_id=asked.application_id,
        scopes=scopes,
        version=asked.version,
        openings=[Opening(each.part, each.object_id, label(each.part)) for each in asked.unlocked],
    )


def clear_lock(tx: Tx, *, institution_id: UUID, application_id: UUID) -> None:
    """Unlock, unless another application holds the lock by now.

    The row stays, with no scopes: it remembers that this application is over.
    """
    values = {"institution_id": institution_id, "application_id": application_id}
    note_change(tx)
    statements.run(tx, _CLEAR, values)


def _locked(application_id: UUID, scope: str, openings: Sequence[Opening]) -> Locked:
    told: dict[str, Any] = {"application_id": str(application_id), "scope": scope}
    if not openings:
        return Locked(**told)
    counts: dict[str, int | None] = {}
    for each in openings:
        known = counts.get(each.label_zh, 0)
        is_whole = each.object_id is None or known is None
        counts[each.label_zh] = None if is_whole else (known or 0) + 1
    named = "、".join(
        label if count is None else f"{label}（列明的{count}项）" for label, count in counts.items()
    )
    detail = (
        f"审核中，信息已锁定；目前只能修改补正通知列明的内容：{named}。修改其他内容须先撤回申请。"
    )
    return Locked(detail, **told, open_items=[asdict(each) for each in openings])
