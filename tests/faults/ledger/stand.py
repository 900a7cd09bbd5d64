"""The stand: PostgreSQL, RabbitMQ, a wire to it, and the two participants under supervision."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pika
from ledger.checker import Checker, Report
from ledger.load import Load
from ledger.participants import QUEUE, READER, WRITER, EntryWritten, runtime_of
from ledger.schema import empty_tables
from ledger.supervision import Supervised
from pika.adapters.blocking_connection import BlockingChannel

from otsp_chassis.bus.rabbit import declare
from otsp_chassis.bus.topology import DEAD_QUEUE, topology_of
from otsp_chassis.settings import ServiceSettings
from otsp_local.postgres import LocalPostgres, ServiceDatabase
from otsp_local.processes import wait_until
from otsp_local.rabbitmq import LocalRabbit
from otsp_testkit.keys import KeyFiles
from otsp_testkit.wire import Wire

DEADLINE = 90


@dataclass(slots=True)
class Stand:
    """Everything of one scenario. The servers are the session's, empty at its beginning."""

    postgres: LocalPostgres
    broker: LocalRabbit
    databases: dict[str, ServiceDatabase]
    keys: KeyFiles
    folder: Path
    seed: int
    chance: random.Random = field(init=False)
    wire: Wire = field(init=False)
    writer: Supervised = field(init=False)
    reader: Supervised = field(init=False)
    load: Load = field(init=False)
    checker: Checker = field(init=False)
    standbys: list[Supervised] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._empty()
        address = urlsplit(self.broker.url)
        self.wire = Wire(address.port)
        netloc = address.netloc.replace(str(address.port), str(self.wire.port))
        torn = urlunsplit(address._replace(netloc=netloc))
        self.writer = Supervised(WRITER, self._settings(WRITER, torn), self.folder / "writer.log")
        self.reader = Supervised(READER, self._settings(READER, torn), self.folder / "reader.log")
        watched = [
            self.postgres.superuser_dsn(self.databases[name].name) for name in (WRITER, READER)
        ]
        self.checker = Checker(*watched, self.broker.url)
        loaded = ServiceSettings.load(WRITER, **self.writer.settings)
        self.load = Load(runtime_of(loaded, WRITER), self.seed)

    @contextmanager
    def under_load(self) -> Iterator[None]:
        """Both participants at work, entries coming in; when it is left, no more entries."""
        self.start()
        self.load.start()
        try:
            self.until_posted(10)
            yield
        finally:
            self.load.stop()

    def start(self) -> None:
        for each in self.participants:
            each.start()

    def settle(self, unreadable: Sequence[bytes] = ()) -> Report:
        """Wait until nothing moves, stop both in order, and tell what became of every entry."""
        self.checker.await_published()
        self.stop(WRITER)
        self.checker.await_posted()
        self.stop(READER)
        crashed = sum(len(each.unexpected_exits) for each in self.participants)
        report = self.checker.report(self.load.journal, unreadable, crashed=crashed)
        self.reports.append(report)
        return report

    def stop(self, *roles: str) -> None:
        for each in self.participants:
            if each.role in roles:
                each.stop()

    def close(self) -> None:
        self.load.stop()
        self.stop(WRITER, READER)
        self.wire.close()
        self.load.close()
        self.checker.close()

    @property
    def participants(self) -> list[Supervised]:
        return [self.reader, self.writer, *self.standbys]

    def add_standbys(self) -> None:
        """A second replica of each, which takes over when the first one dies."""
        for each in (self.reader, self.writer):
            log = self.folder / f"{each.role}-2.log"
            self.standbys.append(Supervised(each.role, each.settings, log))

    @contextmanager
    def channel(self) -> Iterator[BlockingChannel]:
        """Straight to the broker, past the wire."""
        with pika.BlockingConnection(pika.URLParameters(self.broker.url)) as connection:
            yield connection.channel()

    def until(self, is_done: Callable[[], bool]) -> None:
        """Wait for it; the test fails when it does not come."""
        assert wait_until(is_done, seconds=DEADLINE)

    def until_posted(self, more: int) -> None:
        """Wait until so many entries more have had their effect."""
        before = self.checker.posted()
        self.until(lambda: self.checker.posted() >= before + more)

    def until_written(self, more: int) -> None:
        """Wait until so many entries more are committed, whatever the broker does."""
        before = self.checker.written()
        self.until(lambda: self.checker.written() >= before + more)

    def deaths(self, step: str, *, lives: int, within: int) -> list[tuple[str, int]]:
        """So many lives, each ended at the drawn occurrence of the step."""
        return [(step, self.chance.randint(1, within)) for _ in range(lives)]

    def _empty(self) -> None:
        for each in self.databases.values():
            empty_tables(each.owner_url)
        with pika.BlockingConnection(pika.URLParameters(self.broker.url)) as connection:
            channel = declare(connection, topology_of({QUEUE: frozenset({EntryWritten.TYPE})}))
            for queue in (QUEUE, DEAD_QUEUE):
                channel.queue_purge(queue)

    def _settings(self, role: str, amqp_url: str) -> dict[str, object]:
        return {
            "env": "test",
            "amqp_url": amqp_url,
            "database_url": self.databases[role].app_url,
            "identity_public_keys": self.keys.identity_public,
            "pii_keys": self.keys.pii,
            "files_dir": self.folder,
        }
