"""What runbooks have somebody tell PostgreSQL and RabbitMQ, told to true ones."""

import os
import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from otsp_local.console import StepFailed
from otsp_local.debian import find_or_install
from otsp_local.environment import ROOT
from otsp_testkit.broker import server_of_its_own
from otsp_testkit.runbooks import PAGES, blocks, lines_of, typed

TOOLS = ("psql", "pg_isready")
PSQL = [(page, line) for page, line in lines_of("psql") if " -c " in line]
STATEMENTS = [(page, sql) for page, text in PAGES.items() for sql in blocks("sql", text)]
OF_RABBITMQ = lines_of("rabbitmqctl", "rabbitmq-diagnostics", "rabbitmq-queues")
DEFINITIONS = ROOT / "deploy" / "rabbitmq" / "definitions.json"


@pytest.fixture(scope="module")
def psql(postgres, make_kit):
    """Type a line beside the server, as its superuser; statements of a file stop at a fault."""
    for name in ("staff", "compliance"):
        make_kit(import_module(f"otsp_{name}.app").service)
    folder = re.search(r"host=([^&]+)", postgres.superuser_dsn())[1].replace("%2F", "/")
    programs = {Path(find_or_install(name, "postgresql-client")).parent for name in TOOLS}
    environment = {
        "PATH": ":".join([*map(str, programs), os.defpath]),
        "PGHOST": folder,
        "PGPORT": str(postgres.port),
        "PGUSER": "postgres",
    }

    def told(line, typed_in=""):
        return subprocess.run(
            ["bash", "-c", line.replace("-h postgres", f"-h {folder}")],
            env=environment, input=f"\\set ON_ERROR_STOP 1\n{typed_in};" if typed_in else None,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return told


@pytest.mark.parametrize(("page", "line"), PSQL + lines_of("pg_isready"))
def test_postgresql_takes_the_line(psql, page, line):
    told = psql(line)

    assert (told.returncode, told.stderr) == (0, ""), page
    assert told.stdout.strip()


@pytest.mark.parametrize(("page", "sql"), STATEMENTS)
def test_statements_run_in_the_database_that_the_page_opens(psql, page, sql):
    opened = re.findall(r"^\$ (psql otsp_\w+)$", PAGES[page], re.MULTILINE)
    assert len(opened) == 1

    told = psql(opened[0], sql)

    assert (told.returncode, told.stderr) == (0, ""), page
    assert "row" in told.stdout


@pytest.mark.parametrize(
    ("line", "typed_in"),
    [
        ("psql -h postgres -U postgres -c 'SELECT pg_is_in_recover()'", ""),
        ("psql otsp_stuff", "SELECT 1"),
        ("psql otsp_staff", "SELECT * FROM inbocks"),
    ],
)
def test_a_slip_is_noticed_by_postgresql(psql, line, typed_in):
    assert psql(line, typed_in).returncode != 0


@pytest.fixture(scope="module")
def rabbit(tmp_path_factory):
    """A broker of its own with the topology of the platform; the line after its first pipe too."""
    with server_of_its_own(tmp_path_factory.mktemp("rabbitmq")) as server:
        server.import_definitions(DEFINITIONS.read_text(encoding="utf-8"))

        def told(line):
            command, _, filters = line.partition(" | ")
            program, *words = typed(command)
            if words[:1] == ["import_definitions"]:  # the file has to be where the broker is
                server.import_definitions((DEFINITIONS.parent / words[1]).read_text())
                return "imported"
            answer = server.tool(program, *words)
            done = subprocess.run(
                ["bash", "-c", filters or "cat"],
                input=answer, capture_output=True, text=True, timeout=60, check=True,
            )  # fmt: skip
            return done.stdout

        yield told


def lists_something(line, told):
    """Of a vhost that is none the tool lists nothing, and says so with a heading only."""
    is_a_list = " list_queues " in line or " list_bindings " in line
    return {"staff.events.q1", "otsp.dead.q1"} <= set(told.split()) if is_a_list else told.strip()


@pytest.mark.parametrize(("page", "line"), OF_RABBITMQ)
def test_rabbitmq_takes_the_line(rabbit, page, line):
    assert lists_something(line, rabbit(line)), page


@pytest.mark.parametrize(
    "line",
    [
        "rabbitmqctl list_queues -p otsp name messages_of",
        "rabbitmq-queues quorum_status -p otsp staf.events.q1",
        "rabbitmq-diagnostics memory_brakedown",
        "rabbitmqctl import_definitions definition.json",
    ],
)
def test_a_slip_is_noticed_by_rabbitmq(rabbit, line):
    with pytest.raises((StepFailed, FileNotFoundError)):
        rabbit(line)


def test_a_vhost_that_is_none_is_noticed(rabbit):
    line = "rabbitmqctl list_queues -p otps name"

    assert not lists_something(line, rabbit(line))
