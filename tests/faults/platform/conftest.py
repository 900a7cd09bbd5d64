"""The demonstration over a broker that somebody else runs, to be disturbed and looked into.

It is started once a session, by the command that a person would type, on a vhost and a user of
its own of `fault_broker`. Its programs can be stopped, started and started otherwise by name.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from otsp_chassis.bus.connecting import parameters
from otsp_cli.dossier.gateway import Gateway, Session
from otsp_cli.dossier.supervision import Accounts
from otsp_local.environment import ROOT
from otsp_local.platform import LocalPlatform
from otsp_local.ports import is_free
from otsp_local.processes import _CHILDREN, Program, wait_until
from otsp_local.programs import SERVICES
from otsp_local.rabbitmq import LocalRabbit
from otsp_local.settings import LocalSettings, inherited_environment

VHOST = "somebody-elses"
SETTINGS = {
    "OTSP_GATEWAY_PORT": "18180",
    "OTSP_COMPLIANCE_SECTION_STEP_SECONDS": "2",
    "OTSP_COMPLIANCE_GATHERING_SECONDS": "90",
    "OTSP_COURSES_STATEMENT_TIMEOUT_MS": "60000",
}
REQUEST_SECONDS = 7.0
"""What a request may take on a busy machine; one that asked an absent broker would take longer."""
WORKERS = tuple(f"worker-{service}" for service in SERVICES)
APIS = tuple(f"api-{service}" for service in SERVICES)
APPLICATIONS = "/api/compliance/v1/applications"
_WAITING = (
    "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM inbox WHERE state <> 'done')"
)


@dataclass(frozen=True)
class Estate:
    """The running platform, its broker, and what a person on call can see of both."""

    platform: LocalPlatform
    broker: LocalRabbit
    results: Sequence[dict[str, Any]]

    @cached_property
    def programs(self) -> dict[str, Program]:
        """APIs and workers as they were started, by name."""
        told = self.platform.programs()
        told = replace(told, inherited=told.inherited | {**SETTINGS, **self._addresses})
        return {each.name: each for each in (*told.apis(), *told.workers())}

    @property
    def _addresses(self) -> dict[str, str]:
        amqp_url = self.platform.settings.amqp_url
        assert amqp_url is not None
        return {"OTSP_RUN_DIR": str(self.platform.run), "OTSP_AMQP_URL": amqp_url}

    def start(self, *names: str, seconds: float = 60, **settings: str) -> None:
        """Have these programs run, told so; ready when it returns."""
        wanted = [self._told(name, settings) for name in names]
        for program in wanted:
            self.platform.processes.start(program)
        self.platform.processes.await_ready(wanted, seconds=seconds)

    def launch(self, *names: str) -> None:
        """Start, and do not look how it goes."""
        for name in names:
            self.platform.processes.start(self.programs[name])

    def _told(self, name: str, settings: dict[str, str]) -> Program:
        program = self.programs[name]
        return replace(program, environment={**program.environment, **settings})

    def stop(self, *names: str) -> None:
        self.platform.processes.stop(names)

    def send(self, name: str, number: signal.Signals) -> int:
        """Signal a program; its process id."""
        pid = self.pid(name)
        os.kill(pid, number)
        return pid

    def pid(self, name: str) -> int:
        pid = self.platform.processes.pid_of(name)
        assert pid is not None, f"{name} does not run"
        return pid

    def kill_broker(self) -> None:
        """It is to come back where it was: gone is it when its port is free."""
        port = parameters(self.broker.url).port
        self._signal_broker(signal.SIGKILL)
        self.until(lambda: not self.broker.is_running and is_free(port), seconds=10)

    @contextmanager
    def frozen_broker(self) -> Iterator[None]:
        """It takes connections and says nothing, as behind a network that swallows everything."""
        self._signal_broker(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal_broker(signal.SIGCONT)

    def _signal_broker(self, number: signal.Signals) -> None:
        """The whole group: what was started is a script around the server."""
        pid = self.broker.pid
        assert pid is not None
        os.killpg(pid, number)

    def rows(self, service: str, query: str, *values: object) -> list[tuple[Any, ...]]:
        url = self.platform.postgres.superuser_dsn(f"otsp_{service}")
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def order(self, service: str, command: str) -> None:
        """A command to a database that answers nothing."""
        url = self.platform.postgres.superuser_dsn(f"otsp_{service}")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(command)

    def metric(self, name: str, sample: str, **labels: str) -> float:
        """One sample of a program's own metrics listener."""
        ports = json.loads((self.platform.run / "ports.json").read_text(encoding="utf-8"))
        text = httpx.get(f"http://127.0.0.1:{ports[f'metrics-{name}']}/metrics", timeout=5).text
        found = [
            each.value
            for family in text_string_to_metric_families(text)
            for each in family.samples
            if each.name == sample and labels.items() <= each.labels.items()
        ]
        assert len(found) <= 1, f"{sample}{labels} is told {len(found)} times"
        return found[0] if found else 0.0

    def log(self, name: str) -> list[dict[str, Any]]:
        """What a program has logged since it was started."""
        lines = self.platform.processes.log_of(name).read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def events_logged(self, name: str) -> list[str]:
        return [line["event"] for line in self.log(name)]

    def login(self, account: str) -> Session:
        known = Accounts(self.platform.run / "accounts.json").find(account)
        assert known is not None
        return self.gateway.login(*known)

    @cached_property
    def gateway(self) -> Gateway:
        """A client that takes no excuse: neither a slow answer nor one that asks to come again."""
        url, hooks = self.platform.gateway_url, {"response": [_no_excuse]}
        return Gateway(httpx.Client(base_url=url, timeout=REQUEST_SECONDS, event_hooks=hooks))

    def file(self, clerk: Session) -> str:
        """File an application; its id."""
        body = {"institution_id": clerk.account["institution_id"], "kind": "initial"}
        application_id: str = clerk.post(APPLICATIONS, body)["application_id"]
        return application_id

    def await_outcome(
        self, clerk: Session, application_id: str, sample: str, *, seconds: float = 60
    ) -> dict[str, Any]:
        """The application when it has come to what the demonstration came to with this sample."""
        application: dict[str, Any] = {}

        def is_done() -> bool:
            application.update(clerk.get(f"{APPLICATIONS}/{application_id}"))
            return application["state"] not in ("locking", "gathering", "evaluating")

        self.until(is_done, seconds=seconds)
        assert {name: application[name] for name in ("state", "blocking", "warnings")} == {
            name: self.result(sample)[name] for name in ("state", "blocking", "warnings")
        }
        return application

    def exit_code(self, pid: int, *, seconds: float = 30) -> int:
        """Of a program that these tests started."""
        return _CHILDREN[pid].wait(seconds)

    def result(self, sample: str) -> dict[str, Any]:
        """What the demonstration itself came to."""
        return next(each for each in self.results if each["sample"] == sample)

    def until(self, is_so: Callable[[], bool], *, seconds: float = 30) -> None:
        assert wait_until(is_so, seconds=seconds), f"not so within {seconds:g} s"

    def on_the_way(self) -> dict[str, int]:
        """Where events wait, and how many: outboxes, queues, inboxes."""
        counts: dict[str, int] = {}
        for service in SERVICES:
            [(sent, received)] = self.rows(service, _WAITING)
            counts |= {f"{service} outbox": sent, f"{service} inbox": received}
        if not any(counts.values()):
            queues = self.told_by_broker("list_queues", "-p", VHOST, "name", "messages")
            counts |= {name: int(count) for name, count in queues}
        return {place: count for place, count in counts.items() if count}

    def told_by_broker(self, *arguments: str) -> list[list[str]]:
        lines = self.broker.ctl("--no-table-headers", *arguments).splitlines()
        return [line.split("\t") for line in lines]

    def settle(self, *, seconds: float = 30) -> None:
        """Until no event is anywhere on its way."""
        if not wait_until(lambda: not self.on_the_way(), seconds=seconds):
            pytest.fail(f"after {seconds:g} s still on the way: {self.on_the_way()}")


def _no_excuse(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.read()


@pytest.fixture(scope="session")
def foreign_amqp_url(fault_broker: LocalRabbit) -> str:
    """A vhost and a user made by the broker's operator: nothing of the platform's own doing."""
    fault_broker.start()
    fault_broker.ctl("add_vhost", VHOST)
    fault_broker.ctl("add_user", "a-tenant", "its-password")
    fault_broker.ctl("set_permissions", "-p", VHOST, "a-tenant", ".*", ".*", ".*")
    port = parameters(fault_broker.url).port
    return f"amqp://a-tenant:its-password@127.0.0.1:{port}/{VHOST}"


@pytest.fixture(scope="session")
def whole_estate(
    fault_broker: LocalRabbit,
    foreign_amqp_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Estate]:
    run_dir = tmp_path_factory.mktemp("estate")
    platform = LocalPlatform(LocalSettings(run_dir=run_dir, amqp_url=foreign_amqp_url))
    addresses = {"OTSP_RUN_DIR": str(run_dir), "OTSP_AMQP_URL": foreign_amqp_url}
    done = subprocess.run(
        [sys.executable, "-m", "otsp_local", "demo", "--json"],
        cwd=ROOT, env={**inherited_environment(), **SETTINGS, **addresses},
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    try:
        assert done.returncode == 0, done.stderr
        results = [json.loads(line) for line in done.stdout.splitlines()]
        estate = Estate(platform, fault_broker, results)
        # Asked of the database, which a test may take away before it asks.
        assert {*estate.programs} == {*APIS, *WORKERS}
        with estate.gateway:
            yield estate
    finally:
        platform.down()
        platform.erase()


@pytest.fixture
def estate(whole_estate: Estate) -> Iterator[Estate]:
    """Everything runs as at first, before and after; nothing waits, nothing was given up."""
    yield whole_estate
    whole_estate.broker.start()
    whole_estate.platform.postgres.start()
    whole_estate.start(*APIS, *WORKERS)
    whole_estate.settle()
