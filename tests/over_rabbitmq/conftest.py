"""One demonstration over RabbitMQ for all tests here, beside the one that the test kit starts."""

from collections.abc import Iterator, Mapping

import pytest

from otsp_testkit import scheduling
from otsp_testkit.broker import BrokerSettings
from otsp_testkit.demonstration import Demo, demonstration
from otsp_testkit.span_receiver import SpanReceiver, span_receiver


@pytest.fixture(scope="session")
def collector() -> Iterator[SpanReceiver]:
    with span_receiver() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def demo_over_rabbitmq(
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
    collector: SpanReceiver,
) -> Demo:
    """Over a server of the demonstration's own, or over the one that these tests were told of.

    All of it is traced.
    """
    run_dir = tmp_path_factory.mktemp("demo-rabbitmq")
    traced = {"OTSP_OTLP_ENDPOINT": collector.url, "OTSP_TRACE_SAMPLE_RATIO": "1"}
    if BrokerSettings().is_told:
        broker = request.getfixturevalue("broker")
        running = demonstration(run_dir, OTSP_AMQP_URL=broker.url, **traced)
    else:
        running = demonstration(run_dir, "--broker", **traced)
    return scheduling.kept_for(request.config, "tests/over_rabbitmq/").enter_context(running)


@pytest.fixture(scope="session")
def first_logs(demo_over_rabbitmq: Demo) -> Mapping[str, str]:
    """Program → what it had logged when the demonstration stood, whatever is planted later."""
    logs = (demo_over_rabbitmq.run_dir / "log").glob("*.log")
    return {log.stem: log.read_text(encoding="utf-8") for log in logs}
