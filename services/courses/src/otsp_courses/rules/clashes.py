"""When two classes need the same teacher, or the same room, at once; without expanding either."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from otsp_contracts.values import FieldError
from otsp_courses.rules.rows import ClassRow, Room
from otsp_courses.rules.timetable import clock_of, span_of

NEEDS_NOBODY = "online_recorded"
"""A recorded lesson needs its teacher at no time."""

MOST_TOLD = 20
_WEEK = timedelta(days=7)
_WEEKDAYS_ZH = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Placed:
    """A class with what its course says of it."""

    row: ClassRow
    course_name: str | None
    host_id: UUID | None
    delivery: str | None

    @property
    def room(self) -> tuple[UUID, str] | None:
        """A room of a site; online nobody sits anywhere."""
        if self.delivery != "offline" or self.host_id is None or not self.row.room_no:
            return None
        return self.host_id, self.row.room_no


class Meeting(NamedTuple):
    """The first day and time at which both are held."""

    day: date
    start: int
    end: int


class _Weekly(NamedTuple):
    weekday: int
    span: tuple[int, int]


class _Once(NamedTuple):
    day: date
    span: tuple[int, int]


def advise_clashes(placed: Placed, others: list[Placed]) -> Iterator[FieldError]:
    """One word about each teacher and the room, and each other class that wants them too."""
    told = 0
    for other in others:
        meeting = first_meeting(placed.row, other.row)
        if meeting is None:
            continue
        for fault in _shared(placed, other, meeting):
            if told == MOST_TOLD:
                return
            told += 1
            yield fault


def _shared(placed: Placed, other: Placed, meeting: Meeting) -> Iterator[FieldError]:
    named = f"“{other.course_name or '未命名课程'}”的班级“{other.row.name or '未命名'}”"
    when = (
        f"{meeting.day.isoformat()}（周{_WEEKDAYS_ZH[meeting.day.weekday()]}）"
        f"{clock_of(meeting.start)}—{clock_of(meeting.end)}"
    )
    if NEEDS_NOBODY not in {placed.delivery, other.delivery}:
        for index, staff_id in enumerate(placed.row.teacher_ids):
            if staff_id in other.row.teacher_ids:
                detail = f"同一教师授课时间冲突：与{named}自{when}起同时上课，请调整时间或教师。"
                yield FieldError(f"/teacher_ids/{index}", "crs_008", detail)
    if placed.room is not None and placed.room == other.room:
        detail = f"教室被占用：与{named}自{when}起使用同一教室，请调整时间或教室。"
        yield FieldError("/room_no", "room_taken", detail)


def advise_room(row: ClassRow, rooms: list[Room]) -> Iterator[FieldError]:
    """Whether the site has the room and everybody finds a seat; unknown where it lists none."""
    if not rooms or not row.room_no:
        return
    room = next((each for each in rooms if each["room_no"] == row.room_no), None)
    if room is None:
        detail = f"办学点没有登记教室“{row.room_no}”；请更正教室，或先在办学点中登记。"
        yield FieldError("/room_no", "unknown_room", detail)
        return
    seats = room.get("seats")
    if seats is not None and (row.capacity or 0) > seats:
        detail = f"额定人数超过教室“{row.room_no}”的座位数{seats}；请减少人数或更换教室。"
        yield FieldError("/capacity", "over_seats", detail)


def first_meeting(one: ClassRow, other: ClassRow) -> Meeting | None:
    """None while the classes never take place at once; one ending as another starts does not."""
    return min(_meetings(one, other), default=None)


def _meetings(one: ClassRow, other: ClassRow) -> Iterator[Meeting]:
    for weekly in _weekly(one):
        for theirs in _weekly(other):
            span = _overlap(weekly.span, theirs.span)
            day = _common_day(one, other, weekly.weekday)
            if weekly.weekday == theirs.weekday and span and day:
                yield Meeting(day, *span)
    yield from _against_weekly(one, other)
    yield from _against_weekly(other, one)
    for once in _once(one):
        for their in _once(other):
            span = _overlap(once.span, their.span)
            if once.day == their.day and span:
                yield Meeting(once.day, *span)


def _against_weekly(one: ClassRow, other: ClassRow) -> Iterator[Meeting]:
    """Extra sessions of the one against the weekly ones of the other."""
    for once in _once(one):
        if not _runs_on(other, once.day):
            continue
        for weekly in _weekly(other):
            span = _overlap(once.span, weekly.span)
            if weekly.weekday == once.day.isoweekday() and span:
                yield Meeting(once.day, *span)


def _runs_on(row: ClassRow, day: date) -> bool:
    if row.start_on is None or row.end_on is None:
        return False
    return row.start_on <= day <= row.end_on and day not in row.skip_dates


def _common_day(one: ClassRow, other: ClassRow, weekday: int) -> date | None:
    """The first such weekday on which both run and neither pauses."""
    if None in {one.start_on, one.end_on, other.start_on, other.end_on}:
        return None
    first = max(each for each in (one.start_on, other.start_on) if each)
    last = min(each for each in (one.end_on, other.end_on) if each)
    paused = {*one.skip_dates, *other.skip_dates}
    day = first + timedelta(days=(weekday - first.isoweekday()) % 7)
    while day in paused:
        day += _WEEK
    return day if day <= last else None


def _weekly(row: ClassRow) -> Iterator[_Weekly]:
    for slot in row.slots:
        weekday, span = slot.get("weekday"), span_of(slot)
        if weekday is not None and span is not None:
            yield _Weekly(weekday, span)


def _once(row: ClassRow) -> Iterator[_Once]:
    for extra in row.extra_sessions:
        day, span = extra.get("date"), span_of(extra)
        if day is not None and span is not None:
            yield _Once(date.fromisoformat(day), span)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int] | None:
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return (start, end) if start < end else None
