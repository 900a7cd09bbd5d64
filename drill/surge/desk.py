"""Reviewers who decide as fast as cases come: the same people and requests as in the drill."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from drill.reviewer import APPROVED, CASES, TASKS, Json, Reviewer

RETURNED = "return"


@dataclass(slots=True, kw_only=True)
class Desk(Reviewer):
    """One of several at which the same reviewer works; each has a share of the cases of its own."""

    number: int
    of: int
    is_stopped: threading.Event
    """Once nothing is left to decide; the load may have been closed long before."""
    free: Callable[[str], None]
    """Told of each institution that may file again."""

    def live(self) -> None:
        while not self.is_stopped.wait(self.between_seconds):
            while self._round():
                pass

    def _round(self) -> int:
        """How much was done."""
        cases = self._mine(f"{CASES}?state=open&kind=compliance&limit=50", "case_id")
        for case in cases:
            if self._review(case) not in (APPROVED, RETURNED):
                self.free(str(case["institution_id"]))
        tasks = self._mine(f"{TASKS}?status=open&limit=50", "rectification_id")
        for task in tasks:
            self._waive(task)
            self.free(str(task["institution_id"]))
        return 0 if self.is_stopped.is_set() else len(cases) + len(tasks)

    def _mine(self, path: str, key: str) -> list[Json]:
        rows = self.client.get(path).body["items"]
        return [row for row in rows if int(str(row[key])[-6:], 16) % self.of == self.number]
