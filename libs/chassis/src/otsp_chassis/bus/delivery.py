"""What relays and workers ask of a message engine, and how a delivery may end."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from otsp_contracts.envelope import Envelope

Deliver = Callable[[Envelope], None]
"""Takes one envelope into a service for good: it returns only when the message is durable
there (handled, or set aside for another attempt), and raises when it could not be stored."""


Spawn = Callable[[str, Callable[[], None]], threading.Thread]
"""Starts a named thread; the worker's own also notices when it dies."""


def spawn_daemon(name: str, target: Callable[[], None]) -> threading.Thread:
    """A thread that nobody watches."""
    thread = threading.Thread(target=target, name=name, daemon=True)
    thread.start()
    return thread


class Bus(Protocol):
    """What relays and workers need of a message engine."""

    def subscribe(self, queue_name: str, types: frozenset[str], deliver: Deliver) -> None:
        """Before `start`: route these event types to this consumer, in order of arrival."""
        ...

    def start(self, spawn: Spawn = ...) -> None:
        """Begin to deliver, in threads made by `spawn`; returns at once, broker or no broker."""
        ...

    def stop(self) -> None:
        """Finish the deliveries in hand, then end."""
        ...

    def publish(self, envelopes: Sequence[bytes]) -> list[bool]:
        """Hand over a batch in order; True where the bus vouches for every subscriber's copy."""
        ...


def failure_of(deliver: Deliver, envelope: Envelope) -> Exception | None:
    """Deliver once; what it raised, if it did. Whoever holds the message offers it again."""
    try:
        deliver(envelope)
    except Exception as error:  # noqa: BLE001 - the bus door: the message is kept and retried
        return error
    return None
