"""Copies of others' things: told by their owner when they say something else, kept by readers.

A newer version is never replaced by an older one.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import DeclarativeBase

from otsp_chassis.db import Tx
from otsp_chassis.outbox import publish
from otsp_contracts.envelope import Payload


def keep_newer(tx: Tx, kept: type[DeclarativeBase], *, key: str, values: Mapping[str, Any]) -> None:
    """The same version told again replaces what is here: that is how a damaged copy is mended."""
    row = insert(kept).values(**values)
    tx.execute(
        row.on_conflict_do_update(
            index_elements=[key],
            set_={name: value for name, value in values.items() if name != key},
            where=inspect(kept).columns["version"] <= row.excluded.version,
        )
    )


def tell_change(tx: Tx, *, before: Payload | None, after: Payload) -> None:
    """Publish `after` unless readers know it from `before` already; flush first, for its version.

    Most writes change nothing of what others keep: those cost no event.
    """
    if before is None or _content(before) != _content(after):
        publish(tx, after)


def _content(told: Payload) -> dict[str, Any]:
    return told.model_dump(exclude={"version", "actor"})
