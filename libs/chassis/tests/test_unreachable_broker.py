"""A broker that cannot be reached, in any manner, is waited for, and told without noise."""

import socket
import threading
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from otsp_chassis import clock, metrics
from otsp_chassis.bus.connecting import parameters
from otsp_chassis.bus.delivery import spawn_daemon
from otsp_chassis.bus.rabbit import RabbitBus
from otsp_chassis.ids import new_id
from otsp_chassis.outage import Outage
from otsp_contracts.envelope import Envelope
from otsp_local.processes import wait_until
from otsp_testkit.sample.commands import ItemAdded

QUEUE = "reader.events.q1"
DEADLINE = 20


def an_event():
    payload = ItemAdded(item_id=new_id(), institution_id=new_id())
    return Envelope.around(payload, id=new_id(), time=clock.now()).to_bytes()


@contextmanager
def listening(meet):
    """A port where `meet` is done with each who connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        visitors = []

        def welcome():
            while True:
                try:
                    visitor, _ = server.accept()
                except OSError:
                    return
                visitors.append(visitor)
                meet(visitor)

        spawn_daemon("listener", welcome)
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        for visitor in visitors:
            visitor.close()


@pytest.fixture(params=["unknown_host", "refused", "silent", "hangs_up", "no_tls", "no_broker"])
def unreachable(request):
    """The address of a broker that does not let in, each time for another reason."""
    impatient = "x?stack_timeout=1&socket_timeout=1"
    if request.param == "unknown_host":
        yield f"amqp://x:x@rabbit.invalid/{impatient}"
    elif request.param == "refused":
        yield f"amqp://x:x@127.0.0.1:1/{impatient}"
    elif request.param == "silent":
        with listening(lambda visitor: None) as port:
            yield f"amqp://x:x@127.0.0.1:{port}/{impatient}"
    elif request.param == "no_broker":
        with listening(lambda visitor: visitor.sendall(b"220 hello\r\n" * 4)) as port:
            yield f"amqp://x:x@127.0.0.1:{port}/{impatient}"
    else:
        with listening(socket.socket.close) as port:
            scheme = "amqps" if request.param == "no_tls" else "amqp"
            yield f"{scheme}://x:x@127.0.0.1:{port}/{impatient}"


def test_neither_side_dies_of_it(unreachable):
    threads = []

    def spawn(name, target):
        threads.append(spawn_daemon(name, target))
        return threads[-1]

    bus = RabbitBus(unreachable)
    bus.subscribe(QUEUE, frozenset({ItemAdded.TYPE}), lambda envelope: None)
    with capture_logs() as told:
        bus.start(spawn)
        assert bus.publish([an_event()]) == [False]
        assert bus.publish([an_event()]) == [False]
        assert wait_until(
            lambda: "consumer_lost_broker" in [each["event"] for each in told], seconds=DEADLINE
        )
        assert threads[0].is_alive()
        bus.stop()

    assert [each["event"] for each in told].count("broker_unreachable") == 1
    assert metrics.BUS_CONNECTED.labels(QUEUE)._value.get() == 0


def test_what_the_address_says_of_connecting_counts():
    assert parameters("amqp://x:x@h/v").heartbeat == 60
    assert parameters("amqp://x:x@h/v?heartbeat=7").heartbeat == 7


class Watch:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def outage(watch):
    return Outage("it_is_lost", "it_is_back", tick=watch, queue=QUEUE)


def test_an_outage_is_told_at_once_then_ever_more_rarely(outage, watch):
    begun, told_at = watch.now, []
    for second in range(3600):
        watch.now = begun + second
        with capture_logs() as told:
            outage.lasts(why="refused")
        if told:
            told_at.append(second)

    assert told_at == [0, 10, 30, 70, 150, 310, 630, 1230, 1830, 2430, 3030]
    outage_line = {"event": "it_is_lost", "log_level": "warning", "queue": QUEUE, "why": "refused"}
    with capture_logs() as told:
        watch.now = begun + 3700
        outage.lasts(why="refused")
    assert told == [outage_line | {"attempts": 3601, "seconds": 3700}]


def test_its_end_is_told_once_and_the_next_outage_at_once_again(outage, watch):
    with capture_logs() as told:
        outage.is_over()
        outage.lasts(why="refused")
        watch.now += 5
        outage.is_over()
        outage.is_over()
        outage.lasts(why="silent")

    assert [(each["event"], each["seconds"]) for each in told] == [
        ("it_is_lost", 0),
        ("it_is_back", 5),
        ("it_is_lost", 0),
    ]


def test_several_threads_tell_one_outage_once(outage):
    with capture_logs() as told:
        threads = [threading.Thread(target=outage.lasts) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [each["attempts"] for each in told] == [1]
