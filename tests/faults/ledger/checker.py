"""Says afterwards what became of every entry: from both databases and the broker, nothing else.

It shares no code with what it judges: plain SQL, plain AMQP. It waits until nothing moves any
more, and needs no guess for that: once the outbox is empty and the writer stopped, it sends an
entry of its own after all others, and when that one is posted, the queue holds nothing older.
"""

import json
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import pika
import psycopg
from ledger.load import Journal
from pika.adapters.blocking_connection import BlockingChannel

from otsp_local.processes import wait_until

EXCHANGE, QUEUE, DEAD_QUEUE = "otsp.events", "reader.events.q1", "otsp.dead.q1"
TYPE = "writer.entry_written.v1"
CHECKERS_ACCOUNT = UUID(int=0xC4EC)
QUIET_SECONDS = 90
DAMAGE = (
    "lost", "duplicated", "invented", "stuck", "out_of_order", "outbox", "misplaced", "crashed"
)  # fmt: skip
_OUTBOX = "SELECT count(*) FROM outbox"
_ENTRIES = "SELECT entry_id, account_id, amount FROM entry"
_POSTINGS = (
    "SELECT account_id, number, entry_id FROM posting WHERE account_id <> %s ORDER BY position"
)
_BALANCES = "SELECT account_id, amount FROM balance WHERE account_id <> %s"
_SENTINEL = "SELECT count(*) FROM posting WHERE entry_id = %s"
_WAITING = "SELECT count(*) FROM inbox WHERE state = 'waiting'"
_DEAD = "SELECT convert_from(envelope, 'UTF8') FROM inbox WHERE state = 'dead'"


@dataclass(frozen=True, slots=True)
class Report:
    """One scenario's outcome. Entries, but `stuck` and `outbox`: messages and rows."""

    attempted: int
    acknowledged: int
    rolled_back: int
    unknown: int
    lost: int
    duplicated: int
    invented: int
    stuck: int
    out_of_order: int
    outbox: int
    dead: int
    planted: int
    misplaced: int
    """Dead and not planted, or planted and not dead."""
    crashed: int
    """Ends of worker processes that nobody brought about."""

    @property
    def damage(self) -> dict[str, int]:
        """What went wrong, by kind; empty when all is well."""
        return {kind: count for kind in DAMAGE if (count := getattr(self, kind))}

    def __str__(self) -> str:
        return " ".join(f"{name}={count}" for name, count in asdict(self).items())


@dataclass(frozen=True, slots=True)
class Checker:
    """Where to look."""

    writer_url: str
    reader_url: str
    amqp_url: str
    _connections: dict[str, psycopg.Connection] = field(default_factory=dict)

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()

    def await_published(self) -> None:
        """Return when the outbox is empty, or after the deadline: `report` shows what hangs."""
        wait_until(lambda: self._count(self.writer_url, _OUTBOX) == 0, seconds=QUIET_SECONDS)

    def await_posted(self) -> None:
        """Once the writer is stopped: return when all that it sent was handled, or as above.

        The entry sent here is the last in the queue.
        """
        last = self._send_last_entry()
        wait_until(
            lambda: (
                self._count(self.reader_url, _SENTINEL, last) > 0
                and self._count(self.reader_url, _WAITING) == 0
            ),
            seconds=QUIET_SECONDS,
        )

    def posted(self) -> int:
        """How many entries have had their effect so far."""
        return self._count(self.reader_url, "SELECT count(*) FROM posting")

    def given_up(self) -> int:
        """How many events the reader will not try again."""
        return self._count(self.reader_url, "SELECT count(*) FROM inbox WHERE state = 'dead'")

    def written(self) -> int:
        """How many entries are committed so far."""
        return self._count(self.writer_url, "SELECT count(*) FROM entry")

    def report(
        self, journal: Journal, unreadable: Sequence[bytes] = (), *, crashed: int = 0
    ) -> Report:
        """Once both workers are stopped; `unreadable` are the bodies planted in the queue."""
        entries = self._rows(self.writer_url, _ENTRIES)
        postings = self._rows(self.reader_url, _POSTINGS, CHECKERS_ACCOUNT)
        stored = {entry_id for entry_id, *_ in entries}
        due = (stored | journal.acknowledged) - journal.planted
        posted = Counter(entry_id for *_, entry_id in postings)
        dead, planted = self._dead(), Counter([*map(str, journal.planted), *unreadable])
        return Report(
            attempted=journal.attempted,
            acknowledged=len(journal.acknowledged),
            rolled_back=len(journal.rolled_back),
            unknown=len(journal.unknown),
            lost=len(due - posted.keys()),
            duplicated=sum(posted.values()) - len(posted) + self._wrong_balances(entries, posted),
            invented=len((posted.keys() - stored) | (stored & journal.rolled_back)),
            stuck=self._ready(QUEUE) + self._count(self.reader_url, _WAITING),
            out_of_order=_late_comers((account_id, number) for account_id, number, _ in postings),
            outbox=self._count(self.writer_url, _OUTBOX),
            dead=dead.total(),
            planted=planted.total(),
            misplaced=((dead - planted) + (planted - dead)).total(),
            crashed=crashed,
        )

    def _wrong_balances(self, entries: list[tuple[Any, ...]], posted: Counter[UUID]) -> int:
        """Accounts whose balance is not the sum of what is posted there, each counted once."""
        wanted: Counter[UUID] = Counter()
        for entry_id, account_id, amount in entries:
            wanted[account_id] += amount * (entry_id in posted)
        told = Counter(dict(self._rows(self.reader_url, _BALANCES, CHECKERS_ACCOUNT)))
        return sum(told[account_id] != wanted[account_id] for account_id in wanted | told)

    def _send_last_entry(self) -> UUID:
        """An envelope written by hand; the broker has it when this returns."""
        entry_id, event_id = (UUID(bytes=secrets.token_bytes(16)) for _ in range(2))
        data = {
            "entry_id": str(entry_id), "account_id": str(CHECKERS_ACCOUNT), "number": 1, "amount": 1
        }  # fmt: skip
        envelope = {
            "specversion": "1.0", "id": str(event_id), "source": "/checker", "type": TYPE,
            "time": "2025-01-01T00:00:00Z", "subject": str(CHECKERS_ACCOUNT), "data": data,
        }  # fmt: skip
        with self._channel() as channel:
            channel.confirm_delivery()
            channel.basic_publish(EXCHANGE, TYPE, json.dumps(envelope).encode(), mandatory=True)
        return entry_id

    def _ready(self, queue: str) -> int:
        """With nobody connected, everything in the queue is ready."""
        with self._channel() as channel:
            return channel.queue_declare(queue, passive=True).method.message_count

    def _dead(self) -> Counter[str | bytes]:
        """Ids of entries given up by the reader, and bodies it could not read."""
        rows = self._rows(self.reader_url, _DEAD)
        given_up = [json.loads(envelope)["data"]["entry_id"] for (envelope,) in rows]
        with self._channel() as channel:
            taken = iter(lambda: channel.basic_get(DEAD_QUEUE, auto_ack=True)[2], None)
            return Counter([*given_up, *taken])

    def _count(self, url: str, query: str, *values: object) -> int:
        [(count,)] = self._rows(url, query, *values)
        return count

    def _rows(self, url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Over a connection that is kept: a new one costs the server more than the question."""
        connection = self._connections.get(url)
        if connection is None or connection.closed:
            connection = self._connections[url] = psycopg.connect(url, autocommit=True)
        try:
            return connection.execute(query, values).fetchall()
        except psycopg.OperationalError:  # ended by a fault: what is asked now decides
            connection.close()
            return self._rows(url, query, *values)

    @contextmanager
    def _channel(self) -> Iterator[BlockingChannel]:
        with pika.BlockingConnection(pika.URLParameters(self.amqp_url)) as connection:
            yield connection.channel()


def _late_comers(postings: Iterable[tuple[UUID, int]]) -> int:
    """Entries posted after a later one of their account; repeats are somebody else's business."""
    newest, seen, late = Counter[UUID](), set[tuple[UUID, int]](), 0
    for account_id, number in postings:
        late += number < newest[account_id] and (account_id, number) not in seen
        seen.add((account_id, number))
        newest[account_id] = max(newest[account_id], number)
    return late
