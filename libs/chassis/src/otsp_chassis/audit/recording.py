"""Who did what to which object, with hashes of before and after.

Rows are inserted unchained in the business transaction (decision D30); the sealer chains them
later. Values never enter a row, only their hashes and the names of the personal fields read.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from otsp_chassis.audit_hook import RECORDED, actor_columns, insert_entry
from otsp_chassis.context import current_call
from otsp_chassis.db import Tx

Values = Mapping[str, Any]


def record(  # noqa: PLR0913 - one row has this many facts, all named
    tx: Tx,
    action: str,
    *,
    object_type: str,
    object_id: UUID | str,
    institution_id: UUID | None = None,
    before: Values | None = None,
    after: Values | None = None,
    reason: str | None = None,
    pii_fields: Sequence[str] = (),
) -> None:
    """Write one entry in the caller's transaction; it stands or falls with the change.

    `action` is the event-like name of what happened (`staff.departed`).
    """
    columns = actor_columns(current_call()) | {
        "action": action,
        "object_type": object_type,
        "object_id": str(object_id),
        "before_sha256": _digest(before),
        "after_sha256": _digest(after),
        "reason": reason,
        "pii_fields": list(pii_fields),
    }
    if institution_id is not None:
        columns["institution_id"] = institution_id
    insert_entry(tx, columns)
    tx.info[RECORDED] = True


def _digest(values: Values | None) -> bytes | None:
    if values is None:
        return None
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    return hashlib.sha256(orjson.dumps(dict(values), option=options, default=str)).digest()
