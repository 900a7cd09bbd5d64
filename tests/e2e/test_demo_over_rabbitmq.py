"""`./dev demo --broker`: the same results when every event travels over a real broker."""

import json

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
