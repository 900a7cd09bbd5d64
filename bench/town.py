"""The test stand of P5, P6 and P8: PostgreSQL, RabbitMQ, the services' processes and the floor's.

One worker a service and the API of compliance run as on any machine of the platform; auth has
no part in a submission. Both sides share the broker and the database server.
"""

import secrets
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from bench.institutions import Template, copy_institutions, enter_template
from bench.median import offset_days
from bench.peers import bare_gathering
from bench.platform import platform_of
from bench.rounds import scratch_folder
from otsp_auth.rules.roles import scopes_of
from otsp_chassis import clock
from otsp_chassis.context import Runtime
from otsp_chassis.identity import IdentityMinter, Principal
from otsp_chassis.ids import new_id
from otsp_local.console import step
from otsp_local.environment import ROOT, VENV_PYTHON
from otsp_local.keys import PlatformKeys
from otsp_local.ports import RememberedPorts
from otsp_local.postgres import LocalPostgres
from otsp_local.processes import ProcessFolder, Program
from otsp_local.programs import SERVICES, Programs
from otsp_local.rabbitmq import LocalRabbit, install_if_missing
from otsp_local.settings import inherited_environment
from otsp_testkit import PlatformKit

API = "api-compliance"
_BARE = [bare_gathering.database_name(n) for n in range(bare_gathering.PARTICIPANTS + 1)]
_BARE_OUTBOX = "bare_outbox"
_START_SECONDS = 60


@dataclass(slots=True)
class Town:
    """What a measurement needs: addresses, processes, institutions that have not filed yet."""

    folder: Path
    postgres: LocalPostgres
    rabbit: LocalRabbit
    processes: ProcessFolder
    keys: PlatformKeys
    platform: PlatformKit
    template: Template
    api_port: int = 0
    _waiting: list[UUID] = field(default_factory=list)

    def settle(self, count: int) -> None:
        """Make institutions beforehand: copying rows must not fall into a measured run."""
        with step(f"copying the dossier to {count} institutions"):
            self._waiting += copy_institutions(self.template, count)

    def institutions(self, count: int) -> list[UUID]:
        """That many that have not filed."""
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        assert len(taken) == count, "more were asked for than were made"
        return taken

    def identity_of(self, institution_id: UUID) -> str:
        """A token of the institution's administrator, as the edge would pass it."""
        principal = Principal(
            account_id=new_id(),
            role="inst_admin",
            scopes=scopes_of("inst_admin"),
            session_id=secrets.token_hex(16),
            institution_id=institution_id,
        )
        return IdentityMinter(self.keys.identity_private).mint(principal)

    @property
    def compliance_url(self) -> str:
        return self.platform.kits["compliance"].owner_url

    @property
    def coordinator_url(self) -> str:
        return self.postgres.service_database(_BARE[0]).owner_url

    @property
    def idle_runtime(self) -> Runtime:
        """Of auth, which has no worker here: its outbox is free for P8."""
        return self.platform.kits["auth"].runtime

    @property
    def idle_bare_url(self) -> str:
        """The floor's outbox that no process of it moves."""
        return self.postgres.service_database(_BARE_OUTBOX).owner_url

    def pids(self) -> dict[str, list[int]]:
        """Roots of process trees by what they are accounted to."""
        accounts: dict[str, list[int]] = {"ours": [], "bare": []}
        for name in self.processes.names():
            pid = self.processes.pid_of(name)
            assert pid is not None, name
            accounts["bare" if name in _BARE else "ours"].append(pid)
        assert self.rabbit.pid is not None
        assert self.postgres.pid is not None
        return accounts | {"broker": [self.rabbit.pid], "postgres": [self.postgres.pid]}


@contextmanager
def standing() -> Iterator[Town]:
    """Everything is removed at the end, whatever happened."""
    folder = scratch_folder()
    postgres, rabbit = LocalPostgres(folder / "postgres"), LocalRabbit(folder / "rabbitmq")
    processes, keys = ProcessFolder(folder), PlatformKeys(folder / "keys")
    install_if_missing()
    try:
        with ThreadPoolExecutor() as pool, step("servers, migrations, entering the dossier"):
            broker_starts = pool.submit(rabbit.start)
            postgres.start()
            keys.ensure()
            clock.set_offset(offset_days())
            settings = {"clock_offset_days": offset_days()}
            platform = platform_of(postgres, keys, folder, settings=settings)
            template = enter_template(platform, folder)
            broker_starts.result()
        town = Town(folder, postgres, rabbit, processes, keys, platform, template)
        with step("starting the services and the floor"):
            town.api_port = _start_services(town)
            _start_bare(town)
        yield town
    finally:
        clock.set_offset(0)
        processes.stop(processes.names())
        rabbit.erase()
        postgres.erase()
        shutil.rmtree(folder, ignore_errors=True)


def _start_services(town: Town) -> int:
    """Returns the port of compliance's API."""
    ports = RememberedPorts(town.folder / "ports.json")
    programs = Programs(
        databases={name: town.postgres.service_database(name) for name in SERVICES},
        keys=town.keys,
        files=town.folder / "files",
        ports=ports,
        processes=town.processes,
        inherited=inherited_environment(),
        clock_offset_days=offset_days(),
        amqp_url=town.rabbit.url,
        portal_url="http://127.0.0.1",
    )
    started = [each for each in programs.apis() if each.name == API]
    started += [each for each in programs.workers() if each.name != "worker-auth"]
    _start(town, started)
    port = ports.known_port_of(API)
    assert port is not None
    return port


def _start_bare(town: Town) -> None:
    databases = town.postgres.ensure_service_databases([*_BARE, _BARE_OUTBOX])
    bare_gathering.prepare([each.owner_url for each in databases.values()], town.rabbit.url)
    urls = [databases[name].owner_url for name in _BARE]
    _start(town, [_bare(town, number, url) for number, url in enumerate(urls)])


def _bare(town: Town, number: int, database_url: str) -> Program:
    ready = town.folder / f"ready-{number}"
    return Program(
        name=_BARE[number],
        arguments=[str(VENV_PYTHON), "-m", "bench.peers.bare_gathering", str(number)],
        environment={
            **inherited_environment(),
            "BENCH_DATABASE_URL": database_url,
            "BENCH_AMQP_URL": town.rabbit.url,
            "BENCH_READY": str(ready),
        },
        directory=ROOT,
        is_ready=ready.is_file,
    )


def _start(town: Town, programs: list[Program]) -> None:
    for program in programs:
        town.processes.start(program)
    town.processes.await_ready(programs, seconds=_START_SECONDS)
