"""RabbitMQ: the engine for everything beyond one machine. Only this and `connecting` know pika.

pika's connections belong to the thread that made them (pitfall 13), so there is one for each
consumer and one for each publishing thread, made there. A lost connection is no error here:
consumers make another, publishers tell the relay "unconfirmed", and the outbox keeps the rows.
"""

import random
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.channel import Channel
from pika.exceptions import AMQPError, NackError, UnroutableError
from pika.frame import Method
from pika.spec import Basic
from pydantic import BaseModel, ValidationError

from otsp_chassis import log, metrics
from otsp_chassis.bus.connecting import CANNOT_CONNECT, connect, declare, parameters
from otsp_chassis.bus.dead_queue import DeadQueue, Headers
from otsp_chassis.bus.delivery import Deliver, Spawn, failure_of, spawn_daemon
from otsp_chassis.bus.topology import DEAD_QUEUE, EVENTS, Topology, topology_of
from otsp_chassis.outage import Outage
from otsp_contracts.envelope import Envelope

PREFETCH = 50
BATCH = 500
OPEN_SECONDS = 10.0
CONFIRM_SECONDS = 30.0
GOODBYE_SECONDS = 3.0
"""A broker that no longer answers does not keep a process from ending."""
MEASURE_SECONDS = 30
_LOOK_SECONDS = 0.5
_log = log.get_logger()


class RabbitBus:
    """One quorum queue per subscription; a message is confirmed when every queue has it on disk.

    `unheard` are the event types without any consumer: the engine may drop those. Any other
    that no queue takes stays unconfirmed, until its consumer has declared its queue.
    """

    def __init__(self, url: str, *, unheard: frozenset[str] = frozenset()) -> None:
        self._parameters = parameters(url)
        self._unheard = unheard
        self._consumers: list[_Consumer] = []
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._mine = threading.local()
        self._links: set[_Link] = set()
        self._outage = Outage("broker_unreachable", "broker_reached_again")
        self._unroutable = Outage("events_unroutable", "events_routable_again")

    def subscribe(self, queue_name: str, types: frozenset[str], deliver: Deliver) -> None:
        if types:
            topology = topology_of({queue_name: types})
            consumer = _Consumer(queue_name, types, deliver, topology, self._stopping)
            self._consumers.append(consumer)

    def start(self, spawn: Spawn = spawn_daemon) -> None:
        self._stopping.clear()
        self._threads = [
            spawn(f"bus-{consumer.queue}", partial(consumer.run, self._parameters))
            for consumer in self._consumers
        ]

    def stop(self) -> None:
        self._stopping.set()
        for consumer in self._consumers:
            consumer.finish()
        for thread in self._threads:
            thread.join(GOODBYE_SECONDS)
        for link in list(self._links):
            link.close()
        self._links.clear()

    def publish(self, envelopes: Sequence[bytes]) -> list[bool]:
        messages = [_Message.of(raw, self._unheard) for raw in envelopes]
        confirmed: list[bool] = []
        while len(confirmed) < len(messages):
            part = messages[len(confirmed) : len(confirmed) + BATCH]
            told = self._publish_part(part)
            confirmed += told
            if not all(told):
                # Nothing overtakes what the engine did not take.
                confirmed += [False] * (len(messages) - len(confirmed))
        return confirmed

    def _publish_part(self, part: "Sequence[_Message]") -> list[bool]:
        link = self._link()
        why = link.why_closed()
        if why is not None:
            self._outage.lasts(why=why)
            return [False] * len(part)
        self._outage.is_over()
        batch = link.publish(part)
        homeless = {each.type for each in part if each.id in batch.returned}
        if homeless:
            self._unroutable.lasts(types=sorted(homeless))
        elif all(batch.confirmed):
            self._unroutable.is_over()
        return list(batch.confirmed)

    def _link(self) -> "_Link":
        """This thread's connection; a new one when the last was lost."""
        link: _Link | None = getattr(self._mine, "link", None)
        if link is None or link.is_over:
            if link is not None:
                self._links.discard(link)
            link = _Link(self._parameters)
            self._mine.link = link
            self._links.add(link)
        return link


class _Address(BaseModel):
    """What routing needs of an envelope; the rest is not even parsed into objects."""

    id: UUID
    type: str


@dataclass(frozen=True, slots=True)
class _Message:
    """An envelope with its routing."""

    id: str
    type: str
    is_mandatory: bool
    body: bytes

    @classmethod
    def of(cls, raw: bytes, unheard: frozenset[str]) -> "_Message":
        address = _Address.model_validate_json(raw)
        return cls(str(address.id), address.type, address.type not in unheard, raw)

    @property
    def properties(self) -> pika.BasicProperties:
        return pika.BasicProperties(
            delivery_mode=pika.DeliveryMode.Persistent,
            content_type="application/cloudevents+json",
            message_id=self.id,
            type=self.type,
        )


@dataclass(slots=True)
class _Batch:
    """Messages on their way, and what the broker said of them so far."""

    messages: Sequence[_Message]
    done: Future[None] = field(default_factory=Future)
    waiting: dict[int, int] = field(default_factory=dict)
    confirmed: list[bool] = field(init=False)
    returned: set[str | None] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.confirmed = [False] * len(self.messages)

    def settle(self, tag: int, *, is_multiple: bool, is_ack: bool) -> None:
        tags = [each for each in self.waiting if each <= tag] if is_multiple else [tag]
        for each in tags:
            position = self.waiting.pop(each)
            # A message that no queue took is returned first and acknowledged afterwards.
            unroutable = self.messages[position].id in self.returned
            self.confirmed[position] = is_ack and not unroutable
        if not self.waiting:
            self.done.set_result(None)


class _Link:
    """A publishing connection in a thread of its own; once lost it is over, never mended.

    The thread is what keeps heartbeats going between batches. pika's blocking channel waits for
    each confirm before the next message; this one sends a whole batch first (18 times as fast).
    """

    def __init__(self, chosen: pika.URLParameters) -> None:
        self.is_over = False
        self._parameters = chosen
        self._guard = threading.Lock()
        self._opened: Future[None] = Future()
        self._batch: _Batch | None = None
        self._sent = 0
        self._thread = threading.Thread(target=self._run, name="rabbit-publisher", daemon=True)
        self._thread.start()

    def why_closed(self) -> str | None:
        """Wait for it to open; what hindered it, if it does not."""
        try:
            self._opened.result(OPEN_SECONDS)
        except CANNOT_CONNECT as error:
            return repr(error)
        return None

    def publish(self, messages: Sequence[_Message]) -> _Batch:
        """Send all, wait for the broker's word on all, or until the connection or time is over."""
        batch = _Batch(messages)
        with self._guard:
            if self.is_over:
                return batch
            self._batch = batch
            self._connection.ioloop.add_callback_threadsafe(partial(self._send, batch))
        try:
            batch.done.result(CONFIRM_SECONDS)
        except TimeoutError:
            _log.warning("broker_did_not_confirm", messages=len(messages))
            self.close()
        return batch

    def close(self) -> None:
        with self._guard:
            if not self.is_over:
                self._connection.ioloop.add_callback_threadsafe(self._hang_up)
        self._thread.join(GOODBYE_SECONDS)

    def _run(self) -> None:
        self._connection = pika.SelectConnection(
            self._parameters,
            on_open_callback=self._connected,
            on_open_error_callback=self._lost,
            on_close_callback=self._lost,
        )
        self._connection.ioloop.start()
        with self._guard:
            self.is_over = True
            batch = self._batch
        self._connection.ioloop.close()
        if batch is not None and not batch.done.done():
            batch.done.set_result(None)

    def _connected(self, connection: pika.SelectConnection) -> None:
        connection.channel(on_open_callback=self._prepare)

    def _prepare(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(lambda *_: self._hang_up())
        channel.add_on_return_callback(self._returned)
        channel.confirm_delivery(self._settled, callback=lambda _: self._opened.set_result(None))

    def _send(self, batch: _Batch) -> None:
        for position, message in enumerate(batch.messages):
            if not self._channel.is_open:
                return
            self._sent += 1
            batch.waiting[self._sent] = position
            self._channel.basic_publish(
                EVENTS,
                message.type,
                message.body,
                properties=message.properties,
                mandatory=message.is_mandatory,
            )

    def _settled(self, frame: Method) -> None:
        told = frame.method
        if self._batch is not None:
            self._batch.settle(
                told.delivery_tag,
                is_multiple=told.multiple,
                is_ack=isinstance(told, Basic.Ack),
            )

    def _returned(self, *told: object) -> None:
        """Told by pika as channel, method, properties, body."""
        properties = told[2]
        if self._batch is not None and isinstance(properties, pika.BasicProperties):
            self._batch.returned.add(properties.message_id)

    def _hang_up(self) -> None:
        if self._connection.is_open:
            self._connection.close()
        elif self._connection.is_closed:
            self._connection.ioloop.stop()

    def _lost(self, _connection: pika.SelectConnection, error: BaseException) -> None:
        if not self._opened.done():
            self._opened.set_exception(error)
        self._connection.ioloop.stop()


@dataclass(slots=True)
class _Consumer:
    """Works one queue, in order, until told to stop."""

    queue: str
    types: frozenset[str]
    deliver: Deliver
    topology: Topology
    stopping: threading.Event
    in_hand: threading.Lock = field(default_factory=threading.Lock)
    handled: int | None = None  # the last delivery at its end that is not acknowledged yet

    def finish(self) -> None:
        """Told to stop, return when the delivery in hand has come to its end."""
        with self.in_hand:
            return

    def run(self, chosen: pika.URLParameters) -> None:
        outage = Outage("consumer_lost_broker", "consumer_found_broker", queue=self.queue)
        connected = metrics.BUS_CONNECTED.labels(self.queue)
        connected.set(0)
        while not self.stopping.is_set():
            try:
                with connect(chosen) as connection:
                    channel = self._open(connection)
                    outage.is_over()
                    connected.set(1)
                    self._work(connection, channel)
            except (AMQPError, OSError) as error:
                connected.set(0)
                outage.lasts(why=repr(error))
                self.stopping.wait(0.2 + random.random())  # noqa: S311 - jitter, not a secret

    def _open(self, connection: pika.BlockingConnection) -> BlockingChannel:
        channel = declare(connection, self.topology)
        channel.basic_qos(prefetch_count=PREFETCH)
        self.handled = None  # tags are of one channel
        channel.basic_consume(
            self.queue,
            lambda _, method, __, body: self._take(channel, method.delivery_tag, body=body),
        )
        return channel

    def _work(self, connection: pika.BlockingConnection, channel: BlockingChannel) -> None:
        self._measure(connection, channel)
        while not self.stopping.is_set():
            connection.process_data_events(_LOOK_SECONDS)
            if self.handled is not None:  # what came together, by one frame
                channel.basic_ack(self.handled, multiple=True)
                self.handled = None

    def _measure(self, connection: pika.BlockingConnection, channel: BlockingChannel) -> None:
        found = channel.queue_declare(DEAD_QUEUE, passive=True)
        metrics.BROKER_DEAD.set(found.method.message_count)
        connection.call_later(MEASURE_SECONDS, partial(self._measure, connection, channel))

    def _take(self, channel: BlockingChannel, tag: int, *, body: bytes) -> None:
        """One delivery to its end; once told to stop, those behind go back unread."""
        with self.in_hand:
            if self.stopping.is_set():
                return
            envelope = self._read(body)
            if envelope is None:
                channel.basic_reject(tag, requeue=False)
            elif self._deliver(channel.connection, envelope):
                self.handled = tag

    def _read(self, body: bytes) -> Envelope | None:
        """None for what no attempt could ever handle: it goes to the dead letters at once."""
        try:
            envelope = Envelope.from_bytes(body)
        except ValidationError:
            _log.error("message_unreadable", queue=self.queue)
            return None
        if envelope.type not in self.types:
            _log.error("message_not_subscribed", queue=self.queue, event_type=envelope.type)
            return None
        return envelope

    def _deliver(self, connection: pika.BlockingConnection, envelope: Envelope) -> bool:
        """Until it is durable, in place: giving it back would count against the delivery limit."""
        outage = Outage("delivery_failed", "delivery_done_at_last", queue=self.queue)
        while (error := failure_of(self.deliver, envelope)) is not None:
            outage.lasts(exc_info=error)
            if self.stopping.is_set():
                return False
            connection.sleep(0.2 + random.random())  # noqa: S311 - heartbeats go on meanwhile
        outage.is_over()
        return True


@contextmanager
def dead_queue(url: str) -> Iterator[DeadQueue]:
    """The broker's dead letters, for tools; ConnectionError when broker or queue is not there."""

    def offer(queue: str, body: bytes, headers: Headers) -> bool:
        persistent = pika.DeliveryMode.Persistent
        properties = pika.BasicProperties(delivery_mode=persistent, headers=headers or None)
        try:
            channel.basic_publish("", queue, body, properties=properties, mandatory=True)
        except (NackError, UnroutableError):
            return False
        return True

    try:
        with connect(parameters(url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            yield DeadQueue(channel, offer)
    except AMQPError as error:
        raise ConnectionError(repr(error)) from error
