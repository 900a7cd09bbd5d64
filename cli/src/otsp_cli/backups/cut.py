"""One point in six databases: what is seen of them together happened before it, or after it.

1. With a message engine the relays are held (their advisory locks are taken), so that nothing new
   gets into the queues, and the queues are waited for until they are empty: an event is in an
   outbox or has arrived.
2. All outboxes are locked against writing. Every change that tells others is then either over in
   all databases or not begun. In this moment, a few milliseconds, all snapshots are taken.
3. Everything is let go. The snapshots stay open for whoever dumps from them.

docs/backup.md says why that is enough.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg.errors import LockNotAvailable

from otsp_chassis import clock
from otsp_cli.messages.desk import CannotDo, note

QUIET_SECONDS = 6.0
"""How long queues must have been empty: longer than a statement may take, so that what a consumer
had in hand is handled or set aside.
"""
PATIENCE_SECONDS = 60.0
LOCK_TIMEOUT = "1s"
"""How long writers wait behind us for one of their own that takes long."""
CLOSED_AT_MOST = "10s"
"""Then the server opens the outboxes by itself: a machine that freezes in the cut must not keep
everybody from writing until its connection is found to be dead.
"""
_RELAY = "hashtext('otsp'), hashtext('outbox-relay')"
_HOLDERS = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid::bigint = hashtext('otsp')::bigint & 4294967295
  AND objid::bigint = hashtext('outbox-relay')::bigint & 4294967295
"""
_CLOSE = "LOCK TABLE outbox IN SHARE MODE"
UNTOLD = {"*": -1}
"""What is undelivered when the broker could not be asked."""
Depths = Callable[[], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One database at the instant: its exported name, and a connection that reads it."""

    name: str
    reader: Connection[Any]


@dataclass(frozen=True, slots=True)
class Cut:
    """What every command told before `instant` is in it."""

    instant: datetime
    snapshots: Mapping[str, Snapshot]
    paused_ms: float
    undelivered: Mapping[str, int]


@contextmanager
def cut(urls: Mapping[str, str], depths: Depths | None) -> Iterator[Cut]:
    """Snapshots of these databases, open as long as the context.

    `depths` asks the broker what its queues hold; None without one: the in-process bus has nothing
    in hand that is not in an outbox.
    """
    with ExitStack() as readers:
        opened = {
            service: readers.enter_context(psycopg.connect(url)) for service, url in urls.items()
        }
        with ExitStack() as holders:
            held = [
                holders.enter_context(psycopg.connect(url, autocommit=True))
                for url in urls.values()
            ]
            undelivered = {} if depths is None else _drained(held, depths)
            with _closed(held) as since:
                instant = clock.now()
                snapshots = {name: _snapshot(reader) for name, reader in opened.items()}
                paused_ms = 1_000 * (time.monotonic() - since)
        yield Cut(instant, snapshots, round(paused_ms, 1), undelivered)


def _snapshot(reader: Connection[Any]) -> Snapshot:
    reader.isolation_level = IsolationLevel.REPEATABLE_READ
    reader.read_only = True
    row = reader.execute("SELECT pg_export_snapshot()").fetchone()
    reader.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    reader.execute("SET LOCAL statement_timeout = 0")
    return Snapshot(row[0] if row else "", reader)


def _drained(held: list[Connection[Any]], depths: Depths) -> Mapping[str, int]:
    """What the queues still hold when patience is over; empty when they were read out.

    A broker that is down hinders no backup.
    """
    for connection in held:
        _take_relay(connection)
    deadline, quiet_since, pause = time.monotonic() + PATIENCE_SECONDS, None, threading.Event()
    while True:
        try:
            left = {name: count for name, count in depths().items() if count}
        except ConnectionError as error:
            note(f"the broker cannot be asked what it holds: {error}; see docs/backup.md")
            return UNTOLD
        now = time.monotonic()
        quiet_since = None if left else quiet_since or now
        if quiet_since is not None and now - quiet_since >= QUIET_SECONDS:
            return {}
        if now > deadline:
            note(f"the broker still holds messages: {left}; see docs/backup.md")
            return left
        pause.wait(0.25)


def _take_relay(connection: Connection[Any]) -> None:
    """From the relay that has it: its session is ended, it connects anew and waits its turn.

    What it was publishing stays in its outbox.
    """
    connection.execute("SET lock_timeout = '2s'")
    for _ in range(5):
        connection.execute(_HOLDERS)
        try:
            connection.execute(f"SELECT pg_advisory_lock({_RELAY})")
        except LockNotAvailable:
            continue
        return
    raise CannotDo("a relay does not let go of its lock; is there a backup running already?")


@contextmanager
def _closed(held: list[Connection[Any]]) -> Iterator[float]:
    """All outboxes locked against writing; since when the first one was."""
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while True:
        with ExitStack() as locks:
            since = time.monotonic()
            try:
                for connection in held:
                    locks.enter_context(connection.transaction(force_rollback=True))
                    connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                    connection.execute(
                        f"SET LOCAL idle_in_transaction_session_timeout = '{CLOSED_AT_MOST}'"
                    )
                    connection.execute(_CLOSE)
            except LockNotAvailable:
                since = -1
            else:
                yield since
                _require_closed(held)
                return
        if time.monotonic() > deadline:
            raise CannotDo("a write takes so long that no point could be found; try again")
        pause.wait(0.5)


def _require_closed(held: list[Connection[Any]]) -> None:
    """Until now: otherwise the snapshots are of no one point."""
    try:
        for connection in held:
            connection.execute("SELECT 1")
    except psycopg.Error as error:
        raise CannotDo(f"the outboxes were open before the point was taken: {error}") from error
