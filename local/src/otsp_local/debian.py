"""Packages that the platform takes from Debian, installed where that is possible."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from otsp_local.console import StepFailed, step

_LOCK = Path("/run/lock/otsp-apt.lock")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Of several processes that want packages, each waits for the others: apt-get would give up."""
    with _LOCK.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def find_or_install(program: str, package: str) -> str:
    """Where the program is, after installing its package where that is possible and needed."""
    found = shutil.which(program) or shutil.which(program, path=_PATH)
    if found is None and install(package):
        found = shutil.which(program, path=_PATH)
    if found is None:
        raise StepFailed(f"No {program} on this machine: apt-get install {package}")
    return found


def install(package: str) -> bool:
    """As root on Debian, say so and install it; elsewhere nothing happens. Whether it did."""
    apt = shutil.which("apt-get")
    if os.geteuid() != 0 or apt is None:
        return False
    with step(f"installing {package} with apt-get"), _one_at_a_time():
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", package]):
            told = subprocess.run(
                [apt, "-q", *arguments],
                env={"PATH": _PATH, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"},
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if told.returncode != 0:
                raise StepFailed(f"apt-get {arguments[0]} failed:\n{told.stderr}")
    return True
