"""Runs nginx with a rendered configuration, as the user we are."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from otsp_local.console import StepFailed
from otsp_local.processes import ProcessFolder, Program
from otsp_local.servers import find_nginx

NAME = "gateway"


@dataclass(frozen=True, slots=True)
class LocalNginx:
    """One nginx. `prefix` holds what it writes (temporary files, caches); `processes` its log.

    The configuration must not set `daemon` nor `user`: both are set here, for one that is to be
    supervised stays in the foreground, and one started as root must keep its prefix readable,
    which may lie below a folder of mode 0700.
    """

    prefix: Path
    configuration: Path
    processes: ProcessFolder

    def start(self, ready_url: str) -> None:
        self.check()
        program = self.program(ready_url)
        if not self.processes.start(program):
            self.reload()
        self.processes.await_ready([program], seconds=20)

    def check(self) -> None:
        """Have nginx judge its configuration, so that a fault in it is told before a start."""
        result = subprocess.run(
            [*self._command(), "-t", "-q"], capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            raise StepFailed(f"nginx refuses {self.configuration}:\n{result.stderr.strip()}")

    def reload(self) -> None:
        """Take up a changed configuration; open requests are finished by the old workers."""
        self.processes.signal(NAME, signal.SIGHUP)

    def stop(self) -> None:
        self.processes.stop([NAME])

    def program(self, ready_url: str) -> Program:
        return Program(
            name=NAME,
            arguments=self._command(),
            environment={"PATH": "/usr/bin:/bin"},
            directory=self.prefix,
            ready_url=ready_url,
        )

    def _command(self) -> list[str]:
        binary = find_nginx()
        if binary is None:
            raise StepFailed(
                "No nginx on this machine.\n"
                "On Debian: apt-get install nginx-light; or ./dev env embedded brings its own."
            )
        globals_ = "daemon off;" + (" user root root;" if os.geteuid() == 0 else "")
        return [
            str(binary), "-p", f"{self.prefix}/", "-c", str(self.configuration),
            "-e", "stderr", "-g", globals_,
        ]  # fmt: skip
