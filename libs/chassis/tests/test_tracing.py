"""A trace leads through requests, events, jobs and SQL; a collector that is away costs nothing."""

import json
import logging
import re
import socket
import subprocess
import sys
import time
from io import StringIO

import pytest
from prometheus_client import REGISTRY
from prometheus_client.openmetrics.exposition import generate_latest

from otsp_chassis import log, tracing
from otsp_chassis.db import transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.jobs import Job, run_job
from otsp_chassis.outbox import publish
from otsp_chassis.tracing import spans
from otsp_chassis.tracing.exporting import MOST_STATEMENTS, OtlpRecorder, summary_of
from otsp_testkit.platform_kit import LocalBus
from otsp_testkit.sample import consumers
from otsp_testkit.sample.commands import ItemAdded
from otsp_testkit.span_receiver import span_receiver

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED, UNSAMPLED = f"00-{TRACE}-{CALLER}-01", f"00-{TRACE}-{CALLER}-00"
ADD, GET = "otsp_testkit.sample.api.add_item", "otsp_testkit.sample.api.get_item"
TYPED = {"name": "身份证号330199197803129904", "keeper": "王一", "note": "13800138000"}
GOOD = {"kind": "small", "amount_fen": 100, "opened_on": "2024-10-15", **TYPED}


@pytest.fixture
def collector():
    with span_receiver() as receiver:
        yield receiver


@pytest.fixture
def record():
    """Recording until the test is over, or until it ends it itself to see what was sent."""

    def begin(url, ratio=1.0, **options):
        spans.record_with(OtlpRecorder(url, ratio=ratio, environment="test", **options))

    level = logging.getLogger("opentelemetry").level
    yield begin
    tracing.end()
    logging.getLogger("opentelemetry").setLevel(level)


@pytest.fixture
def lines():
    """What is logged, as it is written."""
    kept, stream = logging.getLogger().handlers[:], StringIO()
    log.configure("INFO", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().handlers[:] = kept


@pytest.fixture
def clerk(kit):
    institution_id = new_id()
    scopes = frozenset({"sample:read", "sample:write"})
    principal = Principal(
        account_id=new_id(),
        role="inst_admin",
        scopes=scopes,
        session_id="s",
        institution_id=institution_id,
    )
    return kit.as_principal(principal)


def items_of(clerk):
    return f"/api/sample/v1/institutions/{clerk.principal.institution_id}/items"


def add(clerk, traceparent=None):
    headers = {"traceparent": traceparent} if traceparent else {}
    return clerk.post(items_of(clerk), GOOD, headers=headers)


def settle(kit):
    bus = LocalBus()
    bus.subscribe("sample", kit.work.inbox.types, kit.work.inbox.receive)
    bus.start()
    while kit.relay_to(bus):
        pass
    bus.stop()


def dropped(reason):
    told = REGISTRY.get_sample_value("otsp_trace_spans_dropped_total", {"reason": reason})
    return told or 0


# --- recorded


def test_request_outbox_event_and_sql_are_one_trace_of_parents_and_children(
    kit, clerk, collector, record
):
    record(collector.url)

    item_id = add(clerk, SAMPLED).json["item_id"]
    settle(kit)
    tracing.end()

    assert {span.trace_id for span in collector.spans} == {TRACE}
    request, relayed, handled = (
        collector.named(name) for name in (ADD, f"publish {ItemAdded.TYPE}", ItemAdded.TYPE)
    )
    assert [each.kind for each in (request, relayed, handled)] == ["server", "producer", "consumer"]
    assert request.parent_id == CALLER
    assert relayed.parent_id == handled.parent_id == request.span_id
    assert {each.service for each in collector.spans} == {"sample"}
    assert [each.attributes["otsp.item_id"] for each in (request, relayed, handled)] == [
        item_id
    ] * 3
    assert request.attributes["http.response.status_code"] == 201
    assert handled.attributes["otsp.outcome"] == "done"
    statements = [(each.name, each.parent_id) for each in collector.spans if each.kind == "client"]
    assert statements.count(("INSERT outbox", request.span_id)) == 1
    assert statements.count(("INSERT item", request.span_id)) == 1
    assert ("INSERT inbox", handled.span_id) in statements
    assert ("UPDATE item", handled.span_id) in statements


def test_each_statement_is_one_span(kit, clerk, collector, record):
    place = add(clerk).headers["Location"]
    record(collector.url)

    clerk.get(place)
    tracing.end()

    request = collector.named(GET)
    told = [span.name for span in collector.spans if span.parent_id == request.span_id]
    assert told == ["SELECT item"]
    assert request.attributes["otsp.statements"] == 1


def test_nothing_that_people_typed_is_in_a_trace(kit, clerk, collector, record):
    record(collector.url)

    place = add(clerk).headers["Location"]
    clerk.get(items_of(clerk), query={"cursor": TYPED["note"]})
    consumers.behaviour.append(fail)
    settle(kit)
    clerk.get(place)
    tracing.end()

    sent = b"".join(collector.bodies)
    assert collector.named(ADD)
    assert [value for value in TYPED.values() if value.encode() in sent] == []
    assert b"secret" not in sent
    assert b"cursor" not in sent


def fail(_):
    raise RuntimeError("the secret of " + TYPED["keeper"])


def test_failed_event_is_an_error_by_the_name_of_its_class(kit, clerk, collector, record):
    record(collector.url)
    consumers.behaviour.append(fail)

    add(clerk, SAMPLED)
    settle(kit)
    tracing.end()

    handled = collector.named(ItemAdded.TYPE)
    assert handled.is_error
    assert handled.attributes["error.type"] == "RuntimeError"
    assert not collector.named(ADD).is_error


def test_refusal_is_no_error(clerk, collector, record):
    record(collector.url)

    refused = clerk.post(items_of(clerk), {}, headers={"traceparent": SAMPLED})
    tracing.end()

    assert refused.status == 422
    assert not collector.named(ADD).is_error


def test_job_begins_a_trace_that_its_events_go_on(kit, collector, record):
    record(collector.url)

    def tell():
        with transaction() as tx:
            for _ in range(2):
                publish(tx, ItemAdded(item_id=new_id(), institution_id=new_id()))

    run_job(kit.runtime, Job("tell_it", 60, tell))
    run_job(kit.runtime, Job("fail_it", 60, lambda: fail(None)))
    settle(kit)
    tracing.end()

    told, failed = collector.named("tell_it"), collector.named("fail_it")
    handled = [span for span in collector.spans if span.name == ItemAdded.TYPE]
    assert {span.parent_id for span in handled} == {told.span_id}
    assert "otsp.item_id" not in told.attributes
    assert (told.parent_id, told.is_error, failed.is_error) == ("", False, True)
    assert told.trace_id != failed.trace_id


def test_work_of_many_statements_does_not_drown_its_trace(kit, collector, record):
    record(collector.url)

    def ask_much():
        with kit.runtime.database.autocommit.connect() as reader:
            for _ in range(MOST_STATEMENTS + 10):
                reader.exec_driver_sql("SELECT 1")

    run_job(kit.runtime, Job("ask_much", 60, ask_much))
    tracing.end()

    job = collector.named("ask_much")
    below = [span for span in collector.spans if span.parent_id == job.span_id]
    assert len(below) == MOST_STATEMENTS
    assert job.attributes["otsp.statements"] == MOST_STATEMENTS + 10


@pytest.mark.parametrize(
    ("sql", "summary"),
    [
        ("SELECT a, b FROM item WHERE name = %(name)s", "SELECT item"),
        ("INSERT INTO outbox (a) VALUES (%(a)s)", "INSERT outbox"),
        ("UPDATE item SET a = (SELECT 1 FROM other)", "UPDATE item"),
        ("DELETE FROM outbox WHERE a = ANY(%s)", "DELETE outbox"),
        ("SELECT 1", "SELECT"),
        ("SELECT x FROM 'value'", "SELECT"),
    ],
)
def test_statement_is_named_by_what_it_does_and_to_which_table(sql, summary):
    assert summary_of(sql) == summary


# --- sampling


def test_sampling_follows_the_caller_and_else_the_ratio(clerk, collector, record):
    record(collector.url, ratio=0.0)

    for brought in (SAMPLED, UNSAMPLED, None):
        add(clerk, brought)
    tracing.end()

    assert {span.trace_id for span in collector.spans} == {TRACE}
    assert len([span for span in collector.spans if span.name == ADD]) == 1


def test_unsampled_trace_is_still_in_logs_and_events(kit, clerk, collector, record, lines):
    record(collector.url, ratio=0.0)
    consumers.behaviour.append(fail)

    answer = clerk.post(items_of(clerk), GOOD)
    (event,) = kit.published(ItemAdded)
    settle(kit)

    trace_id = answer.headers["OTSP-Trace-Id"]
    assert re.fullmatch(rf"00-{trace_id}-[0-9a-f]{{16}}-00", event.traceparent)
    (line,) = [line for line in lines() if line["event"] == "event_set_aside"]
    assert line["trace_id"] == trace_id
    assert re.fullmatch(r"[0-9a-f]{16}", line["span_id"])


def test_slow_requests_are_found_by_their_traces(clerk, collector, record):
    record(collector.url)

    add(clerk, SAMPLED)

    shown = generate_latest(REGISTRY).decode()
    requests = [line for line in shown.splitlines() if f'operation="{ADD}"' in line]
    assert any(f'# {{trace_id="{TRACE}"}}' in line for line in requests)


# --- off


def test_while_off_a_trace_that_came_in_is_handed_on_and_logged(kit, clerk, lines):
    consumers.behaviour.append(fail)

    answer = add(clerk, SAMPLED)
    (event,) = kit.published(ItemAdded)
    settle(kit)

    assert event.traceparent == SAMPLED
    assert answer.headers["OTSP-Trace-Id"] == TRACE
    (line,) = [line for line in lines() if line["event"] == "event_set_aside"]
    assert line["trace_id"] == TRACE
    assert "span_id" not in line


@pytest.mark.parametrize(
    "brought",
    [
        None,
        "",
        "00-aa-bb-01",
        SAMPLED.upper(),
        SAMPLED + "-x",
        f"ff-{TRACE}-{CALLER}-01",
        f"00-{'0' * 32}-{CALLER}-01",
        f"00-{TRACE}-{'0' * 16}-01",
    ],
)
def test_while_off_nothing_else_is_taken_for_a_trace(kit, clerk, brought):
    answer = add(clerk, brought)

    (event,) = kit.published(ItemAdded)
    assert event.traceparent is None
    assert "OTSP-Trace-Id" not in answer.headers


def test_while_off_nothing_of_opentelemetry_is_loaded():
    """Which module may load it at all is a contract of import-linter."""
    program = (
        "import sys, otsp_chassis.gunicorn_conf as conf, otsp_chassis.log\n"
        "conf.post_fork(None, None); conf.worker_exit(None, None)\n"
        "print([name for name in sys.modules if name.partition('.')[0] == 'opentelemetry'])"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert ran.stdout == "[]\n"


# --- a collector that is not well


def test_collector_that_refuses_costs_spans_and_no_request(clerk, collector, record):
    collector.status = 400
    record(collector.url)
    before = dropped("export")

    assert add(clerk).status == 201
    tracing.end()

    assert dropped("export") > before
    assert collector.spans == []


def test_what_finds_no_room_is_counted(clerk, collector, record):
    record(collector.url, queue=3)
    before = dropped("queue")

    assert add(clerk).status == 201
    tracing.end()

    assert len(collector.spans) == 3
    assert dropped("queue") > before


def test_silent_collector_keeps_no_process_from_ending(clerk, record):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        record(f"http://127.0.0.1:{silent.getsockname()[1]}", patience=0.3)
        before = dropped("export")
        assert add(clerk).status == 201

        began = time.monotonic()
        tracing.end()

    assert time.monotonic() - began < 5
    assert dropped("export") > before


def test_outage_is_told_once(clerk, record, lines):
    record("http://127.0.0.1:9", patience=0.2)

    add(clerk)
    tracing.end()

    told = [line for line in lines() if line["level"] == "warning"]
    assert [line["event"] for line in told] == ["spans_not_taken"]


def test_no_value_is_long(collector, record):
    record(collector.url)

    with tracing.door("sample", "long", kind="internal") as span:
        span.note("otsp.text", "x" * 10_000)
    tracing.end()

    assert len(collector.named("long").attributes["otsp.text"]) == 200
