"""Fixed texts, run on the driver's connection: the mechanisms' own SQL, and hot reads.

Review lock, outbox and audit trail take part in every write. Making their statements anew, their
cache keys and their results cost SQLAlchemy four times what running them costs (P3).
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, LiteralString, cast

import psycopg
from sqlalchemy import Connection, Select, Table, bindparam, event, insert
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction

from otsp_chassis import tracing

Row = tuple[Any, ...]
_CURSOR = "otsp_cursor"
_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]
_Convert = Callable[[Any], Any]


class Read:
    """A select that is compiled once and sent on the driver's connection.

    For what every submission reads: SQLAlchemy's round of cache key, context, cursor and result
    costs as much as the driver's own work. Lists go in as arrays (`= ANY`).
    """

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        self._query = query

    def rows(self, reader: Connection | Session, parameters: Mapping[str, Any]) -> list[Any]:
        """All of them, as named tuples."""
        sql, preset, convert, kind = self._compiled
        if isinstance(reader, Session):
            if reader.autoflush:
                reader.flush()  # as the session does before it reads
            cursor = run(reader, sql, {**preset, **parameters})
        else:
            cursor = _run_on(reader, sql, {**preset, **parameters})
        found = cursor.fetchall()
        if convert:
            found = [_converted(row, convert) for row in found]
        return [kind._make(row) for row in found]

    def first(self, reader: Connection | Session, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a row of any columns
        """None when there is none; the others, if any, are read in vain."""
        found = self.rows(reader, parameters)
        return found[0] if found else None

    @cached_property
    def _compiled(
        self,
    ) -> tuple[LiteralString, dict[str, Any], Sequence[tuple[int, _Convert]], Any]:
        compiled = self._query.compile(dialect=_DIALECT)
        given = {name: bind for name, bind in compiled.binds.items() if bind.required}
        preset = {name: value for name, value in compiled.params.items() if name not in given}
        columns = self._query.selected_columns
        convert = []
        for place, column in enumerate(columns):
            made = column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
            if made is not None:
                convert.append((place, made))
        kind = namedtuple("Row", [column.key for column in columns], rename=True)  # type: ignore[misc]  # noqa: PYI024
        return str(compiled), preset, convert, kind


def compiled_insert(
    table: Table,
) -> tuple[LiteralString, Mapping[str, _Convert | None]]:
    """The text that inserts one row, every column given, and how each column's value is sent."""
    given = insert(table).values({column.name: bindparam(column.name) for column in table.columns})
    sent = {
        column.name: column.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
        for column in table.columns
    }
    return str(given.compile(dialect=_DIALECT)), sent


def _converted(row: Row, convert: Sequence[tuple[int, _Convert]]) -> Row:
    values = list(row)
    for place, made in convert:
        values[place] = made(values[place])
    return tuple(values)


def run(tx: Session, sql: LiteralString, parameters: Mapping[str, Any]) -> psycopg.Cursor[Row]:
    """Run it now, in `tx`. What the session has not flushed yet, it does not see.

    A transaction has one cursor for all of them: read the answer before the next is run.
    """
    if _CURSOR not in tx.info:
        tx.connection()
    return _sent(tx.info[_CURSOR], sql, parameters)


def _run_on(
    connection: Connection, sql: LiteralString, parameters: Mapping[str, Any]
) -> psycopg.Cursor[Row]:
    """On a connection that reads, or that a transaction has begun on."""
    cursor: psycopg.Cursor[Row] | None = connection.info.get(_CURSOR)
    if cursor is None:
        cursor = connection.info[_CURSOR] = _driver(connection).cursor()
    try:
        return _sent(cursor, sql, parameters)
    except psycopg.OperationalError:
        if cursor.connection.closed:
            _let_the_pool_find_out(connection)
        raise


def _let_the_pool_find_out(connection: Connection) -> None:
    """By a statement that the pool watches: it replaces every connection that is as old.

    After a fail-over the others are lost too, and each would cost a request.
    """
    with suppress(DBAPIError):
        connection.exec_driver_sql("SELECT 1")


def _sent(
    cursor: psycopg.Cursor[Row], sql: LiteralString, parameters: Mapping[str, Any]
) -> psycopg.Cursor[Row]:
    here = tracing.current()
    if not here.is_recording:
        return cursor.execute(sql, parameters)
    with here.statement(sql):
        return cursor.execute(sql, parameters)


@event.listens_for(Session, "after_begin")
def _open_cursor(session: Session, _begun: SessionTransaction, connection: Connection) -> None:
    """Asking the session for its connection each time cost half of a short statement."""
    session.info[_CURSOR] = _driver(connection).cursor()


def _driver(connection: Connection) -> psycopg.Connection[Row]:
    return cast("psycopg.Connection[Row]", connection.connection.driver_connection)


@event.listens_for(Session, "after_transaction_end")
def _forget_cursor(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(_CURSOR, None)
