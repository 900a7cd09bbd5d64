"""Programs that outlive the command that started them: started, awaited, stopped, found again.

A folder holds one record a program. The record names the process by pid *and* birth time,
so that a pid used again by somebody else is never mistaken for ours, and never signalled.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from otsp_local.console import StepFailed

TAIL_LINES = 20
_BETWEEN_LOOKS_SECONDS = 0.05
_PROC = Path("/proc")
_HAS_PROC = (_PROC / "self" / "stat").is_file()

# Children of this very process, by pid: only their parent learns how they ended, and must ask.
_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True, slots=True)
class Account:
    """The user of the machine that a program runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run and how to know that it is ready.

    `ready_url` is asked until it answers 200; `is_ready` is for programs that do not speak HTTP.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    ready_url: str | None = None
    is_ready: Callable[[], bool] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    account: Account | None = None

    def fingerprint(self) -> str:
        """Two programs with the same fingerprint need no restart to become each other."""
        told = json.dumps([list(self.arguments), sorted(self.environment.items())])
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Record:
    name: str
    pid: int
    birth: str
    stop_signal: int
    fingerprint: str

    def is_alive(self) -> bool:
        child = _CHILDREN.get(self.pid)
        if child is not None:
            # Not by its state: that is the first thread's, which can be gone before the others.
            return child.poll() is None
        return birth_of(self.pid) == self.birth


def birth_of(pid: int) -> str | None:
    """When a living process began, by the kernel's clock; None for the dead and for zombies.

    A zombie counts as dead: in a container nobody may ever reap it.
    """
    if _HAS_PROC:
        try:
            stat = (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return None
        # The second field is the name in brackets and may itself hold spaces and brackets.
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields[19]
    printed = subprocess.run(
        ["ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return None if not printed or printed.startswith("Z") else printed.partition(" ")[2].strip()


def command_of(pid: int) -> str:
    """The command line of a process; empty when there is none."""
    if _HAS_PROC:
        try:
            line = (_PROC / str(pid) / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return line.replace(b"\0", b" ").decode(errors="replace")
    return subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()


def wait_until(is_done: Callable[[], bool], *, seconds: float) -> bool:
    """Look again and again until it is done or the time is up."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > deadline:
            return False
        pause.wait(_BETWEEN_LOOKS_SECONDS)
    return True


def answers_ready(url: str) -> bool:
    """Whether GET answers 200. Nobody listening yet, or a half-open start, is simply not ready."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class ProcessFolder:
    """The records (`process/NAME.json`) and logs (`log/NAME.log`) below one directory."""

    directory: Path

    def log_of(self, name: str) -> Path:
        return self.directory / "log" / f"{name}.log"

    def names(self) -> list[str]:
        return sorted(path.stem for path in self._records.glob("*.json"))

    def is_running(self, name: str) -> bool:
        record = self._read(name)
        return record is not None and record.is_alive()

    def pid_of(self, name: str) -> int | None:
        record = self._read(name)
        return record.pid if record is not None and record.is_alive() else None

    def start(self, program: Program) -> bool:
        """Have it run as told. False when it already does; one told otherwise is replaced."""
        record = self._read(program.name)
        if record is not None and record.is_alive():
            if record.fingerprint == program.fingerprint():
                return False
            self.stop([program.name])
        self._launch(program)
        return True

    def adopt(self, program: Program, pid: int) -> None:
        """Write the lost record of a running process, so that it can be stopped."""
        self._write(program, pid, fingerprint="unknown")

    def await_ready(self, programs: Iterable[Program], *, seconds: float) -> None:
        """Return when all are ready. One that dies early, or the deadline, raises with its log."""
        waiting = list(programs)

        def all_ready() -> bool:
            for program in list(waiting):
                if not self.is_running(program.name):
                    raise StepFailed(self._epitaph(program.name, "ended before it was ready"))
                if self._is_ready(program):
                    waiting.remove(program)
            return not waiting

        if not wait_until(all_ready, seconds=seconds):
            raise StepFailed(self._epitaph(waiting[0].name, f"was not ready after {seconds:.0f} s"))

    def stop(self, names: Iterable[str], *, seconds: float = 20) -> None:
        """Ask each to stop, wait, then kill what is left, with its whole process group."""
        records = [record for record in map(self._read, names) if record is not None]
        for record in records:
            if record.is_alive():
                send_signal(os.kill, record.pid, record.stop_signal)
        wait_until(lambda: all(not record.is_alive() for record in records), seconds=seconds)
        for record in records:
            if record.is_alive():
                send_signal(os.killpg, record.pid, signal.SIGKILL)
        wait_until(lambda: all(not record.is_alive() for record in records), seconds=5)
        for record in records:
            self._path(record.name).unlink(missing_ok=True)
            if not record.is_alive():
                _CHILDREN.pop(record.pid, None)

    def signal(self, name: str, number: signal.Signals) -> None:
        pid = self.pid_of(name)
        if pid is not None:
            send_signal(os.kill, pid, number)

    def last_lines(self, name: str, count: int = TAIL_LINES) -> str:
        log = self.log_of(name)
        if not log.is_file():
            return ""
        text = log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-count:])

    @property
    def _records(self) -> Path:
        return self.directory / "process"

    def _path(self, name: str) -> Path:
        return self._records / f"{name}.json"

    def _read(self, name: str) -> _Record | None:
        path = self._path(name)
        if not path.is_file():
            return None
        return _Record(**json.loads(path.read_text(encoding="utf-8")))

    def _launch(self, program: Program) -> None:
        log = self.log_of(program.name)
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.is_file():
            log.replace(log.with_suffix(".log.1"))
        account = program.account
        with log.open("ab") as output:
            child = subprocess.Popen(
                program.arguments,
                env=dict(program.environment),
                cwd=program.directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # A session of its own: Ctrl-C in the terminal is not meant for it, and its
                # process group is its pid.
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        _CHILDREN[child.pid] = child
        self._write(program, child.pid, fingerprint=program.fingerprint())

    def _write(self, program: Program, pid: int, *, fingerprint: str) -> None:
        # A child that is already dead has no birth; the empty one matches no process.
        birth = birth_of(pid) or ""
        record = _Record(program.name, pid, birth, int(program.stop_signal), fingerprint)
        self._records.mkdir(parents=True, exist_ok=True)
        unfinished = self._path(program.name).with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(record)), encoding="utf-8")
        unfinished.replace(self._path(program.name))

    @staticmethod
    def _is_ready(program: Program) -> bool:
        if program.is_ready is not None:
            return program.is_ready()
        return program.ready_url is None or answers_ready(program.ready_url)

    def _epitaph(self, name: str, what: str) -> str:
        record = self._read(name)
        child = _CHILDREN.get(record.pid) if record else None
        status = "" if child is None or child.poll() is None else f" (exit status {child.poll()})"
        return (
            f"{name} {what}{status}. The last lines of its log:\n"
            f"{self.last_lines(name)}\nThe whole log: {self.log_of(name)}"
        )


def send_signal(send: Callable[[int, int], None], pid: int, number: int) -> None:
    """Between looking and signalling it may have ended by itself: then there is nothing to do."""
    try:
        send(pid, number)
    except ProcessLookupError:
        return
