"""The Docker engine of this machine: the one that answers, else Debian's, started for us."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from otsp_local.console import StepFailed, step
from otsp_local.debian import install
from otsp_local.environment import ROOT
from otsp_local.processes import ProcessFolder, Program
from otsp_local.settings import BuildSettings, whole_environment

NAME = "docker-engine"
START_SECONDS = 60
PULL_SECONDS = 600
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BUILDKIT_INSIDE_BELOW = 23
"""Older clients have BuildKit inside, newer ones need the buildx plug-in."""
_TAIL = 2_000


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that answers, and the client for it."""

    client: str
    host: str
    processes: ProcessFolder = field(default_factory=lambda: ProcessFolder(ROOT / ".run"))

    def call(self, *arguments: str, seconds: float | None = None) -> str:
        """What the client prints; a refusal raises with its text."""
        told = self._run(arguments, seconds)
        if told.returncode != 0:
            raise StepFailed(f"docker {arguments[0]} failed:\n{told.stderr[-_TAIL:].strip()}")
        return told.stdout

    def has_image(self, name: str) -> bool:
        return self._run(("image", "inspect", name)).returncode == 0

    def can_have(self, name: str) -> bool:
        """Whether the image is here, or could be fetched now."""
        if self.has_image(name):
            return True
        try:
            return self._run(("pull", "--quiet", name), PULL_SECONDS).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def size_of(self, name: str) -> int:
        """Bytes of all its layers, unpacked."""
        return int(self.call("image", "inspect", "--format", "{{.Size}}", name))

    def environment(self) -> dict[str, str]:
        return whole_environment(DOCKER_HOST=self.host, DOCKER_BUILDKIT="1")

    @property
    def is_ours(self) -> bool:
        """Whether it was started from this checkout."""
        return self.processes.is_running(NAME)

    def stop(self) -> None:
        """Only one that was started from this checkout."""
        self.processes.stop([NAME], seconds=60)

    def _run(
        self, arguments: Sequence[str], seconds: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.client, *arguments], env=self.environment(), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=seconds,
        )  # fmt: skip


def find_engine() -> Engine:
    """Return one that answers; install and start Debian's where that is possible."""
    host = BuildSettings().docker_host
    clients = _clients()
    if not clients or not (_answers(clients[0], host) or shutil.which("dockerd", path=_PATH)):
        _install(("docker.io", "docker-cli", "docker-buildx"))
        clients = _clients()
    if not clients:
        raise StepFailed(
            "There is no Docker client here. Install Docker (on Debian as root:\n"
            "apt-get install docker.io), or run this where one is."
        )
    if not _answers(clients[0], host):
        _start(clients[0], host)
    return Engine(_with_buildkit(clients), host)


def compose_command() -> list[str]:
    """`docker compose` where the plug-in is, else `docker-compose`, installed on Debian."""
    for client in _clients():
        if (
            subprocess.run(
                [client, "compose", "version"], capture_output=True, check=False
            ).returncode
            == 0
        ):
            return [client, "compose"]
    if shutil.which("docker-compose") is None:
        _install(("docker-compose",))
    found = shutil.which("docker-compose")
    if found is None:
        raise StepFailed(
            "There is no Docker Compose here: install its plug-in, or on Debian as root:\n"
            "apt-get install docker-compose"
        )
    return [found]


def _clients() -> list[str]:
    """A hand-installed one first; Debian's beside it may be the one that can build."""
    found = [shutil.which("docker"), shutil.which("docker", path="/usr/bin")]
    return list(dict.fromkeys(each for each in found if each))


def _with_buildkit(clients: Sequence[str]) -> str:
    for client in clients:
        told = subprocess.run([client, "--version"], capture_output=True, text=True, check=False)
        version = told.stdout.removeprefix("Docker version ").partition(".")[0]
        is_old = version.isdecimal() and int(version) < _BUILDKIT_INSIDE_BELOW
        buildx = subprocess.run([client, "buildx", "version"], capture_output=True, check=False)
        if is_old or buildx.returncode == 0:
            return client
    raise StepFailed(
        f"{clients[0]} cannot build with BuildKit: install its buildx plug-in\n"
        "(on Debian: apt-get install docker-buildx, on Debian 12: docker.io)."
    )


def _answers(client: str, host: str) -> bool:
    command = [client, "--host", host, "version", "--format", "{{.Server.Version}}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _install(packages: Iterable[str]) -> None:
    """Of these, what this Debian has; elsewhere nothing."""
    apt = shutil.which("apt-cache")
    for package in packages if apt else ():
        shown = subprocess.run([str(apt), "show", package], capture_output=True, check=False)
        if shown.returncode == 0:
            install(package)


def _start(client: str, host: str) -> None:
    daemon = shutil.which("dockerd", path=_PATH)
    if daemon is None or os.geteuid() != 0 or not host.startswith("unix://"):
        raise StepFailed(
            f"No Docker engine answers at {host}. Start it (systemctl start docker), name another\n"
            "one by DOCKER_HOST, or run this as root, which starts one."
        )
    if shutil.which("iptables", path=_PATH) is None:
        _install(("iptables",))
    Path(host.removeprefix("unix://")).parent.mkdir(parents=True, exist_ok=True)
    folder = ProcessFolder(ROOT / ".run")
    program = Program(
        name=NAME,
        arguments=[daemon, "--host", host],
        environment={"PATH": _PATH},
        directory=ROOT,
        is_ready=lambda: _answers(client, host),
    )
    with step("starting the Docker engine (./dev image --stop-engine stops it)"):
        folder.start(program)
        folder.await_ready([program], seconds=START_SECONDS)
