"""Servers that are started for the first time write no warning of what we do to them."""

import re

import pytest

from otsp_local.platform import LocalPlatform
from otsp_local.rabbitmq import LocalRabbit, install_if_missing
from otsp_local.settings import LocalSettings


@pytest.fixture
def platform(tmp_path):
    platform = LocalPlatform(LocalSettings(run_dir=tmp_path / "run"))
    platform.run.mkdir()
    yield platform
    platform.erase()


@pytest.fixture
def rabbit(tmp_path):
    install_if_missing()
    rabbit = LocalRabbit(tmp_path / "rabbitmq")
    yield rabbit
    rabbit.erase()


def test_database_that_was_never_migrated_is_no_error_to_postgresql(platform):
    platform.postgres.start()
    platform.postgres.ensure_service_databases(["staff"])

    assert not platform._is_current("staff")

    log = platform.postgres.log.read_text()
    assert re.findall(r"(?:WARNING|ERROR|FATAL): .*", log) == []


def test_asking_whether_rabbitmq_is_ready_breaks_off_no_connection(rabbit):
    rabbit.start()

    log = (rabbit.directory / "log" / "rabbitmq.log").read_text()
    assert "accepting AMQP connection" in log
    assert "closing AMQP connection" not in re.sub(r"\[info\].*", "", log)
