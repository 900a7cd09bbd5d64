"""Exchanges, queues and bindings as data: declared by the workers, exported for operators.

A queue's arguments cannot be changed (pitfall 14): other arguments need another name, which is
why every name ends in its generation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EVENTS = "otsp.events"
DEAD = "otsp.dead"
DEAD_QUEUE = "otsp.dead.q1"
DELIVERY_LIMIT = 50
"""A backstop only: retries live in the inbox, so the engine redelivers after crashes alone."""

Arguments = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Exchange:
    """Where messages come in."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Queue:
    """Where they wait, with the arguments it is made with."""

    name: str
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class Binding:
    """Which of an exchange's messages a queue gets."""

    exchange: str
    queue: str
    routing_key: str


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything the broker must hold for some subscriptions."""

    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...]
    bindings: tuple[Binding, ...]


def topology_of(subscriptions: Mapping[str, frozenset[str]]) -> Topology:
    """Queue name → event types, as the exchanges, queues and bindings that carry them."""
    read = {name: types for name, types in sorted(subscriptions.items()) if types}
    return Topology(
        exchanges=(Exchange(EVENTS, "topic"), Exchange(DEAD, "fanout")),
        queues=(
            Queue(DEAD_QUEUE, {"x-queue-type": "quorum"}),
            *(Queue(name, _consumed()) for name in read),
        ),
        bindings=(
            Binding(DEAD, DEAD_QUEUE, ""),
            *(
                Binding(EVENTS, name, kind)
                for name, types in read.items()
                for kind in sorted(types)
            ),
        ),
    )


def definitions(topology: Topology, vhost: str) -> dict[str, Any]:
    """The topology in the form that `rabbitmqctl import_definitions` reads."""
    return {
        "vhosts": [{"name": vhost}],
        "exchanges": [
            {
                "name": each.name, "vhost": vhost, "type": each.kind, "durable": True,
                "auto_delete": False, "internal": False, "arguments": {},
            }
            for each in topology.exchanges
        ],
        "queues": [
            {
                "name": each.name, "vhost": vhost, "durable": True, "auto_delete": False,
                "arguments": each.arguments,
            }
            for each in topology.queues
        ],
        "bindings": [
            {
                "source": each.exchange, "vhost": vhost, "destination": each.queue,
                "destination_type": "queue", "routing_key": each.routing_key, "arguments": {},
            }
            for each in topology.bindings
        ],
    }  # fmt: skip


def _consumed() -> Arguments:
    """One consumer at a time, for the order of one aggregate's events; others stand by.

    Rejected messages leave only once the dead letters' queue has them.
    """
    return {
        "x-queue-type": "quorum",
        "x-single-active-consumer": True,
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
