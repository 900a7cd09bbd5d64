"""The demonstration over RabbitMQ, beside the one that the test kit starts."""

from collections.abc import Iterator

import pytest

from otsp_testkit.broker import BrokerSettings
from otsp_testkit.demonstration import Demo, demonstration
from otsp_testkit.span_receiver import SpanReceiver, span_receiver


@pytest.fixture(scope="module")
def collector() -> Iterator[SpanReceiver]:
    with span_receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def demo_over_rabbitmq(
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
    collector: SpanReceiver,
) -> Iterator[Demo]:
    """Over a server of the demonstration's own, or over the one that these tests were told of.

    All of it is traced.
    """
    run_dir = tmp_path_factory.mktemp("demo-rabbitmq")
    traced = {"OTSP_OTLP_ENDPOINT": collector.url, "OTSP_TRACE_SAMPLE_RATIO": "1"}
    if BrokerSettings().is_told:
        broker = request.getfixturevalue("broker")
        with demonstration(run_dir, OTSP_AMQP_URL=broker.url, **traced) as running:
            yield running
        return
    with demonstration(run_dir, "--broker", **traced) as running:
        yield running
