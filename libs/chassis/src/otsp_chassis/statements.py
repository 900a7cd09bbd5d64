"""The mechanisms' own SQL: fixed texts, run on the driver's connection of a transaction.

Review lock, outbox and audit trail take part in every write. Making their statements anew, their
cache keys and their results cost SQLAlchemy four times what running them costs (P3).
"""

from collections.abc import Mapping
from typing import Any, LiteralString, cast

import psycopg
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

from otsp_chassis import tracing

Row = tuple[Any, ...]
_CURSOR = "otsp_cursor"


def run(tx: Session, sql: LiteralString, parameters: Mapping[str, Any]) -> psycopg.Cursor[Row]:
    """Run it now, in `tx`. What the session has not flushed yet, it does not see.

    A transaction has one cursor for all of them: read the answer before the next is run.
    """
    if _CURSOR not in tx.info:
        tx.connection()
    cursor: psycopg.Cursor[Row] = tx.info[_CURSOR]
    here = tracing.current()
    if not here.is_recording:
        return cursor.execute(sql, parameters)
    with here.statement(sql):
        return cursor.execute(sql, parameters)


@event.listens_for(Session, "after_begin")
def _open_cursor(session: Session, _begun: SessionTransaction, connection: Connection) -> None:
    """Asking the session for its connection each time cost half of a short statement."""
    driver = cast("psycopg.Connection[Row]", connection.connection.driver_connection)
    session.info[_CURSOR] = driver.cursor()


@event.listens_for(Session, "after_transaction_end")
def _forget_cursor(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(_CURSOR, None)
