"""What a person sees while something takes its time: progress on stderr, with elapsed seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class StepFailed(Exception):
    """A step did not work; the text says what failed, where the log is, what to do."""


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


@contextmanager
def step(text: str) -> Iterator[None]:
    """Announce a step, then complete its line with the time it took."""
    begun = time.monotonic()
    sys.stderr.write(f"{text} … ")
    sys.stderr.flush()
    outcome = "failed after "
    try:
        yield
        outcome = ""
    finally:
        say(f"{outcome}{time.monotonic() - begun:.1f} s")
