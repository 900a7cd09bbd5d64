"""What a test's process asks of its databases, whoever asks: SQLAlchemy, or a fixed text."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

import psycopg


class Sent(NamedTuple):
    """One statement as the driver was given it."""

    sql: str
    parameters: Mapping[str, Any] | None


@contextmanager
def statements_sent() -> Iterator[list[Sent]]:
    """Those of every connection meanwhile, in order; BEGIN and COMMIT are none."""
    sent: list[Sent] = []
    execute = psycopg.Cursor.execute

    def heard(cursor: Any, query: Any, params: Any = None, **how: Any) -> Any:  # noqa: ANN401 - the driver's own
        sent.append(Sent(str(query), params))
        return execute(cursor, query, params, **how)

    with patch.object(psycopg.Cursor, "execute", heard):
        yield sent
