"""The true topology: servers, gateway, six APIs, six workers; wires between them."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from drill.control import WireControl
from otsp_local import nginx
from otsp_local.console import StepFailed
from otsp_local.environment import ROOT
from otsp_local.platform import LocalPlatform
from otsp_local.ports import LOOPBACK, RememberedPorts
from otsp_local.processes import Program
from otsp_local.programs import SERVICES, Programs
from otsp_local.settings import LocalSettings

DATABASE, BROKER, EDGE = "database", "broker", "edge"
PAIRS = (DATABASE, BROKER, EDGE)
"""A service with its database, a service with the broker, the gateway with an API."""
APIS = tuple(f"api-{service}" for service in SERVICES)
WORKERS = tuple(f"worker-{service}" for service in SERVICES)
GATEWAY, POSTGRES, RABBIT = nginx.NAME, "postgres", "rabbitmq"
TARGETS = (GATEWAY, POSTGRES, RABBIT, *APIS, *WORKERS)
INFESTED_SECONDS = 60


def wire_name(pair: str, service: str) -> str:
    return f"{pair}-{service}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WiredPrograms(Programs):
    """The platform's programs, told of the wires instead of what is behind them."""

    wires: Mapping[str, int]
    planted: Mapping[str, str]
    """Worker → the bug that is planted in it."""

    @classmethod
    def of(
        cls, plain: Programs, wires: Mapping[str, int], planted: Mapping[str, str]
    ) -> "WiredPrograms":
        told = {each.name: getattr(plain, each.name) for each in fields(Programs)}
        return cls(**told, wires=wires, planted=planted)

    def apis(self) -> list[Program]:
        return [self._wired(each) for each in Programs.apis(self)]

    def workers(self) -> list[Program]:
        return [self._infested(self._wired(each)) for each in Programs.workers(self)]

    def upstreams(self) -> dict[str, str]:
        told = Programs.upstreams(self)
        if not self.wires:
            return told
        edges = {name: f"{LOOPBACK}:{self.wires[wire_name(EDGE, name)]}" for name in SERVICES}
        return told | edges

    def _wired(self, program: Program) -> Program:
        if not self.wires:
            return program
        service = program.name.partition("-")[2]
        database = f"OTSP_{service.upper()}_DATABASE_URL"
        told = dict(program.environment)
        told[database] = moved(told[database], self.wires[wire_name(DATABASE, service)])
        told["OTSP_AMQP_URL"] = moved(told["OTSP_AMQP_URL"], self.wires[wire_name(BROKER, service)])
        return replace(program, environment=told)

    def _infested(self, program: Program) -> Program:
        bug = self.planted.get(program.name)
        if bug is None:
            return program
        arguments = [sys.executable, "-m", "drill.planted", bug, *program.arguments[3:]]
        return replace(program, arguments=arguments)


def _port_of(url: str) -> int:
    port = urlsplit(url).port
    if port is None:
        raise StepFailed(f"{url} names no port.")
    return port


def moved(url: str, port: int) -> str:
    """The same address at another port."""
    parts = urlsplit(url)
    netloc = f"{parts.netloc.rpartition(':')[0]}:{port}"
    return urlunsplit(parts._replace(netloc=netloc))


@dataclass(frozen=True, slots=True)
class DrillPlatform(LocalPlatform):
    """A platform whose processes meet over wires. `wires` is filled before it is started."""

    wires: dict[str, int] = field(default_factory=dict)
    planted: dict[str, str] = field(default_factory=dict)

    def programs(self) -> WiredPrograms:
        plain = LocalPlatform.programs(self)
        return WiredPrograms.of(plain, self.wires, self.planted)


@dataclass(slots=True)
class Topology:
    """One platform of the drill's own, in a folder and on ports of its own."""

    folder: Path
    is_wired: bool = True
    """Without, nothing can be spoilt between processes, and nothing is slowed by proxies."""
    platform: DrillPlatform = field(init=False)
    control: WireControl = field(init=False)
    programs: dict[str, Program] = field(default_factory=dict)
    server_ports: dict[str, int] = field(default_factory=dict)
    """Where the servers were started first, and where the wires lead."""
    mounts: list[Path] = field(default_factory=list)
    """What has to go before the folder can."""

    def __post_init__(self) -> None:
        settings = LocalSettings(
            run_dir=self.folder, gateway_port=self._ports.port_of("drill", is_ours=False),
            broker=True, amqp_url=None, clock_offset_days=None,
        )  # fmt: skip
        self.platform = DrillPlatform(settings)
        self.control = WireControl()

    def start(self, clock_offset_days: int, fill: Callable[[], None] = lambda: None) -> None:
        """Everything runs and is ready when it returns. `fill` finds the servers alone."""
        names = self._wire_names() if self.is_wired else ()
        ports = {name: self._ports.port_of(name, is_ours=False) for name in names}
        self.platform.wires.update(ports)
        self.platform.postgres.start()
        self.platform.rabbit.start()
        self.server_ports = {
            POSTGRES: self.platform.postgres.port,
            RABBIT: _port_of(self.platform.rabbit.url),
        }
        fill()
        if self.is_wired:
            self.control.start({name: (ports[name], self._behind(name)) for name in ports})
        self.platform.up(clock_offset_days)
        self.platform.processes.stop(["portal"])
        self._note_programs()

    @contextmanager
    def infested(self, planted: Mapping[str, str]) -> Iterator[None]:
        """These workers run with a bug each (`drill.planted`), and as they should afterwards."""
        self.platform.planted.update(planted)
        self._replace(planted)
        try:
            yield
        finally:
            self.platform.planted.clear()
            self._replace(planted)

    def _replace(self, names: Iterable[str]) -> None:
        self._note_programs()
        changed = [self.programs[name] for name in names]
        for program in changed:
            self.platform.processes.start(program)
        self.platform.processes.await_ready(changed, seconds=INFESTED_SECONDS)

    def _note_programs(self) -> None:
        told = self.platform.programs()
        gateway = self.platform.gateway_program(told)
        self.programs = {each.name: each for each in (*told.apis(), *told.workers(), gateway)}

    def stop(self) -> None:
        """And forget it all."""
        if self.platform.run.is_dir():
            self.platform.down()
        self.control.stop()
        for mounted in self.mounts:
            subprocess.run(["umount", mounted], check=False, capture_output=True)
        self.platform.erase()
        shutil.rmtree(self.folder, ignore_errors=True)

    def database_urls(self) -> dict[str, str]:
        """Past the wires, as whoever may see everything."""
        postgres = self.platform.postgres
        return {name: postgres.superuser_dsn(f"otsp_{name}") for name in SERVICES}

    @property
    def _ports(self) -> RememberedPorts:
        return RememberedPorts(self.folder / "ports.json")

    @staticmethod
    def _wire_names() -> Sequence[str]:
        return [wire_name(pair, service) for pair in PAIRS for service in SERVICES]

    def _behind(self, name: str) -> int:
        """The port of the server at the far end."""
        pair, _, service = name.partition("-")
        if pair != EDGE:
            return self.server_ports[POSTGRES if pair == DATABASE else RABBIT]
        api = f"api-{service}"
        return self._ports.port_of(api, is_ours=self.platform.processes.is_running(api))


def scratch_folder(name: str) -> Path:
    """On the disk of the checkout: a temporary folder may lie in memory, where fsync is free."""
    folder = ROOT / ".run" / name
    folder.mkdir(parents=True)
    return folder
