"""`otsp dead-letters`: list, show and redrive, in databases and at the broker."""

import threading
from datetime import timedelta

import pika
import pytest
from sqlalchemy import select, text

from otsp_chassis import clock
from otsp_chassis.bus.connecting import depths
from otsp_chassis.bus.rabbit import RabbitBus, parameters
from otsp_chassis.bus.topology import DEAD_QUEUE
from otsp_chassis.ids import new_id
from otsp_chassis.inbox import BACK_OFF_SECONDS
from otsp_chassis.tables import audit_entry
from otsp_cli.messages.desk import operator
from otsp_contracts.compliance import ReviewUnlocked, SnapshotRequested
from otsp_contracts.envelope import Envelope
from otsp_local.processes import wait_until

DEADLINE = 20
WHY = ("--reason", "handler mended")


def asked():
    """For an institution that is not known: its service's handler fails."""
    return SnapshotRequested(
        request_id=new_id(), institution_id=new_id(), purpose="self_check", application_id=None,
        as_of=clock.today(), sections=("institution",),
    )  # fmt: skip


@pytest.fixture
def dead(kits):
    """Three events that the institution service gave up, the oldest first."""
    kit = kits["institution"]
    envelopes = [kit.deliver(asked()) for _ in range(3)]
    later = clock.now()
    for pause in BACK_OFF_SECONDS:
        later += timedelta(seconds=pause + 1)
        with clock.frozen(later):
            kit.work.inbox.retry_due()
    return [str(envelope.id) for envelope in envelopes]


def test_list_is_empty_and_0_when_nothing_is_dead(otsp):
    told = otsp("dead-letters", "list", "--all")

    assert (told.code, told.out) == (0, "")


def test_list_tells_one_line_a_letter_and_1(otsp, dead):
    told = otsp("dead-letters", "list", "--all")

    lines = told.out.splitlines()
    assert told.code == 1
    assert [line.split()[0] for line in lines] == dead
    assert all("institution" in line and "attempts=5" in line for line in lines)
    assert all("NotFound at " in line for line in lines)


def test_list_as_json_pages_by_cursor(otsp, dead):
    first = otsp("dead-letters", "list", "institution", "--json", "--limit", "2")
    cursor = first.err.split("--cursor ")[1].strip()
    rest = otsp("dead-letters", "list", "institution", "--json", "--cursor", cursor)

    assert [row["event_id"] for row in first.rows + rest.rows] == dead
    assert {row["service"] for row in first.rows} == {"institution"}
    assert rest.err == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list"], "name services out of"),
        (["list", "stuff"], "name services out of"),
        (["list", "--all", "--cursor", "x"], "name it"),
        (["list", "staff", "--cursor", "x"], "cursor is not one"),
        (["list", "staff", "--limit", "0"], "write 1 or more"),
        (["list", "--broker"], "OTSP_AMQP_URL is not set"),
        (["show", "x"], "invalid UUID"),
        (["show", "0199c1a0-0000-7000-8000-000000000000"], "is dead in none of auth,"),
        (["redrive", "staff", *WHY], "is required"),
        (["redrive", "staff", "--all"], "--reason"),
        (["redrive", "staff", "--all", "--reason", "  "], "say why"),
        (["redrive", "staff", "--all", "--type", "x", *WHY], "not allowed"),
        (["redrive", "stuff", "--all", *WHY], "invalid choice"),
        (["redrive", "staff", "--all", "--broker", *WHY], "OTSP_AMQP_URL is not set"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_2(otsp, arguments, words):
    told = otsp("dead-letters", *arguments)

    assert told.code == 2
    assert words in told.err
    assert "Traceback" not in told.err


def test_missing_settings_are_named(otsp, monkeypatch):
    monkeypatch.delenv("OTSP_STAFF_DATABASE_URL")
    monkeypatch.delenv("OTSP_PII_KEYS")

    told = otsp("dead-letters", "list", "staff")

    assert told.code == 2
    assert told.err.endswith("missing or wrong: OTSP_STAFF_DATABASE_URL, OTSP_PII_KEYS\n")


def test_absent_database_is_said(otsp, monkeypatch):
    monkeypatch.setenv("OTSP_STAFF_DATABASE_URL", "postgresql://x:x@127.0.0.1:1/x")

    told = otsp("dead-letters", "list", "staff")

    assert (told.code, "cannot be reached" in told.err) == (2, True)


def test_show_tells_headers_reasons_and_payload(otsp, dead):
    told = otsp("dead-letters", "show", dead[1], "--json")
    page = otsp("dead-letters", "show", dead[1], "--service", "institution")

    [row] = told.rows
    assert told.code == page.code == 0
    assert row["service"] == "institution"
    assert row["headers"]["source"] == "/otsp/compliance"
    assert row["letter"]["attempts"] == 5
    assert row["letter"]["first_reason"].startswith("NotFound at ")
    assert row["payload"]["sections"] == ["institution"]
    assert f"event_id: {dead[1]}\n" in page.out
    assert "  source: /otsp/compliance\n" in page.out


def test_show_looks_only_into_the_named_service(otsp, dead):
    assert otsp("dead-letters", "show", dead[0], "--service", "staff").code == 2


def test_redrive_tells_how_many_and_leaves_a_trace(otsp, kits, dead):
    told = otsp("dead-letters", "redrive", "institution", dead[0], *WHY)
    rest = otsp("dead-letters", "redrive", "institution", "--type", SnapshotRequested.TYPE, *WHY)
    none = otsp("dead-letters", "redrive", "institution", "--all", *WHY)

    assert [each.out for each in (told, rest, none)] == [
        "institution: 1 redriven\n",
        "institution: 2 redriven\n",
        "institution: 0 redriven\n",
    ]
    assert [each.code for each in (told, rest, none)] == [0, 0, 0]
    [line] = told.logged
    assert (line["event"], line["count"], line["chosen"]) == ("dead_letters_redriven", 1, dead[0])
    assert line["service"] == "institution"
    entries = redrivings(kits["institution"])
    assert [(each.object_id, each.reason) for each in entries] == [
        (dead[0], "handler mended"),
        (SnapshotRequested.TYPE, "handler mended"),
    ]
    assert {each.role for each in entries} == {f"operator:{operator()}"}


def test_redriven_event_has_its_effect(otsp, kits, dead):
    kit = kits["institution"]
    otsp("dead-letters", "redrive", "institution", "--all", *WHY)
    with kit.runtime.database.engine.begin() as connection:
        connection.execute(text("UPDATE inbox SET next_attempt_at = now() WHERE state <> 'done'"))

    assert kit.work.inbox.retry_due() == 3


def test_redrive_of_an_event_that_is_not_dead_is_2(otsp, dead):
    told = otsp("dead-letters", "redrive", "institution", str(new_id()), *WHY)

    assert (told.code, told.out) == (2, "institution: 0 redriven\n")


def redrivings(kit):
    row = audit_entry.c
    query = select(row.role, row.object_type, row.object_id, row.reason).order_by(row.sequence)
    with kit.runtime.database.autocommit.connect() as reader:
        return reader.execute(query.where(row.action == "messages.redriven")).all()


class TestAtTheBroker:
    """What no inbox took in."""

    QUEUE = "staff.events.q1"
    TYPES = frozenset({ReviewUnlocked.TYPE, SnapshotRequested.TYPE})

    @pytest.fixture(autouse=True)
    def staff_queue(self, broker, monkeypatch, kits):
        monkeypatch.setenv("OTSP_AMQP_URL", broker.url)
        self.url = broker.url
        with self.reading(lambda _: None):
            assert wait_until(self.is_there, seconds=DEADLINE)
        self.purge()
        yield
        with pika.BlockingConnection(parameters(broker.url)) as connection:
            connection.channel().queue_delete(self.QUEUE)
        self.purge()

    @pytest.fixture
    def buried(self):
        """One that may go on, one of a type that staff does not read, one unreadable."""
        good, foreign = self.event(), self.event("staff.snapshot_provided.v1")
        for body in (good.to_bytes(), foreign.to_bytes(), "张三 {".encode()):
            self.bury(body)
        assert self.holds(3)
        return good, foreign

    def test_list_tells_queue_reason_and_digest_but_no_content(self, otsp, buried):
        told = otsp("dead-letters", "list", "--broker", "--json")
        again = otsp("dead-letters", "list", "staff", "--broker")
        elsewhere = otsp("dead-letters", "list", "courses", "--broker")

        good, foreign = buried
        assert (told.code, again.code, elsewhere.code) == (1, 1, 0)
        assert [row["event_id"] for row in told.rows] == [str(good.id), str(foreign.id), None]
        assert {(row["queue"], row["reason"]) for row in told.rows} == {(self.QUEUE, "rejected")}
        assert "张三" not in told.out + again.out
        assert len(again.out.splitlines()) == 3
        assert self.holds(3)

    def test_show_finds_it_there(self, otsp, buried):
        good, _ = buried
        told = otsp("dead-letters", "show", str(good.id), "--broker", "--json")

        assert told.code == 0
        assert told.rows[0]["payload"]["application_id"] == good.data["application_id"]
        assert otsp("dead-letters", "show", str(good.id)).code == 2

    def test_redrive_sends_back_what_can_be_read_and_says_what_is_left(self, otsp, kits, buried):
        good, _ = buried
        arrived = threading.Event()
        told = otsp("dead-letters", "redrive", "staff", "--all", "--broker", *WHY)

        with self.reading(lambda each: each.id == good.id and arrived.set()):
            assert arrived.wait(DEADLINE)
        assert (told.code, told.out) == (0, "staff: 1 redriven\n")
        assert "2 left: its consumer cannot read them" in told.err
        assert self.holds(2)
        [entry] = redrivings(kits["staff"])
        assert (entry.object_type, entry.object_id) == ("broker_dead_letter", "all")

    def test_redrive_without_the_queue_is_refused_and_loses_nothing(self, otsp, buried):
        with pika.BlockingConnection(parameters(self.url)) as connection:
            connection.channel().queue_delete(self.QUEUE)

        told = otsp(
            "dead-letters", "redrive", "staff", "--type", ReviewUnlocked.TYPE, "--broker", *WHY
        )

        assert told.code == 2
        assert "1 left: staff.events.q1 is not there; start its worker" in told.err
        assert self.holds(3)

    def test_absent_broker_is_said(self, otsp, monkeypatch):
        monkeypatch.setenv("OTSP_AMQP_URL", "amqp://x:x@127.0.0.1:1/x")

        told = otsp("dead-letters", "list", "--broker")

        assert (told.code, "cannot be reached" in told.err) == (2, True)

    def event(self, kind=ReviewUnlocked.TYPE):
        payload = ReviewUnlocked(institution_id=new_id(), application_id=new_id())
        envelope = Envelope.around(payload, id=new_id(), time=clock.now())
        return envelope.model_copy(update={"type": kind})

    def reading(self, deliver):
        return _running(self.url, self.QUEUE, self.TYPES, deliver)

    def bury(self, body):
        with pika.BlockingConnection(parameters(self.url)) as connection:
            channel = connection.channel()
            channel.basic_publish("", self.QUEUE, body)
            method, _, _ = next(channel.consume(self.QUEUE, inactivity_timeout=DEADLINE))
            channel.basic_reject(method.delivery_tag, requeue=False)

    def is_there(self):
        with pika.BlockingConnection(parameters(self.url)) as connection:
            try:
                connection.channel().queue_declare(self.QUEUE, passive=True)
            except pika.exceptions.ChannelClosedByBroker:
                return False
            return True

    def holds(self, count):
        """What was given back or has died is counted a moment later."""
        return wait_until(
            lambda: depths(self.url, [DEAD_QUEUE])[DEAD_QUEUE] == count, seconds=DEADLINE
        )

    def purge(self):
        with pika.BlockingConnection(parameters(self.url)) as connection:
            connection.channel().queue_purge(DEAD_QUEUE)


class _running:  # noqa: N801 - reads as a verb
    """A consumer on a queue while the block lasts."""

    def __init__(self, url, queue, types, deliver):
        self._bus = RabbitBus(url)
        self._bus.subscribe(queue, types, deliver)

    def __enter__(self):
        self._bus.start()

    def __exit__(self, *_):
        self._bus.stop()
