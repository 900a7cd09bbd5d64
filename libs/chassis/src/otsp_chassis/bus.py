"""The bus: what carries envelopes between services. The only file that may import pika.

`LocalBus` is the embedded default: same promises as the real engine, inside one process.
Durability is the outbox's and the inbox's business, so it may forget everything on a crash.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from otsp_contracts.envelope import Envelope

Deliver = Callable[[Envelope], None]
"""Takes one envelope into a service for good: it returns only when the message is durable
there (handled, or set aside for another attempt), and raises when it could not be stored."""


class Bus(Protocol):
    """What relays and workers need of a message engine."""

    def subscribe(self, queue_name: str, types: frozenset[str], deliver: Deliver) -> None:
        """Before `start`: route these event types to this consumer, in order of arrival."""
        ...

    def start(self) -> None: ...

    def stop(self) -> None:
        """Finish the deliveries in hand, then end."""
        ...

    def publish(self, envelopes: Sequence[bytes]) -> list[bool]:
        """Hand over a batch in order; True where every subscriber's side has it durably."""
        ...


@dataclass(slots=True)
class _Subscription:
    """One consumer's queue and the thread that works it."""

    types: frozenset[str]
    deliver: Deliver
    pending: queue.SimpleQueue[tuple[Envelope, Future[None]] | None] = field(
        default_factory=queue.SimpleQueue
    )

    def work(self) -> None:
        while (item := self.pending.get()) is not None:
            envelope, done = item
            try:
                self.deliver(envelope)
            except Exception as error:  # noqa: BLE001 - handed to the publisher, who retries
                done.set_exception(error)
            else:
                done.set_result(None)


class LocalBus:
    """In-process delivery: one thread per consumer, as each has its own queue in the engine.

    `publish` waits for its deliveries; a failed one leaves the message and its successors
    unconfirmed, so the relay offers them again and the inbox drops what was already done.
    """

    def __init__(self) -> None:
        self._subscriptions: dict[str, _Subscription] = {}
        self._threads: list[threading.Thread] = []
        self._is_open = False

    def subscribe(self, queue_name: str, types: frozenset[str], deliver: Deliver) -> None:
        self._subscriptions[queue_name] = _Subscription(types, deliver)

    def start(self) -> None:
        self._threads = [
            threading.Thread(target=subscription.work, name=f"local-bus-{name}", daemon=True)
            for name, subscription in self._subscriptions.items()
        ]
        for thread in self._threads:
            thread.start()
        self._is_open = True

    def stop(self) -> None:
        self._is_open = False
        for subscription in self._subscriptions.values():
            subscription.pending.put(None)
        for thread in self._threads:
            thread.join()

    def publish(self, envelopes: Sequence[bytes]) -> list[bool]:
        if not self._is_open:
            return [False] * len(envelopes)
        deliveries = [self._offer(Envelope.from_bytes(raw)) for raw in envelopes]
        confirmed = [_all_delivered(futures) for futures in deliveries]
        first_failure = confirmed.index(False) if False in confirmed else len(confirmed)
        return [position < first_failure for position in range(len(confirmed))]

    def _offer(self, envelope: Envelope) -> list[Future[None]]:
        futures = []
        for subscription in self._subscriptions.values():
            if envelope.type in subscription.types:
                done: Future[None] = Future()
                subscription.pending.put((envelope, done))
                futures.append(done)
        return futures


def _all_delivered(futures: Sequence[Future[None]]) -> bool:
    faults = [future.exception() for future in futures]
    return not any(faults)
