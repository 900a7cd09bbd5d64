"""Runs nginx in the foreground as one of the platform's processes."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from otsp_local.console import StepFailed
from otsp_local.processes import ProcessFolder, Program

NAME = "gateway"


@dataclass(frozen=True, slots=True)
class LocalNginx:
    """One nginx; `command` runs it in the foreground, as otsp_gateway.render names it."""

    command: Sequence[str]
    directory: Path
    processes: ProcessFolder

    def start(self, ready_url: str) -> None:
        """Have it serve; one that runs already takes up the configuration as it is now."""
        self._check()
        program = self.program(ready_url)
        if not self.processes.start(program):
            self.reload()
        self.processes.await_ready([program], seconds=20)

    def program(self, ready_url: str) -> Program:
        """What `start` runs, for who starts it otherwise."""
        return Program(
            name=NAME,
            arguments=self.command,
            environment={"PATH": "/usr/bin:/bin"},
            directory=self.directory,
            ready_url=ready_url,
        )

    def reload(self) -> None:
        """Open requests are finished by the old workers."""
        self.processes.signal(NAME, signal.SIGHUP)

    def stop(self) -> None:
        self.processes.stop([NAME])

    def _check(self) -> None:
        """Have nginx judge its configuration, so that a fault in it is told before a start."""
        result = subprocess.run(
            [*self.command, "-t", "-q"], capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            raise StepFailed(f"nginx refuses its configuration:\n{result.stderr.strip()}")
