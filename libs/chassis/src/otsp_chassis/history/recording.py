"""A change is written in the transaction that makes it; the two stand or fall together."""

from dataclasses import dataclass, field
from uuid import UUID

import orjson

from otsp_chassis import statements
from otsp_chassis.audit_hook import actor_columns
from otsp_chassis.context import current_call
from otsp_chassis.db import Tx
from otsp_chassis.history.differences import Document, RowIds, differences

_INSERT = """
INSERT INTO change (institution_id, object_type, object_id, actor_id, role, operation, kind,
  version, fields)
VALUES (%(institution_id)s, %(object_type)s, %(object_id)s, %(actor_id)s, %(role)s, %(operation)s,
  %(kind)s, %(version)s, %(fields)s::jsonb)
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """Which object of which institution, and which of its lists are rows."""

    institution_id: UUID
    object_type: str
    object_id: UUID
    row_ids: RowIds = field(default_factory=dict)


def record(
    tx: Tx,
    subject: Subject,
    *,
    version: int,
    before: Document | None,
    after: Document | None,
    actor_id: UUID | None = None,
) -> None:
    """`before` is None of what was added, `after` of what was removed; no change leaves no row.

    Personal values come as `Concealed`. `version` is the one that the change has given the object,
    so flush first. `actor_id` where an event tells who decided; else it is whoever calls.

    Writers of one institution must hold a lock of their own, or the order of rows may not be that
    of the changes.
    """
    fields = differences(before or {}, after or {}, row_ids=subject.row_ids)
    if before is None:
        kind = "added"
    elif after is None:
        kind = "removed"
    elif fields:
        kind = "changed"
    else:
        return
    actor = actor_columns(current_call())
    columns = {
        "institution_id": subject.institution_id,
        "object_type": subject.object_type,
        "object_id": subject.object_id,
        "actor_id": actor_id or actor.get("actor_id"),
        "role": actor["role"],
        "operation": actor["operation"],
        "kind": kind,
        "version": version,
        "fields": orjson.dumps(fields).decode(),
    }
    statements.run(tx, _INSERT, columns)


def conceal(tx: Tx, object_id: UUID) -> None:
    """Keep who changed what and when of an object, and none of its values: it is anonymised.

    The application role may not update the history; the function of the database that it calls
    can do this and nothing else.
    """
    statements.run(tx, "SELECT otsp_conceal_changes(%(object_id)s)", {"object_id": object_id})
