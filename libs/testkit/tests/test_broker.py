"""Where a test session has its message engine from."""

import pytest

from otsp_local.console import StepFailed
from otsp_local.rabbitmq import LocalRabbit
from otsp_testkit.broker import Broker, BrokerSettings, own_server


def test_server_of_the_machine_is_taken_where_there_is_one(tmp_path):
    server = own_server(tmp_path, None, has_binary=True)

    assert isinstance(server, LocalRabbit)


def test_machine_with_neither_server_nor_docker_is_told_the_three_ways(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")

    with pytest.raises(StepFailed) as refusal:
        own_server(tmp_path, None, has_binary=False)

    for way in ("TEST_AMQP_URL", "apt-get install rabbitmq-server", "TEST_RABBITMQ_IMAGE"):
        assert way in str(refusal.value)


def test_test_that_needs_more_than_an_address_says_what_to_set():
    named = Broker("amqp://somewhere/", None)

    with pytest.raises(StepFailed, match="TEST_RABBITMQCTL"):
        named.controlled()


@pytest.mark.parametrize("variable", ["TEST_AMQP_URL", "TEST_RABBITMQ_IMAGE"])
def test_choice_of_the_caller_is_noticed(monkeypatch, variable):
    for name in ("TEST_AMQP_URL", "TEST_RABBITMQ_IMAGE"):
        monkeypatch.delenv(name, raising=False)
    assert not BrokerSettings().is_told

    monkeypatch.setenv(variable, "told")

    assert BrokerSettings().is_told
