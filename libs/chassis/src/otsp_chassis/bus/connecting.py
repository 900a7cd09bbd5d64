"""The way to RabbitMQ: its address, its door, and what must be there behind it."""

import logging
import socket
import ssl
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.adapters.utils.connection_workflow import (
    AMQPConnectorException,
    AMQPConnectorStackTimeout,
)
from pika.exceptions import (
    AMQPConnectionError,
    AMQPError,
    ChannelClosedByBroker,
    IncompatibleProtocolError,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from otsp_chassis.bus.topology import Topology

CANNOT_CONNECT = (AMQPError, AMQPConnectorException, OSError)
"""How pika tells that there is no connection: a broker that is silent, a host name that nobody
knows and a failed TLS handshake come in classes of their own."""

REMEDY = "rabbitmqctl import_definitions deploy/rabbitmq/definitions.json"
_UNSAID = {
    "heartbeat": 60,
    "blocked_connection_timeout": 30,
    "socket_timeout": 5,
    "stack_timeout": 8,
    "connection_attempts": 1,
}
_IN_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (ProbableAuthenticationError, "it refuses the user or the password"),
    (ProbableAccessDeniedError, "it has no such vhost, or none for this user"),
    (IncompatibleProtocolError, "what answers there is no RabbitMQ, or wants amqps://"),
    (AMQPConnectorStackTimeout, "it does not answer"),
    (AMQPConnectionError, "nobody listens there"),
    (socket.gaierror, "the name of its host is unknown"),
    (ssl.SSLError, "the TLS handshake fails"),
)
# Nine lines for each connection that fails; what they know is in the one line of ours.
logging.getLogger("pika").setLevel(logging.CRITICAL)


class QueueMissing(ConnectionError):
    """A queue that its worker may not make, and that nobody made for it."""


def parameters(url: str) -> pika.URLParameters:
    """How to connect: what the address does not say is decided here."""
    chosen = pika.URLParameters(url)
    said = parse_qs(urlsplit(url).query)
    for name, value in _UNSAID.items():
        if name not in said:
            setattr(chosen, name, value)
    return chosen


def connect(chosen: pika.URLParameters) -> pika.BlockingConnection:
    """An open connection, or ConnectionError whatever the reason."""
    try:
        return pika.BlockingConnection(chosen)
    except CANNOT_CONNECT as error:
        raise ConnectionError(repr(error)) from error


def why_unreachable(url: str) -> str | None:
    """For whoever has just typed the address; None when the broker lets us in."""
    try:
        connect(parameters(url)).close()
    except ConnectionError as error:
        found = (words for kind, words in _IN_WORDS if isinstance(error.__cause__, kind))
        return next(found, str(error))
    return None


def declare(connection: pika.BlockingConnection, topology: Topology) -> BlockingChannel:
    """An open channel, and everything there: made where we may, else found as made by others."""
    try:
        return _declared(connection.channel(), topology)
    except ChannelClosedByBroker as refusal:
        if refusal.reply_code != HTTPStatus.FORBIDDEN:
            raise
    return _found(connection.channel(), topology)


def _found(channel: BlockingChannel, topology: Topology) -> BlockingChannel:
    for queue in topology.queues:
        try:
            channel.queue_declare(queue.name, passive=True)
        except ChannelClosedByBroker as refusal:
            if refusal.reply_code == HTTPStatus.NOT_FOUND:
                raise QueueMissing(queue.name, REMEDY) from refusal
            raise
    return channel


def _declared(channel: BlockingChannel, topology: Topology) -> BlockingChannel:
    for exchange in topology.exchanges:
        channel.exchange_declare(exchange.name, exchange.kind, durable=True)
    for queue in topology.queues:
        channel.queue_declare(queue.name, durable=True, arguments=queue.arguments)
    for binding in topology.bindings:
        channel.queue_bind(binding.queue, binding.exchange, binding.routing_key)
    return channel


def depths(url: str, queues: Iterable[str]) -> dict[str, int]:
    """How many messages wait in each; one that is not there holds none. Raises ConnectionError.

    What a consumer has in hand is not counted.
    """
    connection = connect(parameters(url))
    try:
        return {name: _depth(connection.channel(), name) for name in queues}
    except AMQPError as error:
        raise ConnectionError(repr(error)) from error
    finally:
        if connection.is_open:
            connection.close()


def _depth(channel: BlockingChannel, queue: str) -> int:
    try:
        count: int = channel.queue_declare(queue, passive=True).method.message_count
    except ChannelClosedByBroker as refusal:
        if refusal.reply_code != HTTPStatus.NOT_FOUND:
            raise
        return 0
    return count
