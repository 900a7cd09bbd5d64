"""A RabbitMQ of this checkout's own: loopback, its own user, vhost, data, cookie and epmd.

Nothing of the machine's configuration counts, and the server runs as whoever starts it: the
wrapper in Debian's /usr/sbin insists on the user rabbitmq, the script behind it does not.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

from otsp_chassis.bus.connecting import why_unreachable
from otsp_local.console import StepFailed
from otsp_local.debian import install
from otsp_local.ports import LOOPBACK, RememberedPorts
from otsp_local.processes import ProcessFolder, Program
from otsp_local.secrets import write_secret

NAME = "rabbitmq"
USER = "otsp"
VHOST = "otsp"
START_SECONDS = 90
_EPMD = "epmd"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SCRIPTS = (Path("/usr/lib/rabbitmq/bin"), Path("/opt/rabbitmq/sbin"), Path("/usr/local/sbin"))
_GREETING = b"AMQP\x00\x00\x09\x01"


@dataclass(frozen=True, slots=True)
class LocalRabbit:
    """One broker with everything it keeps below `directory`."""

    directory: Path

    def start(self) -> None:
        """Return when it accepts clients; at once when it already does."""
        script, epmd = find_rabbitmq()
        self._configure()
        programs = [self._epmd(epmd), self._server(script)]
        for program in programs:
            self._processes.start(program)
            self._processes.await_ready([program], seconds=START_SECONDS)

    def stop(self) -> None:
        """The broker first, then its name service."""
        for name in (NAME, _EPMD):
            self._processes.stop([name], seconds=30)

    def erase(self) -> None:
        """Stop, and remove data and password."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"amqp://{USER}:{self._password}@{LOOPBACK}:{self._port(NAME)}/{VHOST}"

    @property
    def is_running(self) -> bool:
        return self._processes.is_running(NAME)

    @property
    def pid(self) -> int | None:
        return self._processes.pid_of(NAME)

    def import_definitions(self, document: str) -> None:
        """From a file: over its input it works with 3.10 and waits for ever with 4.0."""
        file = self.directory / "definitions.json"
        file.write_text(document, encoding="utf-8")
        self.ctl("import_definitions", str(file))

    def ctl(self, *arguments: str) -> str:
        """What `rabbitmqctl` prints; a refusal raises with its text."""
        return self.tool("rabbitmqctl", *arguments)

    def tool(self, program: str, *arguments: str) -> str:
        """The same for another of its programs."""
        script, _ = find_rabbitmq()
        told = subprocess.run(
            [script.parent / program, "--quiet", *arguments],
            env=self._environment(), cwd=self.directory, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        if told.returncode != 0:
            raise StepFailed(f"{program} {arguments[0]} failed:\n{told.stderr}{told.stdout}")
        return told.stdout

    @property
    def _processes(self) -> ProcessFolder:
        return ProcessFolder(self.directory)

    @property
    def _password(self) -> str:
        path = self.directory / "password"
        if not path.is_file():
            write_secret(path, token_urlsafe(24).encode())
        return path.read_text(encoding="ascii")

    def _port(self, program: str, name: str | None = None) -> int:
        ports = RememberedPorts(self.directory / "ports.json")
        return ports.port_of(name or program, is_ours=self._processes.is_running(program))

    def _configure(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        lines = [
            f"listeners.tcp.1 = {LOOPBACK}:{self._port(NAME)}",
            f"default_vhost = {VHOST}",
            f"default_user = {USER}",
            f"default_pass = {self._password}",
            "log.console = true",
            "log.file = false",
        ]
        write_secret(self.directory / "rabbitmq.conf", "\n".join([*lines, ""]).encode())
        (self.directory / "enabled_plugins").write_text("[].\n", encoding="ascii")
        (self.directory / "rabbitmq-env.conf").write_text("", encoding="ascii")

    def _environment(self) -> dict[str, str]:
        here = self.directory.absolute()
        return {
            "PATH": _PATH,
            "LC_ALL": "C.UTF-8",
            "HOME": str(here),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_EPMD_PORT": str(self._port(_EPMD)),
            "RABBITMQ_NODENAME": "otsp@localhost",
            "RABBITMQ_DIST_PORT": str(self._port(NAME, "distribution")),
            "RABBITMQ_MNESIA_BASE": str(here / "data"),
            "RABBITMQ_LOG_BASE": str(here / "log"),
            "RABBITMQ_PID_FILE": str(here / "pid"),
            "RABBITMQ_CONFIG_FILE": str(here / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(here / "rabbitmq-env.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(here / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(here / "enabled_plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }

    def _epmd(self, binary: Path) -> Program:
        port = self._port(_EPMD)
        return Program(
            name=_EPMD,
            arguments=[str(binary), "-port", str(port), "-address", LOOPBACK],
            environment={"PATH": _PATH, "HOME": str(self.directory)},
            directory=self.directory,
            is_ready=lambda: _answers(port, b""),
        )

    def _server(self, script: Path) -> Program:
        return Program(
            name=NAME,
            arguments=[str(script)],
            environment=self._environment(),
            directory=self.directory,
            is_ready=lambda: why_unreachable(self.url) is None,
        )


def is_installed() -> bool:
    return _find() is not None


def find_rabbitmq() -> tuple[Path, Path]:
    """The server's own script and Erlang's name service."""
    found = _find()
    if found is None:
        raise StepFailed(
            "No RabbitMQ on this machine. On Debian: apt-get install rabbitmq-server; elsewhere\n"
            "install it with Erlang, or name a broker: OTSP_AMQP_URL (tests: TEST_AMQP_URL)."
        )
    return found


def _find() -> tuple[Path, Path] | None:
    epmd = shutil.which(_EPMD, path=_PATH)
    on_path = shutil.which("rabbitmq-server")
    folders = [*_SCRIPTS, *([Path(on_path).resolve().parent] if on_path else [])]
    scripts = [folder / "rabbitmq-server" for folder in folders]
    script = next((each for each in scripts if each.is_file()), None)
    return (script, Path(epmd)) if script is not None and epmd is not None else None


def install_if_missing() -> None:
    """As root on Debian; elsewhere `start` tells what to do."""
    if not is_installed():
        install("rabbitmq-server")


def speaks_amqp(port: int) -> bool:
    """Whether a broker takes clients there: a port that only accepts says nothing when greeted."""
    return _answers(port, _GREETING)


def _answers(port: int, greeting: bytes) -> bool:
    """Whether somebody listens and, when greeted, says something back."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as client:
            if not greeting:
                return True
            client.sendall(greeting)
            return bool(client.recv(1))
    except OSError:
        return False
