"""Side by side: every round runs every variant once, in an order drawn anew."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

import psutil

from bench.figures import tell_spread
from bench.load import Plan, Seen
from otsp_local.console import StepFailed
from otsp_local.environment import ROOT

Told = TypeVar("Told")
LOAD_SECONDS = 120
TICK_SECONDS = 0.01
"""The accounting of CPU time is no finer; less than a tick counts as one."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one variant: server CPU (user + system) per request, and the client's view."""

    cpu_ms: float
    seen: Seen


@dataclass(frozen=True, slots=True)
class Medians:
    """Of all rounds of one variant."""

    cpu_ms: float
    p50_ms: float
    rate: float


def alternate(variants: Mapping[str, Callable[[], Told]], *, rounds: int) -> dict[str, list[Told]]:
    """All runs of every variant, by round. A first round fills caches and prepares plans and is
    not among them; a single one only looks whether everything runs, and has none before it.
    """
    runs: dict[str, list[Told]] = {name: [] for name in variants}
    for number in range(-1 if rounds > 1 else 0, rounds):
        for name in random.sample(list(variants), len(variants)):
            told = variants[name]()
            if number >= 0:
                runs[name].append(told)
    return runs


def interleave(variants: Mapping[str, Callable[[], Run]], *, rounds: int) -> dict[str, Medians]:
    """Medians of every variant."""
    runs = alternate(variants, rounds=rounds)
    for name, each in runs.items():
        tell_spread(f"{name} CPU ms", [run.cpu_ms for run in each])
    return {
        name: Medians(
            cpu_ms=median(run.cpu_ms for run in each),
            p50_ms=median(run.seen.p50_ms for run in each),
            rate=median(run.seen.count / run.seen.seconds for run in each),
        )
        for name, each in runs.items()
    }


def measure(pid: int, plan: Plan) -> Run:
    """Load a server and tell what that cost its whole process tree."""
    before = cpu_seconds(pid)
    seen = send(plan)
    spent = max(cpu_seconds(pid) - before, TICK_SECONDS)
    return Run(spent * 1000 / seen.count, seen)


def send(plan: Plan) -> Seen:
    """Run the plan in a process of its own."""
    with on_cores(CLIENT_CORES):
        done = subprocess.run(
            [sys.executable, "-m", "bench.load"],
            input=json.dumps(asdict(plan)), cwd=ROOT, capture_output=True, text=True,
            check=False, timeout=LOAD_SECONDS,
        )  # fmt: skip
    if done.returncode != 0:
        raise StepFailed(f"The load ended early:\n{done.stderr.strip()}")
    return Seen(**json.loads(done.stdout))


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its living descendants."""
    return sum(map(_own_seconds, process_tree(pid)))


def _own_seconds(process: psutil.Process) -> float:
    """Nothing of one that ended since the tree was read: a backend of PostgreSQL, say."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def process_tree(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def _cores() -> tuple[frozenset[int], frozenset[int]]:
    """One core for the servers, the others for client and database; where there are two."""
    if not hasattr(os, "sched_getaffinity"):  # macOS has no affinity
        return frozenset(), frozenset()
    own = sorted(os.sched_getaffinity(0))
    return frozenset(own[:1]), frozenset(own[1:] or own)


SERVER_CORES, CLIENT_CORES = _cores()


@contextmanager
def on_cores(cores: frozenset[int]) -> Iterator[None]:
    """What is started inside stays on these cores: no wandering, no thread race across cores."""
    if not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def scratch_folder() -> Path:
    """On the disk of the checkout: a temporary folder may lie in memory, where fsync is free."""
    folder = ROOT / ".run" / f"bench-{os.getpid()}"
    folder.mkdir(parents=True)
    return folder
