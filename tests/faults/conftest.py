"""Servers that may be broken, and a stand on them; the program of the participants is `ledger`.

For other tests in this folder: `fault_seed` is the run's seed, `fault_postgres` a server that
may be restarted at will (durable, unlike the session's), `fault_broker` the same of RabbitMQ.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from otsp_local.postgres import LocalPostgres
from otsp_local.rabbitmq import LocalRabbit, install_if_missing

sys.path.append(str(Path(__file__).parent))  # `ledger`: these tests and their child processes
from ledger.participants import READER, WRITER, reader_tables, writer_tables
from ledger.schema import create_tables
from ledger.settings import FaultSettings
from ledger.stand import Stand

FAULTS = "faults"


@pytest.fixture(scope="session")
def fault_settings() -> FaultSettings:
    return FaultSettings()


@pytest.fixture
def fault_seed(request: pytest.FixtureRequest, fault_settings) -> int:
    """OTSP_FAULTS_SEED, or one drawn anew; told when the test fails."""
    seed = fault_settings.seed or random.SystemRandom().randrange(1, 1_000_000)
    request.node.add_report_section("setup", "seed", f"OTSP_FAULTS_SEED={seed}")
    return seed


@pytest.fixture(scope="session")
def fault_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPostgres]:
    server = LocalPostgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.erase()


@pytest.fixture(scope="session")
def fault_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRabbit]:
    """Never the one of TEST_AMQP_URL: that is not ours to kill."""
    install_if_missing()
    server = LocalRabbit(tmp_path_factory.mktemp("rabbitmq"))
    server.start()
    yield server
    server.erase()


@pytest.fixture(scope="session")
def ledger_databases(fault_postgres):
    databases = fault_postgres.ensure_service_databases([WRITER, READER])
    for name, tables in ((WRITER, writer_tables), (READER, reader_tables)):
        create_tables(databases[name].owner_url, tables)
    return databases


@pytest.fixture
def stand(request, tmp_path, fault_postgres, fault_broker, ledger_databases, key_files, fault_seed):
    """Writer, reader and load, not yet started; whatever runs at the end is stopped."""
    made = Stand(fault_postgres, fault_broker, ledger_databases, key_files, tmp_path, fault_seed)
    yield made
    made.close()
    killed = sum(len(each.exits) for each in made.participants)
    told = f"{request.node.name} seed={fault_seed} killed={killed}"
    request.node.user_properties.extend((FAULTS, f"{told} {report}") for report in made.reports)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Told by the process that ran the test, wherever that was."""
    ends = [report for report in terminalreporter.getreports("") if report.when == "teardown"]
    lines = [line for end in ends for name, line in end.user_properties if name == FAULTS]
    if lines:
        terminalreporter.section("what the faults did")
        for line in lines:
            terminalreporter.write_line(line)
