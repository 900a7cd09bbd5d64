"""P13: the demonstration, from an empty run directory to the result; its memory; a second start.

Once, not in rounds: it has no floor to be beside. Packages are installed already.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterable

import psutil

from bench.figures import Figure, Part
from bench.options import Options
from bench.rounds import process_tree, scratch_folder
from otsp_local.console import StepFailed
from otsp_local.environment import ROOT
from otsp_local.platform import LocalPlatform
from otsp_local.ports import free_port
from otsp_local.settings import LocalSettings

FIRST_SECONDS, SECOND_SECONDS, MEMORY_MB = 90.0, 15.0, 1_200.0
PATIENCE_SECONDS = 600


def measure_demo(_options: Options) -> Figure:
    """As a newcomer runs it: `./dev demo`, `./dev down`, `./dev demo`."""
    folder = scratch_folder()
    platform = LocalPlatform(LocalSettings(run_dir=folder / "run"))
    told = {"OTSP_RUN_DIR": str(platform.run), "OTSP_GATEWAY_PORT": str(free_port())}
    try:
        first = _timed(["demo"], told)
        trees = [each for program in platform.status() for each in process_tree(program.pid)]
        resident, proportional = _memory_mb(trees)
        _timed(["down"], told)
        second = _timed(["demo"], told)
    finally:
        _timed(["down", "--erase"], told)
        shutil.rmtree(folder, ignore_errors=True)
    parts = [
        Part("first_start_over_goal", first / FIRST_SECONDS, 1.0),
        Part("first_start_seconds", first, FIRST_SECONDS),
        Part("memory_mb", proportional, MEMORY_MB),
        Part("second_start_seconds", second, SECOND_SECONDS),
    ]
    return Figure.of("P13", parts, {"rss_sum_mb": resident, "processes": len(trees)})


def _timed(arguments: list[str], told: dict[str, str]) -> float:
    begun = time.monotonic()
    done = subprocess.run(
        [ROOT / "dev", *arguments],
        env={**os.environ, **told},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    if done.returncode != 0:
        raise StepFailed(f"./dev {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return time.monotonic() - begun


def _memory_mb(processes: Iterable[psutil.Process]) -> tuple[float, float]:
    """Sum of resident sizes, and of proportional ones, which count a shared page once.

    Where the system tells no proportional size, the resident one stands in for it.
    """
    resident = proportional = 0.0
    for process in processes:
        memory = process.memory_full_info()
        resident += memory.rss
        proportional += getattr(memory, "pss", memory.rss)
    return resident / 1e6, proportional / 1e6
