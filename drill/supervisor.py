"""What ends is started again, as Kubernetes would; what is held down stays down."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable

import psutil

from drill.topology import POSTGRES, RABBIT, TARGETS, Topology
from otsp_local.console import StepFailed, say
from otsp_local.ports import is_free
from otsp_local.processes import send_signal

LOOK_SECONDS = 0.1
READY_SECONDS = 180


class Supervisor:
    """One thread for the programs, one for each server, whose start takes its time."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._held: Counter[str] = Counter()
        self._told_to_die: Counter[str] = Counter()
        self._known_dead: set[str] = set()
        self._guard = threading.RLock()
        self._is_over = threading.Event()
        self.crashes: Counter[str] = Counter()
        """Ends that the drill did not bring about."""
        self._threads = [
            threading.Thread(target=self._watch, args=(look,), daemon=True)
            for look in (
                self._look_after_programs,
                self._look_after_postgres,
                self._look_after_rabbit,
            )
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """The whole process group; of PostgreSQL the postmaster, whose children then give up."""
        with self._guard:
            pid = self.pid_of(name)
            if pid is None:
                return
            self._told_to_die[name] += 1
            if name == POSTGRES:
                send_signal(os.kill, pid, number)
            else:
                send_signal(os.killpg, pid, number)

    def hold(self, name: str) -> None:
        """Do not start it again until it is released as often as it was held."""
        with self._guard:
            self._held[name] += 1

    def release(self, name: str) -> None:
        with self._guard:
            self._held[name] -= 1

    def pause(self, name: str) -> list[int]:
        """SIGSTOP to it and all that it has started; what was stopped."""
        pid = self.pid_of(name)
        if pid is None:
            return []
        stopped = _tree_of(pid)
        for each in stopped:
            send_signal(os.kill, each, signal.SIGSTOP)
        return stopped

    def resume(self, stopped: list[int]) -> None:
        for pid in reversed(stopped):
            send_signal(os.kill, pid, signal.SIGCONT)

    def pid_of(self, name: str) -> int | None:
        platform = self._topology.platform
        if name == POSTGRES:
            return platform.postgres.pid
        return platform.rabbit.pid if name == RABBIT else platform.processes.pid_of(name)

    def await_all(self) -> None:
        """Everything runs and is ready; raises StepFailed with the log of what is not."""
        names = list(TARGETS)
        deadline = threading.Event()
        for _ in range(READY_SECONDS * 2):
            names = [each for each in names if self.pid_of(each) is None]
            if not names:
                break
            deadline.wait(0.5)
        programs = self._topology.programs.values()
        self._topology.platform.processes.await_ready(programs, seconds=READY_SECONDS)

    def _watch(self, look: Callable[[], None]) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            look()

    def _look_after_programs(self) -> None:
        processes = self._topology.platform.processes
        for name, program in self._topology.programs.items():
            if self._is_down(name):
                processes.start(program)
                self._known_dead.discard(name)

    def _look_after_postgres(self) -> None:
        if self._is_down(POSTGRES):
            self._again(POSTGRES, self._topology.platform.postgres.start)

    def _look_after_rabbit(self) -> None:
        if self._is_down(RABBIT):
            self._again(RABBIT, self._topology.platform.rabbit.start)

    def _again(self, name: str, start: Callable[[], None]) -> None:
        """Where it was: a port that its last life still holds would have it move elsewhere, and
        leave the wires behind. One that refuses to start yet is started once more, then.
        """
        if not is_free(self._topology.server_ports[name]):
            return
        try:
            start()
        except StepFailed as failure:
            say(f"  not yet: {str(failure).splitlines()[0]}")

    def _is_down(self, name: str) -> bool:
        """Whether it is to be started now."""
        with self._guard:
            if self._is_over.is_set():
                return False
            if self.pid_of(name) is not None:
                self._known_dead.discard(name)
                return False
            if name not in self._known_dead:
                self._known_dead.add(name)
                self.crashes[name] += not self._told_to_die.pop(name, 0)
            return not self._held[name]


def _tree_of(pid: int) -> list[int]:
    try:
        root = psutil.Process(pid)
        return [pid, *(each.pid for each in root.children(recursive=True))]
    except psutil.NoSuchProcess:
        return []
