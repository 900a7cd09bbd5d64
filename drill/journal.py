"""The drill's own record of what was asked and what was told: lines of JSON, only ever added.

A line is on its way to the disk before the request leaves and before its answer is acted upon.
"""

import json
import secrets
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Journal:
    """`t` of a line is in seconds since the journal was begun."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._begun = time.monotonic()
        self._lines = file.open("a", encoding="utf-8")
        self._one_at_a_time = threading.Lock()
        self.keys = f"drill-{secrets.token_hex(4)}-"
        """How the keys of this drill begin."""
        self.planted: list[str] = []
        """Ids of events that nobody can handle."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lines.close()

    @property
    def now(self) -> float:
        return time.monotonic() - self._begun

    def write(self, event: str, **facts: Any) -> None:  # noqa: ANN401 - whatever JSON can tell
        line = {"t": round(self.now, 3), "event": event} | facts
        with self._one_at_a_time:
            self._lines.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._lines.flush()
