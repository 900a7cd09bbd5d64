"""Brings the faults of a schedule about, each in its time, and undoes them."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from pika.exceptions import AMQPError

from drill import poison
from drill.disk import SmallDisk
from drill.journal import Journal
from drill.schedule import (
    BLACK_HOLE,
    CLOCK,
    DISK_FULL,
    HALF_CLOSE,
    KILL,
    LATENCY,
    PAUSE,
    POISON,
    QUIT,
    RESET,
    Fault,
    Schedule,
)
from drill.supervisor import Supervisor
from drill.topology import Topology

LATENCY_SECONDS = 0.3
OFFSET = "OTSP_CLOCK_OFFSET_DAYS"


class Faults:
    """A thread a fault: they overlap as the schedule says."""

    def __init__(
        self,
        topology: Topology,
        supervisor: Supervisor,
        *,
        journal: Journal,
        disk: SmallDisk | None,
    ) -> None:
        self._topology = topology
        self._supervisor = supervisor
        self._wires = topology.control
        self._journal = journal
        self._disk = disk
        self._is_over = threading.Event()
        self._kinds: dict[str, Callable[[Fault], Iterator[None]]] = {
            KILL: self._killed,
            QUIT: self._killed,
            PAUSE: self._paused,
            CLOCK: self._out_of_time,
            POISON: self._poisoned,
            DISK_FULL: self._without_space,
            **dict.fromkeys((RESET, HALF_CLOSE, BLACK_HOLE, LATENCY), self._spoilt),
        }

    def perform(self, schedule: Schedule) -> None:
        """Return when the last fault is over and undone."""
        begun, threads = self._journal.now, []
        for fault in schedule.faults:
            self._is_over.wait(max(fault.at - (self._journal.now - begun), 0))
            if self._is_over.is_set():
                break
            threads.append(threading.Thread(target=self._perform, args=(fault,)))
            threads[-1].start()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        """Let none begin any more, and those that last end."""
        self._is_over.set()

    def _perform(self, fault: Fault) -> None:
        told = {"do": fault.do, "target": fault.target}
        self._journal.write("fault", seconds=fault.seconds, **told)
        with contextmanager(self._kinds[fault.do])(fault):
            self._is_over.wait(fault.seconds)
        self._journal.write("fault_over", **told)

    def _killed(self, fault: Fault) -> Iterator[None]:
        number = signal.SIGQUIT if fault.do == QUIT else signal.SIGKILL
        self._supervisor.hold(fault.target)
        self._supervisor.kill(fault.target, number)
        yield
        self._supervisor.release(fault.target)

    def _paused(self, fault: Fault) -> Iterator[None]:
        stopped = self._supervisor.pause(fault.target)
        yield
        self._supervisor.resume(stopped)

    def _out_of_time(self, fault: Fault) -> Iterator[None]:
        """It lives a day later than the others, as after a clock was set wrong."""
        programs = self._topology.programs
        right = programs[fault.target]
        offset = str(int(right.environment[OFFSET]) + 1)
        programs[fault.target] = replace(right, environment={**right.environment, OFFSET: offset})
        self._supervisor.kill(fault.target)
        yield
        programs[fault.target] = right
        self._supervisor.kill(fault.target)

    def _poisoned(self, fault: Fault) -> Iterator[None]:
        try:
            poison.plant(self._topology.platform.rabbit.url, self._journal)
        except AMQPError:
            self._journal.write("left_out", do=fault.do, why="the broker was away")
        yield

    def _without_space(self, fault: Fault) -> Iterator[None]:
        if self._disk is None:
            self._journal.write("left_out", do=fault.do, why="only root can mount a small disk")
            yield
            return
        self._disk.fill()
        yield
        self._journal.write("disk_was_full", statements=self._disk.free())

    def _spoilt(self, fault: Fault) -> Iterator[None]:
        more = {"seconds": LATENCY_SECONDS} if fault.do == LATENCY else {}
        self._wires.order(fault.target, fault.do, **more)
        yield
        heal = "heal_by_reset" if fault.do == HALF_CLOSE else "heal"
        self._wires.order(fault.target, heal)
