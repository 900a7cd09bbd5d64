"""Times within a day: when a teaching ends, which teachings of a day are held at once."""

from collections.abc import Hashable, Iterable, Iterator
from itertools import pairwise

from otsp_courses.rules.rows import Teaching

MIDNIGHT = 24 * 60


def minute_of(clock: str) -> int:
    """Minutes after midnight of a time such as "18:30"."""
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def clock_of(minute: int) -> str:
    """The inverse of `minute_of`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def span_of(teaching: Teaching) -> tuple[int, int] | None:
    """First and last minute of a teaching; None while it is not entered whole.

    The end is start + n·lesson + (n-1)·break; a single lesson needs no break.
    """
    start, lessons = teaching.get("start"), teaching.get("lessons")
    minutes, pause = teaching.get("lesson_minutes"), teaching.get("break_minutes")
    if lessons is not None and lessons <= 1:
        pause = 0
    if start is None or lessons is None or minutes is None or pause is None:
        return None
    first = minute_of(start)
    return first, first + lessons * minutes + max(lessons - 1, 0) * pause


def overlapping(placed: Iterable[tuple[Hashable, int, tuple[int, int]]]) -> Iterator[int]:
    """Indexes of teachings that begin before an earlier one of the same day is over.

    Each item is (day, index, span). A teaching that takes no time overlaps nothing.
    """
    by_day: dict[Hashable, list[tuple[int, int, int]]] = {}
    for day, index, (start, end) in placed:
        if end > start:
            by_day.setdefault(day, []).append((start, end, index))
    for spans in by_day.values():
        spans.sort()
        latest = 0
        for (_, end, _), (start, _, index) in pairwise(spans):
            latest = max(latest, end)
            if start < latest:
                yield index
