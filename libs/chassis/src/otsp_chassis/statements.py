"""The mechanisms' own SQL: fixed texts, run on the driver's connection of a transaction.

Review lock, outbox and audit trail take part in every write. Making their statements anew, their
cache keys and their results cost SQLAlchemy four times what running them costs (P3).
"""

from collections.abc import Mapping
from typing import Any, LiteralString, cast

import psycopg
from sqlalchemy.orm import Session

Row = tuple[Any, ...]


def run(tx: Session, sql: LiteralString, parameters: Mapping[str, Any]) -> psycopg.Cursor[Row]:
    """Run it now, in `tx`. What the session has not flushed yet, it does not see."""
    driver = tx.connection().connection.driver_connection
    return cast("psycopg.Connection[Row]", driver).execute(sql, parameters)
