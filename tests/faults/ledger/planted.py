"""Three bugs that others paid for, planted on purpose: the checker must find each of them."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Any

import psycopg
from ledger.deaths import MortalBus, MortalInbox
from pika.adapters.blocking_connection import BlockingChannel

from otsp_chassis.bus.delivery import Deliver
from otsp_chassis.bus.rabbit import _Consumer
from otsp_chassis.bus.topology import EVENTS, topology_of
from otsp_chassis.db import Tx
from otsp_chassis.inbox import Subscription
from otsp_chassis.outbox import Relay
from otsp_contracts.envelope import Envelope


class Bug(Enum):
    """Which of them a process is to have."""

    ACK_BEFORE_COMMIT = auto()
    MARK_BEFORE_CONFIRM = auto()
    NO_INBOX_INSERT = auto()


class AcksBeforeCommit(MortalBus):
    """Tells the broker "done" first, then does it."""

    def subscribe(self, queue_name: str, types: frozenset[str], deliver: Deliver) -> None:
        topology = topology_of({queue_name: types})
        consumer = _HastyConsumer(queue_name, types, deliver, topology, self._stopping)
        self._consumers.append(consumer)


class _HastyConsumer(_Consumer):
    def _take(self, channel: BlockingChannel, tag: int, *, body: bytes) -> None:
        channel.basic_ack(tag)
        channel.exchange_declare(EVENTS, passive=True)  # a round trip: the ack has arrived
        envelope = self._read(body)
        if envelope is not None:
            self._deliver(channel.connection, envelope)


class MarksBeforeConfirm(Relay):
    """Strikes events off the outbox, then sends them."""

    def _move_batch(self, connection: psycopg.Connection[Any]) -> int:
        rows = connection.execute(
            "DELETE FROM outbox RETURNING sequence, envelope", binary=True
        ).fetchall()
        if rows:
            self._bus.publish([bytes(envelope) for _, envelope in sorted(rows)])
        return len(rows)


class ForgetsWhatItSaw(MortalInbox):
    """Handles whatever comes, without entering it."""

    def _handled(
        self,
        envelope: Envelope,
        subscription: Subscription,
        claim: Callable[[Tx, Envelope], bool],
    ) -> bool:
        return super()._handled(envelope, subscription, lambda *_: True)
