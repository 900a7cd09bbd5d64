"""`OTSP_AMQP_URL=… ./dev demo`: over a broker that somebody else runs, with the same results."""

from otsp_local.programs import SERVICES
from otsp_testkit.outcomes import OF_SAMPLES, outcomes

VHOST = "somebody-elses"


def test_the_demonstration_comes_to_the_same(estate):
    assert outcomes(estate.results) == OF_SAMPLES


def test_every_event_went_over_that_broker(estate):
    """One worker a service, as the tenant on its vhost; no server of the platform's own."""
    queues = {name for (name,) in estate.told_by_broker("list_queues", "-p", VHOST, "name")}
    clients = estate.told_by_broker("list_connections", "vhost", "user")
    running = {program.name for program in estate.platform.status()}

    assert queues == {f"{name}.events.q1" for name in SERVICES} | {"otsp.dead.q1"}
    assert [VHOST, "a-tenant"] in clients
    assert set(estate.programs) <= running
    assert "rabbitmq" not in running
