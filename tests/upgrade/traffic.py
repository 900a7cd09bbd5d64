"""The statements of an old release, sent again and again while its database is being upgraded.

Each is sent in a transaction that is rolled back. That a row is there already is no fault of the
schema; everything else is: a column that is gone, one that must be filled, a wait of five seconds.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import errors

HARMLESS = (
    errors.UniqueViolation, errors.ForeignKeyViolation, errors.NoDataFound,
    errors.SerializationFailure,
)  # fmt: skip
_OPTIONS = "-c statement_timeout=5000 -c timezone=UTC"


class Traffic:
    """What goes on, how often all statements went round, and what failed."""

    def __init__(self, urls: Mapping[str, str], statements: Mapping[str, Sequence[str]]) -> None:
        self.failures: list[str] = []
        self.rounds = 0
        self._urls, self._statements = urls, statements
        self._is_over = threading.Event()
        self._round = threading.Condition()

    def go_round(self) -> None:
        """Every statement of every service once."""
        for service, url in self._urls.items():
            with psycopg.connect(url, options=_OPTIONS) as connection:
                for statement in self._statements[service]:
                    if self._is_over.is_set() and self.rounds:
                        return
                    self._send(connection, service, statement)
        with self._round:
            self.rounds += 1
            self._round.notify_all()

    def await_round(self, seconds: float = 120) -> None:
        """A whole one that begins after now, or an AssertionError."""
        wanted = self.rounds + 2 if self.rounds else 1
        with self._round:
            assert self._round.wait_for(lambda: self.rounds >= wanted, timeout=seconds)

    def stop(self) -> None:
        self._is_over.set()

    def run(self) -> None:
        while not self._is_over.is_set():
            self.go_round()

    def _send(self, connection: psycopg.Connection, service: str, statement: str) -> None:
        try:
            connection.execute(statement, prepare=False)
        except HARMLESS:
            pass
        except psycopg.Error as error:
            self.failures.append(f"{service}: {type(error).__name__}: {error}: {statement[:200]}")
        finally:
            connection.rollback()


@contextmanager
def going_on(urls: Mapping[str, str], statements: Mapping[str, Sequence[str]]) -> Iterator[Traffic]:
    traffic = Traffic(urls, statements)
    thread = threading.Thread(target=traffic.run)
    thread.start()
    try:
        traffic.await_round()
        yield traffic
    finally:
        traffic.stop()
        thread.join(timeout=60)
