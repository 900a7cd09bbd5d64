"""`OTSP_AMQP_URL=… ./dev demo`: over a broker that somebody else runs, with the same results."""

from otsp_local.programs import SERVICES

OUTCOMES = {
    "A": ("submitted", [], ["SIT-006"], ["西湖区教育局"]),
    "B": (
        "precheck_failed",
        ["MAT-002", "NET-001", "NET-005", "STF-012", "TIM-003", "TIM-004", "TIM-005"],
        [],
        ["北京市教育委员会"],
    ),
    "C": (
        "precheck_failed",
        ["FND-003", "FND-004", "SIT-001", "STF-002", "STF-008", "TIM-001"],
        ["LIC-003"],
        ["武侯区教育局"],
    ),
}
"""As over the in-process bus (tests/e2e)."""
VHOST = "somebody-elses"


def test_the_demonstration_comes_to_the_same(estate):
    told = {
        each["sample"]: (
            each["state"],
            each["blocking"],
            each["warnings"],
            [step["authority"] for step in each["routed_steps"]],
        )
        for each in estate.results
    }

    assert told == OUTCOMES


def test_every_event_went_over_that_broker(estate):
    """One worker a service, as the tenant on its vhost; no server of the platform's own."""
    queues = {name for (name,) in estate.told_by_broker("list_queues", "-p", VHOST, "name")}
    clients = estate.told_by_broker("list_connections", "vhost", "user")
    running = {program.name for program in estate.platform.status()}

    assert queues == {f"{name}.events.q1" for name in SERVICES} | {"otsp.dead.q1"}
    assert [VHOST, "a-tenant"] in clients
    assert set(estate.programs) <= running
    assert "rabbitmq" not in running
