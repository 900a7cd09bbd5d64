"""Copies of others' things: told by their owner when they say something else, kept by readers.

A newer version is never replaced by an older one.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, inspect
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import DeclarativeBase

from otsp_chassis.audit_hook import note_change
from otsp_chassis.db import Tx
from otsp_chassis.outbox import publish
from otsp_contracts.envelope import Payload


def keep_newer(tx: Tx, kept: type[DeclarativeBase], *, key: str, values: Mapping[str, Any]) -> None:
    """The same version told again replaces what is here: that is how a damaged copy is mended."""
    tx.flush()  # nothing that waits is overtaken: the statement goes past the session
    note_change(tx)
    tx.connection().execute(_put_newer(kept, key, tuple(values)), values)


@cache
def _put_newer(kept: type[DeclarativeBase], key: str, names: tuple[str, ...]) -> Insert:
    """Made once for each table and what is told of it: copies are half of all that is heard."""
    table = cast("Table", inspect(kept).local_table)
    row = insert(table)
    return row.on_conflict_do_update(
        index_elements=[key],
        set_={name: row.excluded[name] for name in names if name != key},
        where=table.c.version <= row.excluded.version,
    )


def tell_change(tx: Tx, *, before: Payload | None, after: Payload) -> None:
    """Publish `after` unless readers know it from `before` already; flush first, for its version.

    Most writes change nothing of what others keep: those cost no event.
    """
    if before is None or _content(before) != _content(after):
        publish(tx, after)


def _content(told: Payload) -> dict[str, Any]:
    return told.model_dump(exclude={"version", "actor"})
