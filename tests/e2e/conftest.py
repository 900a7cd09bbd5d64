"""The demonstration itself, started once a session; and once over RabbitMQ."""

from collections.abc import Iterator

import pytest

from otsp_testkit.broker import BrokerSettings
from otsp_testkit.demonstration import Demo, demonstration


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demonstration(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="module")
def demo_over_rabbitmq(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Demo]:
    """Over a server of the demonstration's own, or over the one that these tests were told of."""
    run_dir = tmp_path_factory.mktemp("demo-rabbitmq")
    if BrokerSettings().is_told:
        broker = request.getfixturevalue("broker")
        with demonstration(run_dir, OTSP_AMQP_URL=broker.url) as running:
            yield running
        return
    with demonstration(run_dir, "--broker") as running:
        yield running
