"""Reads of any length: through a cursor of the server, all of one instant."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, select

from otsp_chassis.context import current_runtime
from otsp_chassis.db import unavailable_database_told

ROWS_A_PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Stream:
    """`count` rows, which come in pages; each page is read when it is asked for, once."""

    count: int
    pages: Iterator[Sequence[Row[Any]]]


@contextmanager
def streamed(query: Select[Any]) -> Iterator[Stream]:
    """Everything that a query finds, of which one page is in memory.

    For a worker: it holds a connection, and a transaction that changes nothing, to the end.
    """
    counting = select(func.count()).select_from(query.order_by(None).subquery())
    engine = current_runtime().database.engine.execution_options(isolation_level="REPEATABLE READ")
    with unavailable_database_told(), engine.connect() as connection:
        count: int = connection.execute(counting).scalar_one()
        with connection.execution_options(yield_per=ROWS_A_PAGE).execute(query) as found:
            yield Stream(count, found.partitions())
