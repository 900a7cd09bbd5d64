"""What every process holds and what waits, every few seconds: one line of JSON a sample."""

import json
import threading
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

import pika
import psutil
import psycopg
from pika.adapters.blocking_connection import BlockingChannel

from drill.bystanders import OTHERS_OPEN_CASES
from drill.topology import POSTGRES, RABBIT, TARGETS, Topology
from otsp_local.console import StepFailed
from otsp_local.ports import LOOPBACK
from otsp_local.programs import SERVICES

Figures = dict[str, float]
Sample = dict[str, Any]
KIB = 1024
_CONNECTIONS = (
    "SELECT datname, count(*) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND usename <> session_user GROUP BY datname"
)
_WAITING = (
    "SELECT (SELECT count(*) FROM outbox),"
    " (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float FROM outbox),"
    " (SELECT count(*) FROM inbox WHERE state = 'waiting')"
)
PASSING = "SELECT count(*) FROM application WHERE state IN ('locking', 'gathering', 'evaluating')"


@dataclass(slots=True)
class Sampler:
    """A thread; its lines are in `file`. Everything is looked at past the services."""

    topology: Topology
    file: Path
    now: Any
    every_seconds: float
    thorough_every: int = 12
    """Each so many-th sample asks the broker's own tool and the kernel for shares of memory, which
    costs a second of processor.
    """
    _held: dict[str, psycopg.Connection] = field(default_factory=dict)
    _channel: BlockingChannel | None = None
    _is_over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        if self._thread is not None:
            self._thread.join(60)

    def take(self, *, is_thorough: bool) -> Sample:
        """Everything, now."""
        sample: Sample = {
            "t": round(self.now(), 2),
            "processes": self._processes(is_thorough=is_thorough),
        }
        sample |= {"connections": self._connections(), "pools": self._pools()}
        sample |= {"backlog": self._backlog()}
        if is_thorough:
            # On a machine that is too busy the tool takes longer than anybody waits.
            with suppress(TimeoutExpired, StepFailed):
                sample["broker"] = self._broker()
        return sample

    def _run(self) -> None:
        number = 0
        with self.file.open("w", encoding="utf-8") as lines, self._connected():
            while not self._is_over.is_set():
                sample = self.take(is_thorough=number % self.thorough_every == 0)
                lines.write(json.dumps(sample) + "\n")
                lines.flush()
                number += 1
                self._is_over.wait(self.every_seconds)

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """As long as it lasts: to connect anew for each sample would be a load of its own."""
        with ExitStack() as stack:
            for service, url in self.topology.database_urls().items():
                connection = stack.enter_context(psycopg.connect(url, autocommit=True))
                self._held[service] = connection
            url = pika.URLParameters(self.topology.platform.rabbit.url)
            self._channel = stack.enter_context(pika.BlockingConnection(url)).channel()
            yield

    def _processes(self, *, is_thorough: bool) -> dict[str, Figures]:
        roots = {name: pid for name in TARGETS if (pid := self._pid_of(name)) is not None}
        parents = dict(_parents())
        return {
            name: _held_by(_tree(pid, parents), is_thorough=is_thorough)
            for name, pid in roots.items()
        }

    def _broker(self) -> Figures:
        told = self.topology.platform.rabbit.ctl("list_connections", "channels").split()
        counts = [int(each) for each in told if each.isdigit()]
        return {"connections": len(counts), "channels": sum(counts)}

    def _pid_of(self, name: str) -> int | None:
        platform = self.topology.platform
        if name == POSTGRES:
            return platform.postgres.pid
        return platform.rabbit.pid if name == RABBIT else platform.processes.pid_of(name)

    def _connections(self) -> Figures:
        told = self._held["auth"].execute(_CONNECTIONS).fetchall()
        return {str(name).removeprefix("otsp_"): float(count) for name, count in told}

    def _pools(self) -> Figures:
        """Connections that are lent out, by program."""
        told: Figures = {}
        for name, program in self.topology.programs.items():
            arguments = list(program.arguments)
            if "--metrics-port" in arguments:
                port = arguments[arguments.index("--metrics-port") + 1]
                url = f"http://{LOOPBACK}:{port}/metrics"
                with suppress(OSError), urllib.request.urlopen(url, timeout=10) as answer:
                    told[name] = _in_use(answer.read().decode())
        return told

    def _backlog(self) -> dict[str, Figures]:
        outbox, age, inbox = {}, 0.0, {}
        for service, connection in self._held.items():
            [row] = connection.execute(_WAITING).fetchall()
            outbox[service], age, inbox[service] = row[0], max(age, row[1]), row[2]
        [(passing,)] = self._held["compliance"].execute(PASSING).fetchall()
        [(cases,)] = self._held["compliance"].execute(OTHERS_OPEN_CASES).fetchall()
        told = {"outbox": outbox, "inbox": inbox, "queues": self._queues()}
        return told | {"whole": {"oldest_s": round(age, 2), "gathering": passing, "open": cases}}

    def _queues(self) -> Figures:
        channel = self._channel
        if channel is None:
            return {}
        return {
            service: channel.queue_declare(
                f"{service}.events.q1", passive=True
            ).method.message_count
            for service in SERVICES
        }


def read(file: Path) -> list[Sample]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _parents() -> Iterator[tuple[int, int]]:
    """Of all processes of the machine, some of which end meanwhile."""
    for each in psutil.process_iter():
        with suppress(psutil.NoSuchProcess):
            yield each.pid, each.ppid()


def _tree(root: int, parents: Mapping[int, int]) -> Iterator[int]:
    yield root
    for pid, parent in parents.items():
        if parent == root and pid != root:
            yield from _tree(pid, parents)


def _held_by(pids: Iterable[int], *, is_thorough: bool) -> Figures:
    """Of a process and all that it has started; of whom it outlived the processor's time too.

    `own_kb` is what it shares with nobody: neither files nor PostgreSQL's buffers.
    """
    sums = dict.fromkeys(("rss_kb", "own_kb", "threads", "handles", "cpu_s"), 0.0)
    for pid in pids:
        try:
            process = psutil.Process(pid)
            with process.oneshot():
                memory, times = process.memory_info(), process.cpu_times()
                sums["rss_kb"] += memory.rss / KIB
                sums["own_kb"] += (memory.rss - getattr(memory, "shared", 0)) / KIB
                sums["threads"] += process.num_threads()
                sums["handles"] += process.num_fds()
                sums["cpu_s"] += times.user + times.system
                sums["cpu_s"] += getattr(times, "children_user", 0.0)
                sums["cpu_s"] += getattr(times, "children_system", 0.0)
                if is_thorough:
                    pss = getattr(process.memory_full_info(), "pss", memory.rss)
                    sums["pss_kb"] = sums.get("pss_kb", 0.0) + pss / KIB
        except psutil.NoSuchProcess:
            continue
    return {name: round(value, 2) for name, value in sums.items()}


def _in_use(metrics: str) -> float:
    lines = metrics.splitlines()
    return sum(
        float(line.rpartition(" ")[2]) for line in lines if line.startswith("otsp_db_pool_in_use{")
    )
