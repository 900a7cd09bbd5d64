"""Copies of others' things, kept from events: a newer version is never replaced by an older one."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import DeclarativeBase

from otsp_chassis.db import Tx


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
