"""Effective periods of what a region sets: which overlap, and which days a change touches.

A period without an end lasts until the region's next one begins. One with an end does not reach
into another: after its end the region has nothing of its own until the next begins.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Period:
    """The days effective_from <= day < effective_to; no end: open."""

    effective_from: date
    effective_to: date | None = None

    def overlaps(self, other: "Period") -> bool:
        """Whether they share a day."""
        return _starts_before_end(self, other) and _starts_before_end(other, self)

    def covers(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)


def find_conflict(existing: Iterable[Period], new: Period) -> Period | None:
    """The period that the new one would run into; the one of the same first day it replaces.

    An open period is no obstacle: it ends where the new one begins, as the new one, if open, ends
    where the next begins.
    """
    others = [one for one in existing if one.effective_from != new.effective_from]
    for one in sorted(others, key=lambda each: each.effective_from):
        earlier, later = sorted((one, new), key=lambda each: each.effective_from)
        if earlier.effective_to is not None and later.effective_from < earlier.effective_to:
            return one
    return None


def changed_days(existing: Sequence[Period], new: Period, *, is_same: bool) -> Period | None:
    """The days on which something else holds once the new period stands; None for no day.

    `is_same`: the period of the same first day, if there is one, says the same.
    """
    later = [one.effective_from for one in existing if one.effective_from > new.effective_from]
    next_begins = min(later, default=None)
    replaced = next((one for one in existing if one.effective_from == new.effective_from), None)
    if replaced is None:
        return Period(new.effective_from, next_begins)
    before = _earlier_end(replaced.effective_to, next_begins)
    after = _earlier_end(new.effective_to, next_begins)
    if not is_same:
        return Period(new.effective_from, _later_end(before, after))
    if before == after:
        return None
    first = _earlier_end(before, after)
    return None if first is None else Period(first, _later_end(before, after))


def _starts_before_end(one: Period, other: Period) -> bool:
    return other.effective_to is None or one.effective_from < other.effective_to


def _earlier_end(one: date | None, other: date | None) -> date | None:
    ends = [each for each in (one, other) if each is not None]
    return min(ends, default=None)


def _later_end(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)
