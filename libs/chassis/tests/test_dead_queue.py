"""The broker's dead letters are looked at without loss and go back to the queue they died in."""

import threading
from contextlib import contextmanager

import pika
import pytest

from otsp_chassis import clock
from otsp_chassis.bus.connecting import depths
from otsp_chassis.bus.dead_queue import RENEW_AFTER_RETURNS
from otsp_chassis.bus.rabbit import RabbitBus, dead_queue, parameters
from otsp_chassis.bus.topology import DEAD_QUEUE, EVENTS
from otsp_chassis.ids import new_id
from otsp_contracts.envelope import Envelope
from otsp_local.processes import wait_until
from otsp_testkit.sample.commands import ItemAdded

TYPES = frozenset({ItemAdded.TYPE})
UNREADABLE = b"{not an envelope"
DEADLINE = 20


def an_event():
    payload = ItemAdded(item_id=new_id(), institution_id=new_id())
    return Envelope.around(payload, id=new_id(), time=clock.now())


def everything(_):
    return True


@contextmanager
def channel_of(broker):
    with pika.BlockingConnection(parameters(broker.url)) as connection:
        yield connection.channel()


@contextmanager
def reading(broker, queue, deliver, types=TYPES):
    bus = RabbitBus(broker.url)
    bus.subscribe(queue, types, deliver)
    bus.start()
    try:
        yield
    finally:
        bus.stop()


def holds(broker, count):
    """What was given back or has died is counted a moment later."""
    return wait_until(
        lambda: depths(broker.url, [DEAD_QUEUE])[DEAD_QUEUE] == count, seconds=DEADLINE
    )


@pytest.fixture
def queue_name(broker):
    """A queue of ours; what dies in it is the only thing dead."""
    name = f"reader-{new_id()}.events.q1"
    with reading(broker, name, everything), channel_of(broker) as channel:
        assert wait_until(lambda: _is_there(broker, name), seconds=DEADLINE)
        channel.queue_purge(DEAD_QUEUE)
    yield name
    with channel_of(broker) as channel:
        channel.queue_delete(name)
        channel.queue_purge(DEAD_QUEUE)


def _is_there(broker, name):
    with channel_of(broker) as channel:
        try:
            channel.queue_declare(name, passive=True)
        except pika.exceptions.ChannelClosedByBroker:
            return False
        return True


@pytest.fixture
def bury(broker, queue_name):
    """Put messages into the queue and let them be rejected, in this order."""

    def rejected(*bodies):
        with channel_of(broker) as channel:
            for body in bodies:
                channel.basic_publish("", queue_name, body)
                method, _, _ = next(channel.consume(queue_name, inactivity_timeout=DEADLINE))
                channel.basic_reject(method.delivery_tag, requeue=False)
                channel.cancel()
        assert holds(broker, len(bodies))

    return rejected


def bodies(broker):
    with dead_queue(broker.url) as queue:
        return [message.body for message in queue.messages()]


def test_looking_tells_where_and_why_each_died(broker, queue_name, bury):
    event = an_event()
    bury(event.to_bytes(), UNREADABLE)

    with dead_queue(broker.url) as queue:
        readable, unreadable = queue.messages()

    assert (readable.queue, readable.reason) == (queue_name, "rejected")
    assert readable.service == queue_name.partition(".")[0]
    assert readable.envelope.id == event.id
    assert readable.died_at is not None
    assert unreadable.envelope is None


def test_looking_often_loses_nothing_and_never_comes_near_a_delivery_limit(broker, bury):
    sent = [an_event().to_bytes(), UNREADABLE, an_event().to_bytes()]
    bury(*sent)

    for _ in range(2 * RENEW_AFTER_RETURNS):
        assert sorted(bodies(broker)) == sorted(sent)

    with channel_of(broker) as channel:
        _, properties, _ = channel.basic_get(DEAD_QUEUE)
        assert properties.headers.get("x-delivery-count", 0) <= RENEW_AFTER_RETURNS
        assert "x-first-death-queue" in properties.headers


def test_looking_that_is_broken_off_gives_everything_back(broker, bury):
    bury(an_event().to_bytes(), an_event().to_bytes())
    with dead_queue(broker.url) as queue:
        next(queue.messages())

    assert holds(broker, 2)


def test_redriven_message_reaches_its_reader_and_no_other(broker, queue_name, bury):
    event, arrived, elsewhere = an_event(), threading.Event(), []
    other = f"other-{new_id()}.events.q1"
    bury(event.to_bytes())

    with (
        reading(broker, other, elsewhere.append),
        reading(broker, queue_name, lambda each: each.id == event.id and arrived.set()),
    ):
        with dead_queue(broker.url) as queue:
            told = queue.redrive(everything, queue=queue_name, types=TYPES)
        assert arrived.wait(DEADLINE)

    with channel_of(broker) as channel:
        channel.queue_delete(other)
    assert (told.done, told.unfit, told.refused) == (1, 0, 0)
    assert elsewhere == []
    assert holds(broker, 0)


def test_what_its_reader_would_reject_again_stays(broker, queue_name, bury):
    bury(UNREADABLE, an_event().to_bytes())

    with dead_queue(broker.url) as queue:
        told = queue.redrive(everything, queue=queue_name, types=frozenset({"sample.other.v1"}))

    assert (told.done, told.unfit) == (0, 2)
    assert holds(broker, 2)


def test_only_what_was_chosen_goes(broker, queue_name, bury):
    wanted, other = an_event(), an_event()
    bury(other.to_bytes(), wanted.to_bytes())

    with dead_queue(broker.url) as queue:
        told = queue.redrive(
            lambda message: message.envelope.id == wanted.id, queue=queue_name, types=TYPES
        )
        elsewhere = queue.redrive(everything, queue="staff.events.q1", types=TYPES)

    assert (told.done, elsewhere.done) == (1, 0)
    assert bodies(broker) == [other.to_bytes()]


def test_message_stays_dead_while_its_queue_is_not_there(broker, queue_name, bury):
    event = an_event()
    bury(event.to_bytes())
    with channel_of(broker) as channel:
        channel.queue_delete(queue_name)

    with dead_queue(broker.url) as queue:
        told = queue.redrive(everything, queue=queue_name, types=TYPES)

    assert (told.done, told.refused) == (0, 1)
    assert bodies(broker) == [event.to_bytes()]


def test_message_that_is_rejected_again_is_not_taken_up_again_by_the_same_command(
    broker, queue_name, bury
):
    """Its reader refuses it at once: it comes back behind those that were counted."""
    event = an_event()
    bury(event.to_bytes(), an_event().to_bytes())

    with reading(broker, queue_name, everything, types=frozenset({"sample.other.v1"})):
        with dead_queue(broker.url) as queue:
            told = queue.redrive(everything, queue=queue_name, types=TYPES)
        assert holds(broker, 2)

    assert told.done == 2


def test_absent_broker_is_a_connection_error():
    def look():
        with dead_queue("amqp://x:x@127.0.0.1:1/x") as queue:
            list(queue.messages())

    with pytest.raises(ConnectionError):
        look()


def test_worker_measures_how_many_are_dead(broker, queue_name, bury):
    from otsp_chassis import metrics

    bury(UNREADABLE)
    metrics.BROKER_DEAD.set(0)

    with reading(broker, queue_name, everything):
        assert wait_until(lambda: metrics.BROKER_DEAD._value.get() == 1, seconds=DEADLINE)


def test_events_exchange_is_not_used_to_redrive(broker, queue_name, bury):
    """Without its binding the queue still gets what is sent to it by name."""
    bury(an_event().to_bytes())
    with channel_of(broker) as channel:
        channel.queue_unbind(queue_name, EVENTS, ItemAdded.TYPE)

    with dead_queue(broker.url) as queue:
        assert queue.redrive(everything, queue=queue_name, types=TYPES).done == 1


def test_what_waits_in_a_queue_is_counted_and_a_missing_queue_holds_nothing(broker, queue_name):
    with channel_of(broker) as channel:
        for _ in range(3):
            channel.basic_publish("", queue_name, b"any")

    counted = {queue_name: 3, "nobody.events.q1": 0}
    assert wait_until(lambda: depths(broker.url, counted) == counted, seconds=DEADLINE)
    with pytest.raises(ConnectionError):
        depths("amqp://127.0.0.1:9/otsp", [queue_name])
