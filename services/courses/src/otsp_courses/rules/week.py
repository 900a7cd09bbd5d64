"""The dated sessions of a span of days, and which of them want the same teacher or room."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from otsp_contracts.values import FieldError
from otsp_courses.rules.clashes import NEEDS_NOBODY, Placed
from otsp_courses.rules.rows import Teaching
from otsp_courses.rules.timetable import span_of

MOST_DAYS = 31
_FRIDAY = 5
_MOST_PAIRS = 20


class Held(NamedTuple):
    """One dated teaching of a class; times are minutes after midnight."""

    day: date
    start: int
    end: int
    minutes: int
    placed: Placed


@dataclass(frozen=True, slots=True)
class Clash:
    """What a session shares with one of another class: `kind` is teacher or room."""

    kind: str
    class_id: UUID
    staff_id: UUID | None


class _Need(NamedTuple):
    """What only one class can have at a time."""

    kind: str
    day: date
    staff_id: UUID | None
    room: tuple[UUID, str] | None


def span_of_days(
    week: str | None, first: str | None, last: str | None, *, today: date
) -> tuple[date, date] | FieldError:
    """An ISO week such as 2026-W10, or the days from the first to the last; else this week."""
    if first is None and last is None:
        try:
            monday = date.fromisoformat(week or _week_of(today))
        except ValueError:
            return FieldError("/week", "no_week", "该年没有这一周，请按“2026-W10”填写周次。")
        return monday, monday + timedelta(days=6)
    if week is not None or first is None or last is None:
        detail = "请只填写周次，或同时填写起止日期。"
        return FieldError("/week" if week else "/from", "ambiguous", detail)
    span = date.fromisoformat(first), date.fromisoformat(last)
    if not 0 <= (span[1] - span[0]).days < MOST_DAYS:
        detail = f"截止日期不能早于起始日期，且一次最多查询{MOST_DAYS}天。"
        return FieldError("/to", "out_of_range", detail)
    return span


def _week_of(day: date) -> str:
    year, number, _ = day.isocalendar()
    return f"{year:04d}-W{number:02d}"


def held_between(placed: Placed, first: date, last: date) -> Iterator[Held]:
    """Slots less days without teaching, plus extra sessions; what is not entered whole is not."""
    row = placed.row
    if row.start_on is not None and row.end_on is not None:
        for day in _days(max(first, row.start_on), min(last, row.end_on)):
            if day not in row.skip_dates:
                for slot in row.slots:
                    if slot.get("weekday") == day.isoweekday():
                        yield from _held(placed, day, slot)
    for extra in row.extra_sessions:
        on = extra.get("date")
        if on is not None and first <= date.fromisoformat(on) <= last:
            yield from _held(placed, date.fromisoformat(on), extra)


def clashes_among(sessions: Sequence[Held], shown: Sequence[int]) -> Mapping[int, list[Clash]]:
    """By the index of a shown session, other classes that want its teacher or room meanwhile.

    Of very many at once each is told a few: the cost grows with the sessions, not with the pairs.
    """
    wanted = {need for index in shown for need in _needs(sessions[index])}
    by_need: dict[_Need, list[int]] = defaultdict(list)
    for index, held in enumerate(sessions):
        for need in _needs(held):
            if need in wanted:
                by_need[need].append(index)
    found: dict[int, list[Clash]] = defaultdict(list)
    for need, wanting in by_need.items():
        for one, other in _overlapping(sessions, wanting):
            for index, against in ((one, other), (other, one)):
                class_id = sessions[against].placed.row.class_id
                found[index].append(Clash(need.kind, class_id, need.staff_id))
    return found


def kind_of_day(day: date, exceptions: Mapping[date, bool]) -> str:
    """`exceptions` are the days that are not what their weekday says: true for working ones."""
    is_weekday = day.isoweekday() <= _FRIDAY
    is_working = exceptions.get(day, is_weekday)
    if is_weekday:
        return "working" if is_working else "holiday"
    return "make_up" if is_working else "weekend"


def _needs(held: Held) -> Iterator[_Need]:
    if held.placed.delivery != NEEDS_NOBODY:
        for staff_id in held.placed.row.teacher_ids:
            yield _Need("teacher", held.day, staff_id, None)
    if held.placed.room is not None:
        yield _Need("room", held.day, None, held.placed.room)


def _overlapping(sessions: Sequence[Held], wanting: list[int]) -> Iterator[tuple[int, int]]:
    """Pairs of different classes; one that ends as another starts does not overlap it."""
    wanting.sort(key=lambda index: (sessions[index].start, sessions[index].end))
    for place, one in enumerate(wanting):
        for other in wanting[place + 1 : place + 1 + _MOST_PAIRS]:
            if sessions[other].start >= sessions[one].end:
                break
            if sessions[one].placed.row.class_id != sessions[other].placed.row.class_id:
                yield one, other


def _held(placed: Placed, day: date, teaching: Teaching) -> Iterator[Held]:
    span = span_of(teaching)
    if span is not None:
        minutes = (teaching.get("lessons") or 0) * (teaching.get("lesson_minutes") or 0)
        yield Held(day, *span, minutes, placed)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
