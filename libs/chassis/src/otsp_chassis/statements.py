"""The mechanisms' own SQL: fixed texts, run on the driver's connection of a transaction.

Review lock, outbox and audit trail take part in every write. Making their statements anew, their
cache keys and their results cost SQLAlchemy four times what running them costs (P3).
"""

from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

Row = tuple[Any, ...]
_DRIVER = "otsp_driver"


def run(tx: Session, sql: LiteralString, parameters: Mapping[str, Any]) -> psycopg.Cursor[Row]:
    """Run it now, in `tx`. What the session has not flushed yet, it does not see."""
    if _DRIVER not in tx.info:
        tx.connection()
    driver: psycopg.Connection[Row] = tx.info[_DRIVER]
    return driver.execute(sql, parameters)


@event.listens_for(Session, "after_begin")
def _keep_driver(session: Session, _begun: SessionTransaction, connection: Connection) -> None:
    """Asking the session for its connection each time cost half of a short statement."""
    session.info[_DRIVER] = connection.connection.driver_connection


@event.listens_for(Session, "after_transaction_end")
def _forget_driver(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(_DRIVER, None)
