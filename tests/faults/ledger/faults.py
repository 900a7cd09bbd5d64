"""What happens to the servers and to the wires, each a function of the stand it happens on."""

import json
import os
import random
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pika
import psycopg
from ledger.participants import READER, EntryWritten
from ledger.stand import Stand

from otsp_chassis import clock
from otsp_chassis.bus.topology import EVENTS
from otsp_chassis.ids import new_id
from otsp_contracts.envelope import Envelope
from otsp_local.ports import is_free
from otsp_local.processes import birth_of, wait_until

_TERMINATE = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = %s AND pid <> pg_backend_pid()"
)
_HURRY = "UPDATE inbox SET next_attempt_at = now() WHERE state = 'waiting'"
Fault = Callable[[Stand], object]


def kill_broker(stand: Stand) -> None:
    """SIGKILL, as when its machine loses power; its data stay.

    The server is its start script's child: gone is what leaves the port free.
    """
    os.killpg(stand.broker.pid, signal.SIGKILL)
    assert wait_until(lambda: is_free(stand.wire.server_port), seconds=20)


def start_broker(stand: Stand) -> None:
    """On the same data and the same port."""
    stand.broker.start()


def restart_broker(stand: Stand) -> None:
    kill_broker(stand)
    start_broker(stand)


def restart_postgres(stand: Stand) -> None:
    """Immediately: no client is waited for, no checkpoint made; it recovers from its log."""
    pid = stand.postgres.pid
    os.kill(pid, signal.SIGQUIT)
    assert wait_until(lambda: birth_of(pid) is None, seconds=20)
    stand.postgres.start()


def end_sessions(stand: Stand) -> None:
    """Every database connection of both participants, as a fail-over or an operator does."""
    for name in stand.databases:
        with psycopg.connect(stand.postgres.superuser_dsn(), autocommit=True) as connection:
            connection.execute(_TERMINATE, [stand.databases[name].name])


def reset_connections(stand: Stand) -> None:
    """Cut the wires to the broker, mid-frame."""
    stand.wire.tear()


def close_connections(stand: Stand) -> None:
    """The broker itself ends every connection, with a reason."""
    stand.broker.ctl("close_all_connections", "maintenance")


def kill_somebody(stand: Stand) -> None:
    """One worker process, at whatever it is doing."""
    stand.chance.choice(stand.participants).kill()


@contextmanager
def memory_alarm(stand: Stand) -> Iterator[None]:
    """The broker takes nothing from publishers, and tells them so."""
    stand.broker.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
    try:
        yield
    finally:
        stand.broker.ctl("set_vm_memory_high_watermark", "0.4")


def blocked(stand: Stand) -> set[str]:
    """The connections from which the broker takes nothing now, by its names for them."""
    return {name for name, state in _connections(stand).items() if state == "blocked"}


def connections(stand: Stand) -> set[str]:
    return set(_connections(stand))


def _connections(stand: Stand) -> dict[str, str]:
    told = stand.broker.ctl("list_connections", "name", "state", "--formatter", "json")
    return {each["name"]: each["state"] for each in json.loads(told)}


def plant_unreadable(stand: Stand, bodies: Sequence[bytes]) -> None:
    with stand.channel() as channel:
        channel.confirm_delivery()
        for body in bodies:
            channel.basic_publish(EVENTS, EntryWritten.TYPE, body, mandatory=True)


def hurry_retries(stand: Stand) -> None:
    """What waits for its next attempt is due now; the pauses are somebody else's test."""
    database = stand.databases[READER].name
    with psycopg.connect(stand.postgres.superuser_dsn(database)) as connection:
        connection.execute(_HURRY)


def has_given_up(stand: Stand, count: int) -> bool:
    """Whether so many events are dead; hurries those that still have attempts."""
    hurry_retries(stand)
    return stand.checker.given_up() == count


def envelope_of(event_type: str) -> bytes:
    """Well formed, and of a type that the reader does not read."""
    payload = EntryWritten(entry_id=new_id(), account_id=new_id(), number=1, amount=1)
    envelope = Envelope.around(payload, id=new_id(), time=clock.now())
    return envelope.model_copy(update={"type": event_type}).to_bytes()


class Tap:
    """A copy of every message that is published, as nobody is to have one: for late repeats."""

    def __init__(self, stand: Stand) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(stand.broker.url))
        self._channel = self._connection.channel()
        self._queue = self._channel.queue_declare("", exclusive=True).method.queue
        self._channel.queue_bind(self._queue, EVENTS, EntryWritten.TYPE)
        self._channel.confirm_delivery()

    def repeat_all(self, *, times: int, chance: random.Random) -> int:
        """Everything that came by, again, so many times, in any order; returns how much that is."""
        seen = list(iter(lambda: self._channel.basic_get(self._queue, auto_ack=True)[2], None))
        self._channel.queue_unbind(self._queue, EVENTS, EntryWritten.TYPE)
        copies = seen * times
        chance.shuffle(copies)
        for body in copies:
            self._channel.basic_publish(EVENTS, EntryWritten.TYPE, body, mandatory=True)
        self._connection.close()
        return len(copies)


ALL: Sequence[Fault] = (
    *[kill_somebody] * 6, *[reset_connections] * 2, *[end_sessions] * 2,
    close_connections, restart_postgres, restart_broker,
)  # fmt: skip
"""One round of the drill, before it is shuffled."""
