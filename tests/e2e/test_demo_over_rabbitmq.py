"""`./dev demo --broker`: the same results when every event travels over a real broker."""

import json
from functools import partial

import httpx

from otsp_chassis.ids import new_id
from otsp_local.processes import wait_until

LOOK_UP = "otsp_compliance.api.register.look_up"
OWNERS = ("institution", "staff", "materials", "courses")
TOLD = ("state", "blocking", "warnings", "routed_steps")


def test_demonstration_comes_to_the_same_over_rabbitmq(demo, demo_over_rabbitmq):
    def told(results):
        return {result["sample"]: [result[member] for member in TOLD] for result in results}

    assert told(demo_over_rabbitmq.results) == told(demo.results)


def test_each_service_has_a_worker_of_its_own_and_none_set_anything_aside(demo_over_rabbitmq):
    folder = demo_over_rabbitmq.run_dir / "process"
    records = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    workers = {each["name"] for each in records if each["name"].startswith("worker")}
    logs = [demo_over_rabbitmq.run_dir / "log" / f"{name}.log" for name in workers]

    assert len(workers) == 6
    assert not [log for log in logs if "event_set_aside" in log.read_text(encoding="utf-8")]


def test_commands_on_messages_find_its_databases_and_its_broker(demo_over_rabbitmq):
    """As `./dev otsp` calls them, without a setting from the caller."""
    stuck = demo_over_rabbitmq.command("otsp_local.otsp", "stuck")
    dead = demo_over_rabbitmq.command("otsp_local.otsp", "dead-letters", "list", "--broker")

    assert [(each.returncode, each.stderr) for each in (stuck, dead)] == [(0, ""), (0, "")]


def test_one_gathering_is_one_trace_through_every_workers_process(demo_over_rabbitmq, collector):
    trace_id, headers = new_trace()
    wanted = {(owner, "compliance.snapshot_requested.v1") for owner in OWNERS} | {
        ("compliance", f"{owner}.snapshot_provided.v1") for owner in OWNERS
    }

    with demo_over_rabbitmq.login("institution-C") as clerk:
        account = clerk.get("/api/auth/v1/account").json()
        body = {"institution_id": account["institution_id"], "as_of": None}
        begun = clerk.post("/api/compliance/v1/self-checks", json=body, headers=headers)

    assert begun.status_code == 202
    told = partial(told_in, collector, trace_id)
    assert wait_until(lambda: wanted <= told(), seconds=60), wanted - told()


def test_page_and_service_are_one_trace_through_the_gateway_that_logs_it(
    demo_over_rabbitmq, collector
):
    trace_id, headers = new_trace()

    page = httpx.get(f"{demo_over_rabbitmq.url}/whitelist?q=示例", headers=headers, timeout=30)

    assert "OTSP-Trace-Id" not in page.headers
    wanted = {("portal", "GET public.whitelist"), ("compliance", LOOK_UP)}
    told = partial(told_in, collector, trace_id)
    assert wait_until(lambda: wanted <= told(), seconds=60), told()
    (log,) = demo_over_rabbitmq.run_dir.glob("**/access.log")
    assert wait_until(lambda: logged_with(log, trace_id) == {"whitelist", "api"}, seconds=30)


def new_trace():
    """As an ingress begins one, that samples; and the header that says so."""
    trace_id = new_id().hex
    return trace_id, {"traceparent": f"00-{trace_id}-{'1' * 16}-01"}


def told_in(collector, trace_id):
    return {(each.service, each.name) for each in collector.spans if each.trace_id == trace_id}


def logged_with(log, trace_id):
    """The beginnings of the paths."""
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return {line["path"].split("/")[1] for line in lines if line["trace_id"] == trace_id}
