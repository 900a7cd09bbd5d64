"""Worker processes and who watches over them: what ends is started again, as Kubernetes would."""

import multiprocessing
import signal
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from ledger.process import Orders, live

STOP_SECONDS = 30
BEFORE_RESTART_SECONDS = 0.2
STOPPED = (0, -signal.SIGTERM)
"""How a told process ends: in order, or so early that it had not begun."""

# Importing the chassis costs more than all that a life does after it: done once, then forked.
# (Only what is installed: the server forgets this process's path, and says nothing.)
_nursery = multiprocessing.get_context("forkserver")
_nursery.set_forkserver_preload(
    [f"otsp_chassis.{module}" for module in ("bus.rabbit", "outbox", "service", "worker")]
)


@dataclass(slots=True)
class Supervised:
    """One participant's process after another, until stopped.

    The first lives end in `deaths`, each a step and at which time it is reached; once these are
    used up it lives on.
    """

    role: str
    settings: Mapping[str, object]
    log: Path
    orders: Orders = field(default_factory=Orders)
    deaths: Sequence[tuple[str, int]] = ()
    exits: list[int] = field(default_factory=list)
    kills: int = 0
    _child: ForkServerProcess | None = None
    _is_over: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def kill(self) -> None:
        """SIGKILL, whatever it is doing; it comes back."""
        with self._guard:
            if self._child is not None:
                self.kills += 1
                self._child.kill()

    def stop(self) -> None:
        """Gracefully; one that does not end in time is killed, and counts as crashed."""
        with self._guard:
            self._is_over.set()
        if self._thread is None:
            return
        for end in (ForkServerProcess.terminate, ForkServerProcess.kill):
            with self._guard:
                if self._child is not None:
                    end(self._child)
            self._thread.join(STOP_SECONDS)

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
        while child := self._bear(*next(lives, (None, 1))):
            child.join()
            with self._guard:
                code, self._child = child.exitcode, None
                child.close()
            if not (self._is_over.is_set() and code in STOPPED):
                self.exits.append(code)
            self._is_over.wait(BEFORE_RESTART_SECONDS)

    def _bear(self, step: str | None, at: int) -> ForkServerProcess | None:
        """The next life; none once it is over."""
        orders = replace(self.orders, die=step, at=at)
        life = (self.role, self.settings, orders)
        child = _nursery.Process(target=live, args=life, kwargs={"output": self.log}, daemon=True)
        with self._guard:
            if self._is_over.is_set():
                return None
            child.start()
            self._child = child
        return child
