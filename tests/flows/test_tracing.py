"""One click of 提交申请 is one trace: portal, gateway, six services, outbox, bus, the seal."""

import re

import httpx
import pytest

from otsp_chassis import clock, tracing
from otsp_chassis.tracing import spans
from otsp_chassis.tracing.exporting import OtlpRecorder
from otsp_portal.app import create_app
from otsp_portal.settings import PortalSettings
from otsp_testkit.span_receiver import span_receiver

OWNERS = ("institution", "staff", "materials", "courses")
REQUESTED = "compliance.snapshot_requested.v1"
FILE = "otsp_compliance.api.applications.file_application"


@pytest.fixture
def collector():
    with span_receiver() as receiver:
        yield receiver
        tracing.end()


@pytest.fixture
def browser(town, tmp_path):
    """The portal's pages, as the administrator of institution A sees them."""
    keys = tmp_path / "keys"
    keys.write_text("k" * 32)
    told = PortalSettings(
        env="test",
        gateway_url="http://platform.test",
        secret_keys=keys,
        clock_offset_days=(clock.today() - clock.now().astimezone(clock.SHANGHAI).date()).days,
    )
    app = create_app(told)
    gateway = app.extensions["otsp_gateway"]
    gateway.http = town.platform.http()
    with httpx.Client(
        transport=httpx.WSGITransport(app=app),
        base_url="http://portal.test",
        cookies={"otsp_session": town.token("A")},
    ) as client:
        yield client
    gateway.close()


def click_submit(browser):
    """Look at the page, then send its form."""
    page = browser.get("/apply/check")
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    answer = browser.post("/apply/check", data={**hidden, "kind": "initial"})
    assert answer.status_code == 302, answer.text
    return answer


def ancestors(span, by_id):
    while span is not None:
        yield span
        span = by_id.get(span.parent_id)


def test_one_click_is_one_trace_up_to_the_seal(town, browser, collector):
    spans.record_with(OtlpRecorder(collector.url, ratio=1.0, environment="test"))

    answer = click_submit(browser)
    town.platform.settle()
    tracing.end()

    application_id = answer.headers["Location"].rpartition("/")[2]
    trace = [s for s in collector.spans if s.trace_id == answer.headers["OTSP-Trace-Id"]]
    by_id = {span.span_id: span for span in trace}
    (click,) = [span for span in trace if not span.parent_id]
    assert (click.service, click.name) == ("portal", "POST applying.check")
    for span in trace:
        assert list(ancestors(span, by_id))[-1] is click, span

    done = {(span.service, span.name): span for span in trace}
    sections = [done[owner, REQUESTED] for owner in OWNERS]
    sealing = [done["compliance", f"{owner}.snapshot_provided.v1"] for owner in OWNERS]
    for section, sealed in zip(sections, sealing, strict=True):
        way = [span.name for span in ancestors(sealed, by_id)]
        assert way[:3] == [sealed.name, section.name, FILE]
    assert town.application("A", application_id)["state"] == "awaiting_acknowledgement"

    compliance = [span for span in trace if span.service == "compliance" and span.kind != "client"]
    found = {span.name for span in compliance if "otsp.application_id" in span.attributes}
    assert {FILE, f"publish {REQUESTED}", *(span.name for span in sealing)} <= found
    assert {span.attributes.get("otsp.application_id") for span in sealing} == {application_id}
