"""Worker processes and who watches over them: what ends is started again, as Kubernetes would."""

import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
STOP_SECONDS = 30
BEFORE_RESTART_SECONDS = 0.2
STOPPED = (0, -signal.SIGTERM)
"""How a told process ends: in order, or so early that it had not begun."""


@dataclass(slots=True)
class Supervised:
    """One participant's process after another, until stopped.

    `deaths` are the extra arguments of the first lives; once they are used up it lives on.
    """

    role: str
    environment: Mapping[str, str]
    log: Path
    arguments: Sequence[str] = ()
    deaths: Sequence[Sequence[str]] = ()
    exits: list[int] = field(default_factory=list)
    kills: int = 0
    _child: subprocess.Popen[bytes] | None = None
    _is_over: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def kill(self) -> None:
        """SIGKILL, whatever it is doing; it comes back."""
        with self._guard:
            if self._child is not None and self._child.poll() is None:
                self.kills += 1
                self._child.kill()

    def stop(self) -> None:
        """Gracefully; one that does not end in time is killed, and the test fails."""
        with self._guard:
            self._is_over.set()
            child = self._child
        if child is not None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(STOP_SECONDS)
            finally:
                child.kill()
        if self._thread is not None:
            self._thread.join()

    @property
    def has_died_as_told(self) -> bool:
        return len(self.exits) >= len(self.deaths)

    @property
    def unexpected_exits(self) -> list[int]:
        """Ends other than by SIGKILL from here: a worker must outlive its servers' faults."""
        expected = [-signal.SIGKILL] * (len(self.deaths) + self.kills)
        left = list(self.exits)
        for each in expected:
            if each in left:
                left.remove(each)
        return left

    def _watch(self) -> None:
        lives = iter(self.deaths)
        with self.log.open("ab") as output:
            while True:
                with self._guard:
                    if self._is_over.is_set():
                        return
                    child = self._child = self._launch(next(lives, ()), output)
                code = child.wait()
                if self._is_over.is_set() and code in STOPPED:
                    return
                self.exits.append(code)
                self._is_over.wait(BEFORE_RESTART_SECONDS)

    def _launch(self, life: Sequence[str], output) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "ledger.process", self.role, *self.arguments, *life],
            env=dict(self.environment),
            cwd=HERE,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
