"""Submissions at planned moments, whatever becomes of those before: an open loop.

Who cannot be served at once is late, and the lateness counts: everything is measured from the
moment that was planned, which the journal has for each submission.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from drill.client import Client, Command, Over
from drill.resident import ACCEPTED, APPLICATIONS
from drill.town import Resident

AT_ONCE = 48
"""Requests under way at most; who comes when all are waits, and is late."""
LOGINS_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Applicant:
    """An institution with its session."""

    person: Resident
    client: Client


class Town:
    """Who may file now; who has waited longest is next."""

    def __init__(self) -> None:
        self._free: deque[Applicant] = deque()
        self._busy: dict[str, Applicant] = {}
        self._changed = threading.Condition()
        self._is_closed = False
        self.was_empty = 0
        """How often nobody was free when somebody was due."""

    def settle(self, applicant: Applicant) -> None:
        with self._changed:
            self._free.append(applicant)
            self._changed.notify()

    def close(self) -> None:
        """Whoever waits for somebody to be free has waited in vain."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def take(self) -> Applicant:
        with self._changed:
            self.was_empty += not self._free
            while not self._free:
                if self._is_closed:
                    raise Over
                self._changed.wait()
            applicant = self._free.popleft()
            self._busy[str(applicant.person.institution_id)] = applicant
            return applicant

    def free(self, institution_id: str) -> None:
        """It may file again."""
        with self._changed:
            applicant = self._busy.pop(institution_id, None)
            if applicant is not None:
                self._free.append(applicant)
                self._changed.notify()


@dataclass(frozen=True, slots=True)
class Plan:
    """So many a second, evenly, for so long."""

    rate: float
    seconds: float

    @property
    def count(self) -> int:
        return round(self.rate * self.seconds)

    def due(self, number: int) -> float:
        """In seconds from the beginning."""
        return number / self.rate


class Arrivals:
    """A thread that keeps the time, and others that file."""

    def __init__(self, plan: Plan, town: Town, *, is_over: threading.Event) -> None:
        self._plan, self._town, self._is_over = plan, town, is_over
        self._due: deque[float] = deque()
        self._came = threading.Semaphore(0)
        self._guard = threading.Lock()
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(AT_ONCE)]

    def run(self) -> None:
        """Return when the last was due; some may not have been served."""
        for thread in self._threads:
            thread.start()
        begun, begun_at = time.monotonic(), time.time()
        for number in range(self._plan.count):
            due = self._plan.due(number)
            if self._is_over.wait(max(begun + due - time.monotonic(), 0)):
                return
            self._due.append(begun_at + due)
            self._came.release()

    def finish(self, seconds: float) -> None:
        """Wait until all that was due was served, or for so long; the others never file."""
        for _ in self._threads:
            self._came.release()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))
        self._due.clear()
        self._town.close()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while True:
            self._came.acquire()
            with self._guard:
                if not self._due:
                    return
                planned_at = self._due.popleft()
            try:
                file(self._town.take(), planned_at, free=self._town.free)
            except Over:
                return


def file(applicant: Applicant, planned_at: float, *, free: Callable[[str], None]) -> None:
    """One submission. Who is refused may try again another time."""
    institution_id = str(applicant.person.institution_id)
    facts = {"institution_id": institution_id, "shows": {}, "planned_at": planned_at}
    body = {"institution_id": institution_id, "kind": "initial"}
    answer = applicant.client.perform(
        Command("file", "POST", APPLICATIONS, body, told=("application_id",), facts=facts)
    )
    if answer.status != ACCEPTED:
        free(institution_id)
