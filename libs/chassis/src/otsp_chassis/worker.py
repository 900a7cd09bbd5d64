"""The worker process: relay, consumer, retries and jobs of one service, or of several.

A thread that dies takes the process with it, so that whoever supervises it sees and restarts
it; silence would look like health. SIGTERM finishes the batch and the event in hand.
"""

import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler

from otsp_chassis import log, tracing
from otsp_chassis.bus import Bus
from otsp_chassis.bus.delivery import spawn_daemon
from otsp_chassis.context import Runtime
from otsp_chassis.inbox import Inbox
from otsp_chassis.jobs import Job, schedule
from otsp_chassis.outbox import Relay

RELAY_SECONDS = 5.0
_log = log.get_logger()


@dataclass(frozen=True, slots=True)
class ServiceWork:
    """The background half of one service."""

    runtime: Runtime
    inbox: Inbox
    jobs: list[Job]


class Worker:
    """Runs the background halves over one bus until told to stop."""

    def __init__(self, bus: Bus, work: Sequence[ServiceWork]) -> None:
        self._bus = bus
        self._work = work
        self._relays = [Relay(each.runtime, bus) for each in work]
        self._scheduler = BackgroundScheduler(timezone="Asia/Shanghai")
        self._ring: Callable[[], object] = lambda: None
        self._died: str | None = None
        self._relaying: list[threading.Thread] = []
        self._retries: list[threading.Thread] = []

    def start(self) -> None:
        """Subscribe, then start everything; returns at once."""
        for each in self._work:
            name = f"{each.runtime.service}.events.q1"
            self._bus.subscribe(name, each.inbox.types, each.inbox.receive)
            schedule(self._scheduler, each.runtime, each.jobs)
        self._bus.start(self._spawn)
        for each, relay in zip(self._work, self._relays, strict=True):
            service, retry = each.runtime.service, each.inbox.run_retries
            self._relaying.append(self._spawn(f"relay-{service}", relay.run))
            self._retries.append(self._spawn(f"retry-{service}", retry))
        self._scheduler.start()

    def stop(self) -> None:
        """Publish and handle what is in hand, then end every thread.

        Whatever a handler takes is waited for. A relay is not, once its bus has gone silent: what
        it holds stays in the outbox.
        """
        self._scheduler.shutdown(wait=True)
        for relay in self._relays:
            relay.stop()
        for each in self._work:
            each.inbox.stop()
        for thread in self._retries:
            thread.join()
        for thread in self._relaying:
            thread.join(RELAY_SECONDS)
        self._bus.stop()

    def run_until_signalled(self, on_ready: Callable[[], None] = lambda: None) -> int:
        """The process's exit code: 0 after SIGTERM or SIGINT, 1 when a thread died."""
        tracing.begin(self._work[0].runtime.settings)
        try:
            return self._run_until_signalled(on_ready)
        finally:
            tracing.end()

    def _run_until_signalled(self, on_ready: Callable[[], None]) -> int:
        with _bell() as (ring, await_ring):
            self._ring = ring
            self.start()
            on_ready()
            _log.info("worker_started", services=[each.runtime.service for each in self._work])
            await_ring()
            self._ring = lambda: None
        if self._died is not None:
            _log.error("worker_thread_died", thread=self._died)
            self._scheduler.shutdown(wait=False)
            return 1
        _log.info("worker_stopping")
        self.stop()
        _log.info("worker_stopped")
        return 0

    def _spawn(self, name: str, target: Callable[[], None]) -> threading.Thread:
        def watched() -> None:
            try:
                target()
            except BaseException as error:  # noqa: BLE001 - logged, and the process ends
                _log.error("thread_died", thread=name, exc_info=error)
                self._died = name
                self._ring()

        return spawn_daemon(name, watched)


@contextmanager
def _bell() -> Iterator[tuple[Callable[[], object], Callable[[], object]]]:
    """Rung by any thread and by SIGTERM and SIGINT; awaited by the main thread.

    Python runs a signal's handler when the main thread wakes, and does not wake it from a lock
    when the signal came a moment before or to another thread: a worker told to stop just as it
    got ready would wait for ever. The wakeup descriptor is written in any case.
    """
    inside, outside = socket.socketpair()
    with inside, outside:
        outside.setblocking(False)
        signal.set_wakeup_fd(outside.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _heard)
        try:
            yield lambda: outside.send(b"\0"), lambda: inside.recv(1)
        finally:
            signal.set_wakeup_fd(-1)


def _heard(_number: int, _frame: FrameType | None) -> None:
    """Nothing to do: the wakeup descriptor is written by having a handler at all."""
