"""The embedded bus and RabbitMQ keep the same promises to relays and to consumers."""

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass

import pika
import pytest
from structlog.testing import capture_logs

from otsp_chassis import clock
from otsp_chassis.bus import LocalBus
from otsp_chassis.bus.connecting import REMEDY, parameters
from otsp_chassis.bus.rabbit import RabbitBus
from otsp_chassis.bus.topology import DEAD_QUEUE, EVENTS, definitions, topology_of
from otsp_chassis.ids import new_id
from otsp_contracts.envelope import Envelope
from otsp_local.processes import wait_until
from otsp_testkit.broker import Broker
from otsp_testkit.sample.commands import ItemAdded

TYPES = frozenset({ItemAdded.TYPE})
DEADLINE = 20


def events(count):
    payloads = (ItemAdded(item_id=new_id(), institution_id=new_id()) for _ in range(count))
    return [Envelope.around(each, id=new_id(), time=clock.now()).to_bytes() for each in payloads]


def event_of(kind):
    return Envelope(
        id=new_id(), source="/otsp/sample", type=kind, time=clock.now(), data={}
    ).to_bytes()


def ids(raws):
    return [Envelope.from_bytes(raw).id for raw in raws]


class Reader:
    """A consumer that remembers what it was given and tells when it had enough."""

    def __init__(self, wanted):
        """`wanted` deliveries, or each of these ids at least once."""
        self.seen = []
        self._wanted = wanted
        self._enough = threading.Event()

    def __call__(self, envelope):
        self.seen.append(envelope.id)
        if self._is_enough():
            self._enough.set()

    def _is_enough(self):
        if isinstance(self._wanted, int):
            return len(self.seen) >= self._wanted
        return len(self.seen) >= len(self._wanted) and set(self._wanted) <= set(self.seen)

    def first_arrivals(self, raws):
        """Of these events, in the order they came first; what comes again changes nothing."""
        asked = set(ids(raws))
        return [each for each in dict.fromkeys(self.seen) if each in asked]

    def had_enough(self):
        return self._enough.wait(DEADLINE)


class Engine:
    """Makes buses of one kind, all over the same queue."""

    def __init__(self, url, queue=None):
        self.url = url
        self.queue = queue or f"reader-{new_id()}.events.q1"

    @contextmanager
    def running(self, deliver, types=TYPES, unheard=frozenset()):
        bus = (
            LocalBus(unheard=unheard) if self.url is None else RabbitBus(self.url, unheard=unheard)
        )
        if deliver is not None:
            bus.subscribe(self.queue, types, deliver)
        bus.start()
        try:
            yield bus
        finally:
            bus.stop()

    def offer(self, bus, raws):
        """Until confirmed, as the relay does: a queue may not be declared at the first try."""
        waiting = list(raws)

        def all_confirmed():
            told = bus.publish(list(waiting))
            waiting[:] = [raw for raw, ok in zip(waiting, told, strict=True) if not ok]
            return not waiting

        assert wait_until(all_confirmed, seconds=DEADLINE)


@contextmanager
def channel_of(url):
    with pika.BlockingConnection(parameters(url)) as connection:
        yield connection.channel()


def import_definitions(broker, queue):
    told = definitions(topology_of({queue: TYPES}), vhost=parameters(broker.url).virtual_host)
    broker.controlled().import_definitions(json.dumps(told))


@dataclass
class Modest:
    """A worker's user who may read and write, and make nothing."""

    broker: Broker
    url: str


@pytest.fixture
def modest(broker):
    server, name, password = broker.controlled(), f"worker-{new_id()}", new_id().hex
    given = parameters(broker.url)
    server.ctl("add_user", name, password)
    server.ctl("set_permissions", "-p", given.virtual_host, name, "^$", ".*", ".*")
    yield Modest(broker, f"amqp://{name}:{password}@{given.host}:{given.port}/{given.virtual_host}")
    server.ctl("delete_user", name)


@pytest.fixture
def rabbit(broker):
    engine = Engine(broker.url)
    with channel_of(broker.url) as channel:
        channel.queue_declare(DEAD_QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    yield engine
    with channel_of(broker.url) as channel:
        channel.queue_delete(engine.queue)
        channel.queue_purge(DEAD_QUEUE)


@pytest.fixture(params=["local", "rabbit"])
def engine(request):
    return Engine(None) if request.param == "local" else request.getfixturevalue("rabbit")


def test_events_arrive_in_the_order_they_were_published(engine):
    raws = events(1200)
    [first] = events(1)
    reader = Reader(ids([first, *raws]))
    with engine.running(reader) as bus:
        engine.offer(bus, [first])
        assert bus.publish(raws[:500]) == [True] * 500
        assert bus.publish(raws[500:]) == [True] * 700
        assert reader.had_enough()

    assert reader.first_arrivals(raws) == ids(raws)


def test_nothing_is_confirmed_before_the_bus_is_there(engine):
    bus = LocalBus() if engine.url is None else RabbitBus("amqp://x:x@127.0.0.1:1/x")

    assert bus.publish(events(2)) == [False, False]
    bus.stop()


@pytest.mark.parametrize("is_unheard", [False, True])
def test_event_that_nobody_reads_is_confirmed_only_when_that_is_known(engine, is_unheard):
    stray, reader = event_of("sample.item_lost.v1"), Reader(2)
    unheard = frozenset({"sample.item_lost.v1"} if is_unheard else ())

    with engine.running(reader, unheard=unheard) as bus:
        engine.offer(bus, events(1))
        assert bus.publish([stray, *events(1), stray]) == [is_unheard, True, is_unheard]
        assert reader.had_enough()


def test_delivery_that_fails_is_repeated_until_it_is_durable(engine):
    raws, reader, failures = events(3), Reader(3), [ConnectionError, ConnectionError]

    def deliver(envelope):
        if envelope.id == ids(raws)[1] and failures:
            raise failures.pop()
        reader(envelope)

    with engine.running(deliver) as bus:
        engine.offer(bus, raws)
        assert reader.had_enough()

    assert failures == []
    assert set(reader.seen) == set(ids(raws))


def test_bus_told_to_stop_finishes_the_delivery_in_hand(engine):
    begun, released, done = threading.Event(), threading.Event(), []

    def deliver(envelope):
        begun.set()
        assert released.wait(DEADLINE)
        done.append(envelope.id)

    raws = events(1)
    with engine.running(deliver) as bus:
        offering = threading.Thread(target=engine.offer, args=(bus, raws))
        offering.start()
        assert begun.wait(DEADLINE)
        stopping = threading.Thread(target=bus.stop)
        stopping.start()
        released.set()
        stopping.join(DEADLINE)
        offering.join(DEADLINE)

    assert done == ids(raws)


def test_bus_can_be_stopped_and_another_started(engine):
    for _ in range(2):
        raws, reader = events(2), Reader(2)
        with engine.running(reader) as bus:
            engine.offer(bus, raws)
            assert reader.had_enough()
        assert reader.seen == ids(raws)


def test_queue_keeps_events_while_its_consumer_is_away(rabbit):
    early, late = events(1), events(2)
    reader = Reader(ids(late))  # the early one may come again: its ack is no promise
    with rabbit.running(Reader(1)) as bus:
        rabbit.offer(bus, early)

    with rabbit.running(None) as bus:
        assert bus.publish(late) == [True, True]
    with rabbit.running(reader):
        assert reader.had_enough()

    assert reader.first_arrivals(late) == ids(late)


def test_event_that_no_queue_takes_stays_unconfirmed_unless_nobody_is_to_read_it(rabbit):
    with rabbit.running(Reader(1)) as bus:
        rabbit.offer(bus, events(1))
    with channel_of(rabbit.url) as channel:
        channel.queue_unbind(rabbit.queue, EVENTS, ItemAdded.TYPE)
    careless = RabbitBus(rabbit.url, unheard=TYPES)

    with rabbit.running(None) as bus:
        assert bus.publish(events(3)) == [False] * 3
    assert careless.publish(events(3)) == [True] * 3
    careless.stop()


def test_what_was_handled_together_is_acknowledged_and_does_not_come_again(rabbit):
    reader = Reader(wanted=5)

    with rabbit.running(reader) as bus:
        rabbit.offer(bus, events(5))
        assert reader.had_enough()

    with channel_of(rabbit.url) as channel:
        assert channel.queue_declare(rabbit.queue, passive=True).method.message_count == 0


def test_event_whose_consumer_died_before_its_ack_is_delivered_again(rabbit):
    raws, reader = events(1), Reader(1)
    with rabbit.running(Reader(1)) as bus:
        rabbit.offer(bus, events(1))
    with rabbit.running(None) as bus:
        assert bus.publish(raws) == [True]
    with channel_of(rabbit.url) as channel:
        method, _, _ = next(channel.consume(rabbit.queue, inactivity_timeout=DEADLINE))
        assert method is not None

    with rabbit.running(reader):
        assert reader.had_enough()

    assert ids(raws)[0] in reader.seen


def test_unreadable_message_goes_to_the_dead_letters_and_delays_nobody(rabbit):
    before, after = events(1), events(1)
    reader = Reader(ids(before + after))
    with rabbit.running(reader) as bus:
        rabbit.offer(bus, before)
        with channel_of(rabbit.url) as channel:
            channel.basic_publish(EVENTS, ItemAdded.TYPE, b"{not an envelope")
        rabbit.offer(bus, after)
        assert reader.had_enough()
        with channel_of(rabbit.url) as channel:
            method, _, body = next(channel.consume(DEAD_QUEUE, inactivity_timeout=DEADLINE))

    assert method is not None
    assert body == b"{not an envelope"
    assert reader.first_arrivals(before + after) == ids(before + after)


def test_events_wait_for_a_broker_that_is_away_and_keep_their_ids(rabbit, broker):
    server, raws = broker.controlled(), events(3)
    reader = Reader(ids(raws))
    with rabbit.running(reader) as bus:
        rabbit.offer(bus, events(1))
        server.stop()
        assert bus.publish(raws) == [False] * 3
        server.start()
        rabbit.offer(bus, raws)
        assert reader.had_enough()

    assert reader.first_arrivals(raws) == ids(raws)


def test_definitions_load_and_agree_with_what_workers_declare(rabbit, broker):
    import_definitions(broker, rabbit.queue)
    reader, raws = Reader(1), events(1)

    with rabbit.running(reader) as bus:
        assert bus.publish(raws) == [True]
        assert reader.had_enough()


def test_worker_that_may_not_configure_works_with_what_was_imported(rabbit, modest):
    import_definitions(modest.broker, rabbit.queue)
    reader, raws = Reader(1), events(1)

    with Engine(modest.url, rabbit.queue).running(reader) as bus:
        assert bus.publish(raws) == [True]
        assert reader.had_enough()

    assert reader.seen == ids(raws)


def test_worker_that_may_not_configure_says_what_to_import_and_goes_on_after(rabbit, modest):
    reader, raws = Reader(1), events(1)

    with capture_logs() as logs, Engine(modest.url, rabbit.queue).running(reader) as bus:
        assert wait_until(lambda: logs, seconds=DEADLINE)
        import_definitions(modest.broker, rabbit.queue)
        assert bus.publish(raws) == [True]
        assert reader.had_enough()

    assert logs[0]["event"] == "consumer_lost_broker"
    assert "QueueMissing" in logs[0]["why"]
    assert REMEDY in logs[0]["why"]
