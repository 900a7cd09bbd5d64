"""The drill's end of the process of the wires."""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping

from otsp_local.console import StepFailed
from otsp_local.environment import ROOT


class WireControl:
    """Starts the wires, spoils and heals them. Orders may come from any thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._one_at_a_time = threading.Lock()

    def start(self, wires: Mapping[str, tuple[int, int]]) -> None:
        """Name → the port that it listens on, the server's port."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "drill.wires"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )
        self._order(wires)

    def order(self, wire: str, do: str, **more: float) -> None:
        self._order({"wire": wire, "do": do, **more})

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.communicate()

    def _order(self, order: Mapping[str, object]) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise StepFailed("The wires do not run.")
        with self._one_at_a_time:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            if not process.stdout.readline():
                raise StepFailed("The wires ended.")
