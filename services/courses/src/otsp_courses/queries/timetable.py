"""The timetable of an institution: the sessions of a few days, as a wall calendar has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select

from otsp_chassis.db import Reader, row_class
from otsp_chassis.problems import BadParameter
from otsp_chassis.workcalendar import WorkCalendar, kept_calendar
from otsp_contracts.values import FieldError
from otsp_courses.model import CalendarRef, Site, System, TrainingClass
from otsp_courses.queries.beside import as_placed, placed_classes
from otsp_courses.rules.clashes import Placed
from otsp_courses.rules.timetable import clock_of
from otsp_courses.rules.week import Clash, Held, clashes_among, held_between, kind_of_day

MOST_SESSIONS = 5_000
"""More are refused, or one answer could be of any size."""

_TOO_MANY = FieldError(
    "/from", "too_many", "该时间段内的课次过多，请缩短时间段，或按办学点、教师、课程筛选。"
)
_class = TrainingClass.__table__.c


@row_class
class SessionTold:
    """One dated teaching: of which class, where, by whom, and what it clashes with."""

    class_id: UUID
    class_name: str | None
    class_status: str
    course_id: UUID
    course_name: str | None
    host_id: UUID | None
    host_name: str | None
    room_no: str | None
    teacher_ids: list[UUID]
    assistant_ids: list[UUID]
    start: str
    end: str
    minutes: int
    clashes: list[Clash]


@row_class
class DayTold:
    """`kind` is working, weekend, holiday or make_up; null beyond what the calendar knows."""

    date: date
    weekday: int
    kind: str | None
    sessions: list[SessionTold]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the sessions are shown; those left out clash all the same."""

    host_id: UUID | None = None
    teacher_id: UUID | None = None
    course_id: UUID | None = None

    def shows(self, placed: Placed) -> bool:
        return (
            self.host_id in {None, placed.host_id}
            and self.course_id in {None, placed.row.course_id}
            and (self.teacher_id is None or self.teacher_id in placed.row.teacher_ids)
        )


def list_days(
    tx: Reader, institution_id: UUID, *, first: date, last: date, wanted: Wanted
) -> list[DayTold]:
    """Every day from the first to the last; what was cancelled is not held.

    Raises BadParameter for more sessions than MOST_SESSIONS.
    """
    sessions = [
        held
        for placed in _running(tx, institution_id, first=first, last=last)
        for held in held_between(placed, first, last)
    ]
    shown = [index for index, held in enumerate(sessions) if wanted.shows(held.placed)]
    if len(shown) > MOST_SESSIONS:
        raise BadParameter(errors=[_TOO_MANY])
    clashes = clashes_among(sessions, shown)
    names = _names_of_hosts(tx, institution_id)
    by_day: dict[date, list[SessionTold]] = {
        first + timedelta(days=number): [] for number in range((last - first).days + 1)
    }
    for index in sorted(shown, key=lambda each: sessions[each][:3]):
        told = _told(sessions[index], clashes.get(index, ()), names)
        by_day[sessions[index].day].append(told)
    calendar = kept_calendar(tx, CalendarRef)
    return [_day(day, calendar, told) for day, told in by_day.items()]


def _running(tx: Reader, institution_id: UUID, *, first: date, last: date) -> list[Placed]:
    runs = (_class.start_on <= last) & (_class.end_on >= first)
    query = placed_classes(institution_id).where(
        _class.status != "cancelled",
        or_(runs, func.jsonb_array_length(_class.extra_sessions) > 0),
    )
    return [as_placed(tuple(columns)) for columns in tx.execute(query.order_by(_class.class_id))]


def _names_of_hosts(tx: Reader, institution_id: UUID) -> Mapping[UUID, str | None]:
    names: dict[UUID, str | None] = {}
    for key, entity in ((Site.site_id, Site), (System.system_id, System)):
        query = select(key, entity.name).where(entity.institution_id == institution_id)
        names.update((row[0], row[1]) for row in tx.execute(query))
    return names


def _told(held: Held, clashes: Sequence[Clash], names: Mapping[UUID, str | None]) -> SessionTold:
    placed, row = held.placed, held.placed.row
    return SessionTold(
        class_id=row.class_id,
        class_name=row.name,
        class_status=row.status,
        course_id=row.course_id,
        course_name=placed.course_name,
        host_id=placed.host_id,
        host_name=names.get(placed.host_id) if placed.host_id else None,
        room_no=row.room_no,
        teacher_ids=row.teacher_ids,
        assistant_ids=row.assistant_ids,
        start=clock_of(held.start),
        end=clock_of(held.end),
        minutes=held.minutes,
        clashes=list(clashes),
    )


def _day(day: date, calendar: WorkCalendar, sessions: list[SessionTold]) -> DayTold:
    kind = kind_of_day(day, calendar.exceptions) if calendar.covers(day) else None
    return DayTold(day, day.isoweekday(), kind, sessions)
