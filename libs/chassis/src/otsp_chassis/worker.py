"""The worker process: relay, consumer, retries and jobs of one service, or of several.

A thread that dies takes the process with it, so that whoever supervises it sees and restarts
it; silence would look like health. SIGTERM finishes the batch and the event in hand.
"""

import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apscheduler.schedulers.background import BackgroundScheduler

from otsp_chassis import log
from otsp_chassis.bus import Bus
from otsp_chassis.bus.delivery import spawn_daemon
from otsp_chassis.context import Runtime
from otsp_chassis.inbox import Inbox
from otsp_chassis.jobs import Job, schedule
from otsp_chassis.outbox import Relay

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
        self._ended = threading.Event()
        self._died: str | None = None
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Subscribe, then start everything; returns at once."""
        for each in self._work:
            name = f"{each.runtime.service}.events.q1"
            self._bus.subscribe(name, each.inbox.types, each.inbox.receive)
            schedule(self._scheduler, each.runtime, each.jobs)
        self._bus.start(self._spawn)
        for each, relay in zip(self._work, self._relays, strict=True):
            self._threads += [
                self._spawn(f"relay-{each.runtime.service}", relay.run),
                self._spawn(f"retry-{each.runtime.service}", each.inbox.run_retries),
            ]
        self._scheduler.start()

    def stop(self) -> None:
        """Publish and handle what is in hand, then end every thread."""
        self._scheduler.shutdown(wait=True)
        for relay in self._relays:
            relay.stop()
        for each in self._work:
            each.inbox.stop()
        for thread in self._threads:
            thread.join()
        self._bus.stop()

    def run_until_signalled(self, on_ready: Callable[[], None] = lambda: None) -> int:
        """The process's exit code: 0 after SIGTERM or SIGINT, 1 when a thread died."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._ended.set())
        self.start()
        on_ready()
        _log.info("worker_started", services=[each.runtime.service for each in self._work])
        self._ended.wait()
        if self._died is not None:
            _log.error("worker_thread_died", thread=self._died)
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
                self._ended.set()

        return spawn_daemon(name, watched)
