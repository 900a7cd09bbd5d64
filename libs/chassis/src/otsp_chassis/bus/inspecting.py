"""What a broker holds, seen over AMQP by the very user that the workers use; nothing is changed.

The way to write is tried inside a transaction that is rolled back: the engine refuses at once who
may not, and holds still whoever publishes while its memory or disk alarm is on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

import pika
from pika.exceptions import ChannelClosedByBroker, ConnectionBlockedTimeout

from otsp_chassis.bus.connecting import CANNOT_CONNECT, connect, parameters, why_unreachable
from otsp_chassis.bus.topology import EVENTS, Queue, Topology

_ALARM_SECONDS = 2
_NOBODY_READS = "otsp.looked-at.v1"


@dataclass(frozen=True, slots=True)
class Inspection:
    """Names of exchanges and queues, by what is wrong with them."""

    version: str
    missing: tuple[str, ...]
    differing: tuple[str, ...]
    """There with other arguments, which cannot be changed."""
    is_compared: bool
    """False: the user may not configure, so arguments could not be compared."""
    may_write: bool
    is_blocked: bool


def inspect(url: str, topology: Topology) -> Inspection:
    """Raises ConnectionError in words where the broker does not let us in or goes away."""
    why = why_unreachable(url)
    if why is not None:
        raise ConnectionError(why)
    chosen = parameters(url)
    chosen.blocked_connection_timeout = _ALARM_SECONDS
    try:
        with connect(chosen) as connection:
            missing = tuple(_missing(connection, topology))
            there = [each for each in topology.queues if each.name not in missing]
            differing, is_compared = _compared(connection, there)
            may_write, is_blocked = _tried(connection) if EVENTS not in missing else (True, False)
            told = connection._impl.server_properties or {}  # noqa: SLF001 - pika tells it nowhere else
            version = str(told.get("version", "unknown"))
            return Inspection(version, missing, differing, is_compared, may_write, is_blocked)
    except CANNOT_CONNECT as error:
        if isinstance(error, ConnectionBlockedTimeout):
            return Inspection("unknown", (), (), is_compared=False, may_write=True, is_blocked=True)
        raise ConnectionError(type(error).__name__) from error


def _missing(connection: pika.BlockingConnection, topology: Topology) -> Iterable[str]:
    for exchange in topology.exchanges:
        if _refusal(connection, lambda on, e=exchange: on.exchange_declare(e.name, passive=True)):
            yield exchange.name
    for queue in topology.queues:
        if _refusal(connection, lambda on, q=queue: on.queue_declare(q.name, passive=True)):
            yield queue.name


def _compared(
    connection: pika.BlockingConnection, queues: Iterable[Queue]
) -> tuple[tuple[str, ...], bool]:
    """Declaring what is there with the same arguments changes nothing; others are refused."""
    differing: list[str] = []
    for queue in queues:
        code = _refusal(
            connection,
            lambda on, q=queue: on.queue_declare(q.name, durable=True, arguments=q.arguments),
        )
        if code == HTTPStatus.FORBIDDEN:
            return tuple(differing), False
        if code:
            differing.append(queue.name)
    return tuple(differing), True


def _tried(connection: pika.BlockingConnection) -> tuple[bool, bool]:
    """Whether the user may write, and whether an alarm is on."""
    channel = connection.channel()
    try:
        channel.tx_select()
        channel.basic_publish(EVENTS, _NOBODY_READS, b"")
        channel.tx_rollback()
        channel.close()
    except ChannelClosedByBroker:
        return False, False
    except ConnectionBlockedTimeout:
        return True, True
    return True, False


def _refusal(connection: pika.BlockingConnection, ask) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001 - pika has no types
    """The engine's code; 0 when it agrees. A refusal costs the channel."""
    channel = connection.channel()
    try:
        ask(channel)
        channel.close()
    except ChannelClosedByBroker as refusal:
        return int(refusal.reply_code)
    return 0
