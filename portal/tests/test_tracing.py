"""A click begins a trace, or goes on with one, and every call to the gateway carries it on."""

import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import httpx
import pytest

from otsp_chassis import tracing
from otsp_chassis.tracing import spans
from otsp_chassis.tracing.exporting import OtlpRecorder
from otsp_local.ports import free_port
from otsp_local.processes import wait_until
from otsp_portal.app import create_app
from otsp_portal.settings import PortalSettings
from otsp_testkit.span_receiver import span_receiver

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
BROUGHT = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
SEARCH = "/whitelist?q=secret"


@pytest.fixture
def secret_keys(tmp_path) -> Path:
    keys = tmp_path / "keys"
    keys.write_text("k" * 32)
    return keys


@pytest.fixture
def asked():
    """What the gateway was asked."""
    return []


@pytest.fixture
def portal(secret_keys, asked):
    """Before a gateway that knows nobody and fails where it is told to."""

    def answer(request):
        asked.append(request)
        return httpx.Response(500 if "failing" in str(request.url) else 404)

    app = create_app(
        PortalSettings(env="test", gateway_url="http://gateway.test", secret_keys=secret_keys)
    )
    gateway = app.extensions["otsp_gateway"]
    gateway.http = httpx.Client(
        transport=httpx.MockTransport(answer), base_url="http://gateway.test"
    )
    yield app
    gateway.close()


@pytest.fixture
def collector():
    with span_receiver() as receiver:
        spans.record_with(OtlpRecorder(receiver.url, ratio=1.0, environment="test"))
        yield receiver
        tracing.end()


def ask(portal, path, **options):
    with portal.test_client().get(path, **options) as answer:
        return answer


def test_page_and_its_calls_are_one_trace(portal, asked, collector):
    answer = ask(portal, SEARCH, headers=BROUGHT)
    tracing.end()

    page, *calls = sorted(collector.spans, key=lambda span: span.kind != "server")
    assert (page.service, page.kind, page.parent_id) == ("portal", "server", CALLER)
    assert page.name.startswith("GET ")
    assert page.attributes["http.response.status_code"] == answer.status_code
    assert calls
    assert {(call.kind, call.parent_id) for call in calls} == {("client", page.span_id)}
    sent = {request.headers["traceparent"] for request in asked}
    assert sent == {f"00-{TRACE}-{call.span_id}-01" for call in calls}
    assert answer.headers["OTSP-Trace-Id"] == TRACE
    assert b"secret" not in b"".join(collector.bodies)


def test_while_off_a_trace_that_came_in_is_handed_on(portal, asked):
    ask(portal, SEARCH, headers=BROUGHT)
    assert {request.headers["traceparent"] for request in asked} == {BROUGHT["traceparent"]}

    asked.clear()
    answer = ask(portal, SEARCH)
    assert asked
    assert [request for request in asked if "traceparent" in request.headers] == []
    assert "OTSP-Trace-Id" not in answer.headers


def test_probes_and_files_are_not_traced_and_nothing_outlives_its_request(portal, collector):
    ask(portal, SEARCH)
    for path in ("/livez", "/static/portal.css"):
        ask(portal, path)
    assert tracing.traceparent() is None

    tracing.end()
    assert len([span for span in collector.spans if span.kind == "server"]) == 1


def test_process_that_is_told_to_stop_sends_what_it_recorded(secret_keys):
    port = free_port()
    command = [sys.executable, "-m", "otsp_cli", "portal", "--bind", f"127.0.0.1:{port}"]
    with span_receiver() as receiver:
        told = {
            "OTSP_ENV": "test",
            "OTSP_OTLP_ENDPOINT": receiver.url,
            "OTSP_TRACE_SAMPLE_RATIO": "1",
            "OTSP_PORTAL_GATEWAY_URL": "http://127.0.0.1:9",
            "OTSP_PORTAL_SECRET_KEYS": str(secret_keys),
        }
        with subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL) as process:
            try:
                assert wait_until(
                    lambda: status_of(f"http://127.0.0.1:{port}/livez") == 200, seconds=30
                )
                assert status_of(f"http://127.0.0.1:{port}{SEARCH}") >= 500
            finally:
                process.send_signal(signal.SIGTERM)

        names = {span.kind: span for span in receiver.spans}
        assert names["server"].is_error
        assert names["client"].attributes["error.type"] == "ConnectError"


def status_of(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
