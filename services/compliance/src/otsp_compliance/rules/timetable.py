"""Dated sessions of classes, and sweeps over them: the most pupils at once, double bookings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from otsp_compliance.rules.outcome import MissingData, need
from otsp_contracts.snapshots import ClassFacts, CourseFacts, ExtraSession, Slot

LONGEST_CLASS: Final = timedelta(days=3 * 366)
"""A class that runs longer is a slip of the pen; expanding it would cost memory without end."""

_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenClass:
    """A class that still takes or may take place, with its course and both their places."""

    facts: ClassFacts
    course: CourseFacts
    pointer: str
    course_pointer: str

    def of_course(self, field: str) -> str:
        """The pointer to a field of the class's course."""
        return f"{self.course_pointer}/{field}"


class Session(NamedTuple):
    """One dated teaching; times are minutes after midnight, the break is the one between lessons.

    Ordered by day and time.
    """

    day: date
    start: int
    end: int
    lessons: int
    lesson_minutes: int
    break_minutes: int
    class_id: str


def minute_of(clock: str) -> int:
    """Minutes after midnight of a time such as "18:30"."""
    return int(clock[:2]) * 60 + int(clock[3:])


def clock_of(minute: int) -> str:
    """Minutes after midnight as "18:30"; beyond midnight the hours go on counting."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def expand(a_class: ClassFacts) -> tuple[Session, ...]:
    """All sessions of a class: slots less skip_dates plus extra_sessions, ordered by time.

    Raises MissingData, relative to the class, for a class whose timetable is not whole.
    """
    sessions: list[Session] = []
    skipped = frozenset(a_class.skip_dates)
    if a_class.slots:
        first = need(a_class.start_on, "start_on")
        last = need(a_class.end_on, "end_on")
        if last - first > LONGEST_CLASS:
            raise MissingData("end_on")
        for number, slot in enumerate(a_class.slots):
            times = _times(slot, f"slots/{number}")
            weekday = need(slot.weekday, f"slots/{number}/weekday")
            sessions.extend(
                Session(day, *times, a_class.class_id)
                for day in _weekly(first, last, weekday)
                if day not in skipped
            )
    elif not a_class.extra_sessions:
        raise MissingData("slots")
    for number, extra in enumerate(a_class.extra_sessions):
        day = need(extra.date, f"extra_sessions/{number}/date")
        times = _times(extra, f"extra_sessions/{number}")
        sessions.append(Session(day, *times, a_class.class_id))
    sessions.sort()
    return tuple(sessions)


def _weekly(first: date, last: date, weekday: int) -> Iterator[date]:
    day = first + timedelta(days=(weekday - first.isoweekday()) % 7)
    while day <= last:
        yield day
        day += _WEEK


def _times(teaching: Slot | ExtraSession, pointer: str) -> tuple[int, int, int, int, int]:
    start = minute_of(need(teaching.start, f"{pointer}/start"))
    lessons = need(teaching.lessons, f"{pointer}/lessons")
    minutes = need(teaching.lesson_minutes, f"{pointer}/lesson_minutes")
    # A single lesson has no break in it: then an empty field says nothing.
    pause = 0 if lessons <= 1 else need(teaching.break_minutes, f"{pointer}/break_minutes")
    end = start + lessons * minutes + max(lessons - 1, 0) * pause
    return start, end, lessons, minutes, pause


def most_at_once(sessions: Iterable[tuple[Session, int]]) -> int:
    """The largest sum of heads over sessions that overlap; one ending as another starts does not.

    Sessions that last no time count nothing.
    """
    changes: dict[tuple[date, int], int] = defaultdict(int)
    for session, heads in sessions:
        changes[session.day, session.start] += heads
        changes[session.day, session.end] -= heads
    present = most = 0
    for moment in sorted(changes):
        present += changes[moment]
        most = max(most, present)
    return most


def double_bookings(by_person: Mapping[str, list[Session]]) -> dict[str, tuple[str, ...]]:
    """For each person who is needed in two places at once, the classes concerned."""
    clashes: dict[str, tuple[str, ...]] = {}
    for person, sessions in by_person.items():
        classes: dict[str, None] = {}
        running: Session | None = None
        for session in sorted(sessions):
            overlaps = running is not None and (
                session.day == running.day and session.start < running.end
            )
            if overlaps and running is not None:
                classes[running.class_id] = classes[session.class_id] = None
            if running is None or not overlaps or session.end > running.end:
                running = session
        if classes:
            clashes[person] = tuple(classes)
    return clashes
