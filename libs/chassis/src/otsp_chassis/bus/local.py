"""The embedded default: the promises of the real engine, inside one process.

Durability is the outbox's and the inbox's business, so it may forget everything on a crash.
"""

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from otsp_chassis.bus.delivery import Deliver, Spawn, failure_of, spawn_daemon
from otsp_chassis.outage import Outage
from otsp_contracts.envelope import Envelope


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
            error = failure_of(self.deliver, envelope)
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)


class LocalBus:
    """In-process delivery: one thread per consumer, as each has its own queue in the engine.

    `publish` waits for its deliveries; a failed one leaves the message and its successors
    unconfirmed, so the relay offers them again and the inbox drops what was already done.
    An event that nobody here reads stays unconfirmed too, unless its type is `unheard`.
    """

    def __init__(self, *, unheard: frozenset[str] = frozenset()) -> None:
        self._unheard = unheard
        self._unroutable = Outage("events_unroutable", "events_routable_again")
        self._subscriptions: dict[str, _Subscription] = {}
        self._threads: list[threading.Thread] = []
        self._is_open = False

    def subscribe(self, queue_name: str, types: frozenset[str], deliver: Deliver) -> None:
        self._subscriptions[queue_name] = _Subscription(types, deliver)

    def start(self, spawn: Spawn = spawn_daemon) -> None:
        self._threads = [
            spawn(f"local-bus-{name}", subscription.work)
            for name, subscription in self._subscriptions.items()
        ]
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
        offered = [Envelope.from_bytes(raw) for raw in envelopes]
        deliveries = [self._offer(envelope) for envelope in offered]
        delivered = [_all_delivered(futures) for futures in deliveries]
        first_failure = delivered.index(False) if False in delivered else len(delivered)
        homeless = [self._is_homeless(envelope) for envelope in offered]
        self._tell({each.type for each, lost in zip(offered, homeless, strict=True) if lost})
        return [
            position < first_failure and not is_lost for position, is_lost in enumerate(homeless)
        ]

    def _is_homeless(self, envelope: Envelope) -> bool:
        return envelope.type not in self._unheard and not any(
            envelope.type in subscription.types for subscription in self._subscriptions.values()
        )

    def _tell(self, homeless: set[str]) -> None:
        if homeless:
            self._unroutable.lasts(types=sorted(homeless))
        else:
            self._unroutable.is_over()

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
