"""`./dev demo --broker`: the same results when every event travels over a real broker."""

import json

import httpx
import pytest

from otsp_local.processes import wait_until

FILE = "otsp_compliance.api.applications.file_application"
LOOK_UP = "otsp_compliance.api.register.look_up"
OWNERS = ("institution", "staff", "materials", "courses")
TOLD = ("state", "blocking", "warnings", "routed_steps")


def test_demonstration_comes_to_the_same_over_rabbitmq(demo, demo_over_rabbitmq):
    def told(results):
        return {result["sample"]: [result[member] for member in TOLD] for result in results}

    assert told(demo_over_rabbitmq.results) == told(demo.results)


def test_each_service_has_a_worker_of_its_own_and_none_set_anything_aside(
    demo_over_rabbitmq, first_logs
):
    folder = demo_over_rabbitmq.run_dir / "process"
    records = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    workers = {each["name"] for each in records if each["name"].startswith("worker")}

    assert len(workers) == 6
    assert not [name for name in workers if "event_set_aside" in first_logs[name]]


def test_commands_on_messages_find_its_databases_and_its_broker(demo_over_rabbitmq):
    """As `./dev otsp` calls them, without a setting from the caller."""
    stuck = demo_over_rabbitmq.command("otsp_local.otsp", "stuck")
    dead = demo_over_rabbitmq.command("otsp_local.otsp", "dead-letters", "list", "--broker")

    assert [(each.returncode, each.stderr) for each in (stuck, dead)] == [(0, ""), (0, "")]


@pytest.mark.usefixtures("demo_over_rabbitmq")
def test_a_filing_is_one_trace_through_every_workers_process(collector):
    def told_in(trace_id):
        return {(each.service, each.name) for each in collector.spans if each.trace_id == trace_id}

    assert wait_until(lambda: any(span.name == FILE for span in collector.spans), seconds=30)
    filed = [span for span in collector.spans if span.name == FILE]
    wanted = {(owner, "compliance.snapshot_requested.v1") for owner in OWNERS} | {
        ("compliance", f"{owner}.snapshot_provided.v1") for owner in OWNERS
    }

    def is_whole():
        """One of the three: on a machine that is short of breath spans may be lost."""
        return any(wanted <= told_in(span.trace_id) for span in filed)

    assert len({span.trace_id for span in filed}) == len(filed) > 0
    assert wait_until(is_whole, seconds=30)


def test_a_page_is_one_trace_through_portal_gateway_and_api(demo_over_rabbitmq, collector):
    """The edge logs under its id both what came from outside and what the portal asked behind."""
    [access_log] = demo_over_rabbitmq.run_dir.rglob("access.log")

    page = httpx.get(f"{demo_over_rabbitmq.url}/whitelist", params={"name": "学校"}, timeout=30)

    def logged(**wanted):
        lines = map(json.loads, access_log.read_text(encoding="utf-8").splitlines())
        return [line for line in lines if wanted.items() <= line.items()]

    assert page.status_code == 200
    assert wait_until(lambda: logged(request_id=page.headers["X-Request-Id"]), seconds=10)
    [outside] = logged(request_id=page.headers["X-Request-Id"])
    trace_id = outside["trace_id"]

    def told():
        return {each.name: each for each in collector.spans if each.trace_id == trace_id}

    assert wait_until(lambda: {"GET public.whitelist", LOOK_UP} <= told().keys(), seconds=30)
    assert wait_until(lambda: len(logged(trace_id=trace_id)) == 2, seconds=10)
    click, asking, look_up = (
        told()[name] for name in ("GET public.whitelist", "GET compliance", LOOK_UP)
    )
    assert (click.service, click.parent_id) == ("portal", "")
    assert (asking.service, asking.parent_id) == ("portal", click.span_id)
    assert (look_up.service, look_up.parent_id) == ("compliance", asking.span_id)
    assert {line["path"] for line in logged(trace_id=trace_id)} == {
        "/whitelist",
        "/api/compliance/v1/public/register",
    }
