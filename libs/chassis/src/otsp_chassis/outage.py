"""Something that is away and looked for again and again: told, but not at every look.

A line a second from every worker buries what a person on call is looking for.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from otsp_chassis import log

FIRST_PAUSE_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 600.0
_log = log.get_logger()
Fact = Any


class Outage:
    """Logs `lost` at once, then after 10 s, 20 s, 40 s and so on, and `back` when it is over."""

    def __init__(
        self, lost: str, back: str, *, tick: Callable[[], float] = time.monotonic, **facts: Fact
    ) -> None:
        self._lost = lost
        self._back = back
        self._tick = tick
        self._facts = facts
        self._guard = threading.Lock()
        self._attempts = 0
        self._since = self._told_at = self._pause = 0.0

    def lasts(self, **facts: Fact) -> None:
        """It was looked for in vain; `facts` say how."""
        with self._guard:
            now = self._tick()
            self._attempts += 1
            if self._attempts == 1:
                self._since, self._pause = now, FIRST_PAUSE_SECONDS
            elif now < self._told_at + self._pause:
                return
            else:
                self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
            self._told_at = now
            told = self._facts | facts
            _log.warning(self._lost, **told, attempts=self._attempts, seconds=self._elapsed(now))

    def is_over(self) -> None:
        """It is there, perhaps as ever."""
        if not self._attempts:
            return
        with self._guard:
            seconds = self._elapsed(self._tick())
            attempts, self._attempts = self._attempts, 0
        _log.info(self._back, **self._facts, attempts=attempts, seconds=seconds)

    def _elapsed(self, now: float) -> int:
        return round(now - self._since)
