"""The whole platform on one machine: keys, databases, APIs, worker, gateway; up, down, status.

Everything it keeps lies in the run directory (and in what that names: see postgres), so that a
second start finds keys, data, ports and running processes, and takes seconds.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from ipaddress import IPv4Network
from pathlib import Path

import psycopg

from otsp_gateway.render import nginx_command, render
from otsp_gateway.settings import GatewaySettings
from otsp_local import fonts, nginx
from otsp_local.console import StepFailed, step
from otsp_local.environment import ROOT
from otsp_local.keys import PlatformKeys
from otsp_local.named_broker import ensure_reachable
from otsp_local.nginx import LocalNginx
from otsp_local.ports import LOOPBACK, RememberedPorts, first_free_port
from otsp_local.postgres import LocalPostgres
from otsp_local.processes import ProcessFolder, Program
from otsp_local.programs import SERVICES, Programs
from otsp_local.rabbitmq import LocalRabbit, install_if_missing
from otsp_local.secrets import private_folder
from otsp_local.settings import LocalSettings, inherited_environment

START_SECONDS = 90
ONCE_SECONDS = 120
# More at once only get in each other's way on two cores.
MIGRATIONS_AT_ONCE = 2
_MEMORY = Path("/dev/shm")  # noqa: S108 - the machine's tmpfs; a folder of our own is made in it


@dataclass(frozen=True, slots=True)
class RunningProgram:
    """One line of the status."""

    name: str
    pid: int


@dataclass(frozen=True, slots=True)
class LocalPlatform:
    """One platform in one run directory."""

    settings: LocalSettings = field(default_factory=LocalSettings)

    @property
    def run(self) -> Path:
        return self.settings.run_dir.absolute()

    @property
    def postgres(self) -> LocalPostgres:
        return LocalPostgres(self.run / "postgres")

    @property
    def rabbit(self) -> LocalRabbit:
        return LocalRabbit(self.run / "rabbitmq")

    @property
    def processes(self) -> ProcessFolder:
        return ProcessFolder(self.run)

    @property
    def gateway_url(self) -> str:
        """Where the platform was last started."""
        return (self.run / "url").read_text(encoding="utf-8")

    @property
    def clock_offset_days(self) -> int:
        """As told, else as at the last start: what was filed then must not lie in the future."""
        if self.settings.clock_offset_days is not None:
            return self.settings.clock_offset_days
        return self._last_offset_days

    def up(self, clock_offset_days: int) -> None:
        """Start what does not run, replace what is to run otherwise, return when all is ready."""
        if self.settings.amqp_url is not None:
            ensure_reachable(self.settings.amqp_url, is_own_asked_for=self.settings.broker)
        with self._alone():
            self._keys.ensure()
            self._offset.write_text(str(clock_offset_days), encoding="utf-8")
            fonts.install_if_missing()
            with step("PostgreSQL"):
                self.postgres.start()
            if self._has_own_broker:
                install_if_missing()
                with step("RabbitMQ"):
                    self.rabbit.start()
            programs = self.programs()
            self._migrate(programs)
            with step("six APIs, the worker and the portal"):
                started = [*programs.apis(), *programs.workers(), programs.portal()]
                self._stop_others(started)
                for program in started:
                    self.processes.start(program)
                self.processes.await_ready(started, seconds=START_SECONDS)
            with step("gateway"):
                self._start_gateway(programs)

    def bootstrap_admin(self, accounts_file: Path) -> None:
        """Have the first account made, beside auth's database; nothing when it exists."""
        with step("the national administrator's account"):
            self._run_once(self.programs().bootstrap_admin(accounts_file))

    def programs(self) -> Programs:
        """What the platform consists of as last started, without the servers; PostgreSQL runs."""
        files = self.run / "files"
        files.mkdir(exist_ok=True)
        return Programs(
            databases=self.postgres.ensure_service_databases(SERVICES),
            keys=self._keys,
            files=files,
            ports=self._ports,
            processes=self.processes,
            inherited=inherited_environment(),
            clock_offset_days=self._last_offset_days,
            amqp_url=self.rabbit.url if self._has_own_broker else self.settings.amqp_url,
            portal_url=self._origin(),
        )

    def operating(self) -> dict[str, str]:
        """The environment of a command that looks into all databases and the broker as started."""
        programs = self.programs()
        if self.rabbit.is_running:
            programs = replace(programs, amqp_url=self.rabbit.url)
        return programs.operating()

    def erase(self) -> None:
        """Remove everything that a stopped platform kept."""
        self.postgres.erase()
        shutil.rmtree(self.run, ignore_errors=True)

    def down(self) -> list[str]:
        """Stop everything, the servers last; the names of what was running."""
        with self._alone():
            running = [program.name for program in self.status()]
            self.processes.stop(self.processes.names())
            self.rabbit.stop()
            self.postgres.stop()
            shutil.rmtree(self._session_cache)
            return running

    def status(self) -> list[RunningProgram]:
        found = [(name, self.processes.pid_of(name)) for name in self.processes.names()]
        found += [("rabbitmq", self.rabbit.pid), ("postgres", self.postgres.pid)]
        return [RunningProgram(name, pid) for name, pid in found if pid is not None]

    def is_up(self) -> bool:
        return self.processes.is_running(nginx.NAME)

    @property
    def _has_own_broker(self) -> bool:
        return self.settings.broker and self.settings.amqp_url is None

    @property
    def _offset(self) -> Path:
        return self.run / "clock-offset-days"

    @property
    def _last_offset_days(self) -> int:
        return int(self._offset.read_text(encoding="utf-8")) if self._offset.is_file() else 0

    @property
    def _session_cache(self) -> Path:
        """In memory, never on a disk: nginx writes identity tokens there (D9)."""
        memory = _MEMORY if _MEMORY.is_dir() else Path(tempfile.gettempdir())
        return private_folder(self.run / "session-cache", memory)

    @property
    def _keys(self) -> PlatformKeys:
        return PlatformKeys(self.run / "keys")

    @property
    def _ports(self) -> RememberedPorts:
        return RememberedPorts(self.run / "ports.json")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two commands on one run directory would start everything twice."""
        self.run.mkdir(parents=True, exist_ok=True)
        with (self.run / "lock").open("w", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StepFailed(
                    f"Another ./dev command is at work in {self.run}; wait for it to end."
                ) from None
            yield

    def _stop_others(self, wanted: list[Program]) -> None:
        """Of an earlier start over another bus: two workers on one outbox were one too many."""
        keep = {program.name for program in wanted} | {nginx.NAME}
        self.processes.stop([name for name in self.processes.names() if name not in keep])

    def _migrate(self, programs: Programs) -> None:
        behind = [service for service in SERVICES if not self._is_current(service)]
        if not behind:
            return
        with (
            step(f"migrating {len(behind)} databases"),
            ThreadPoolExecutor(MIGRATIONS_AT_ONCE) as pool,
        ):
            list(pool.map(partial(self._migrate_one, programs), behind))

    def _is_current(self, service: str) -> bool:
        """Whether the schema is at the revision that the checkout's code expects."""
        head = ROOT / "services" / service / "src" / f"otsp_{service}" / "migrations" / "HEAD"
        url = self.postgres.superuser_dsn(f"otsp_{service}")
        with psycopg.connect(url) as connection:
            if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
                return False  # asked first: the server would log a failed query as an error
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row is not None and row[0] == head.read_text(encoding="utf-8").strip()

    def _migrate_one(self, programs: Programs, service: str) -> None:
        self._run_once(programs.migration(service))

    def _run_once(self, program: Program) -> None:
        """Run a program to its end; its output is its log."""
        log = self.processes.log_of(program.name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            status = subprocess.run(
                program.arguments,
                env=dict(program.environment),
                cwd=program.directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=ONCE_SECONDS,
                check=False,
            ).returncode
        if status != 0:
            raise StepFailed(
                f"{program.name} failed with exit status {status}.\n"
                f"{self.processes.last_lines(program.name)}\nThe whole log: {log}"
            )

    def gateway_program(self, programs: Programs) -> Program:
        """The gateway in front of these programs, on the configuration of its last start."""
        return self._nginx(self._gateway_settings(programs)).program(self._gateway_health_url())

    def _start_gateway(self, programs: Programs) -> None:
        settings = self._gateway_settings(programs)
        render(settings, self.run / "gateway")
        self._nginx(settings).start(self._gateway_health_url())
        (self.run / "url").write_text(self._origin(), encoding="utf-8")

    def _nginx(self, settings: GatewaySettings) -> LocalNginx:
        folder = self.run / "gateway"
        return LocalNginx(nginx_command(settings, folder), folder, self.processes)

    def _gateway_health_url(self) -> str:
        return f"http://{LOOPBACK}:{self._gateway_health_port()}/livez"

    def _gateway_health_port(self) -> int:
        is_ours = self.processes.is_running(nginx.NAME)
        return self._ports.port_of("gateway-health", is_ours=is_ours)

    def _gateway_settings(self, programs: Programs) -> GatewaySettings:
        upstreams = programs.upstreams()
        portal = upstreams.pop("portal")
        return GatewaySettings(
            env="demo",
            listen=(f"{LOOPBACK}:{self._gateway_port()}",),
            upstreams={name: (address,) for name, address in upstreams.items()},
            portal=(portal,),
            trusted_proxies=(IPv4Network(f"{LOOPBACK}/32"),),
            session_cache_dir=self._session_cache,
            public_scheme="http",
            limit_exempt=(IPv4Network("127.0.0.0/8"),),
            status_listen=f"{LOOPBACK}:{self._gateway_health_port()}",
        )

    def _origin(self) -> str:
        """Where the gateway listens, or will."""
        return f"http://{LOOPBACK}:{self._gateway_port()}"

    def _gateway_port(self) -> int:
        return self._ports.port_of(
            f"gateway-{self.settings.gateway_port}",
            is_ours=self.processes.is_running(nginx.NAME),
            choose=partial(first_free_port, self.settings.gateway_port),
        )
