"""What else goes on while a class is held: other classes of its teachers and in its room."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from otsp_chassis.db import Reader
from otsp_chassis.workcalendar import kept_calendar
from otsp_courses.model import CalendarRef, Course, Site, TrainingClass
from otsp_courses.rules.clashes import NEEDS_NOBODY, Placed
from otsp_courses.rules.rows import ClassRow, Room
from otsp_courses.rules.states import OVER

_MOST = 500
"""More classes of one teacher or room at a time are no timetable."""

_class = TrainingClass.__table__.c
_course = Course.__table__.c
_CLASS = [_class[field.name] for field in fields(ClassRow)]


def placed_classes(institution_id: UUID) -> Select[Any]:
    """The institution's classes with what their courses say of them: see `as_placed`."""
    return (
        select(*_CLASS, _course.name.label("course_name"), _course.host_id, _course.delivery)
        .join(Course, _course.course_id == _class.course_id)
        .where(_class.institution_id == institution_id, _class.deleted_at.is_(None))
    )


def as_placed(columns: tuple[Any, ...]) -> Placed:
    *own, course_name, host_id, delivery = columns
    return Placed(ClassRow(*own), course_name, host_id, delivery)


def classes_beside(tx: Reader, institution_id: UUID, placed: Placed) -> list[Placed]:
    """Open classes that share a teacher or the room and run meanwhile: few, found by indexes."""
    shared: list[ColumnElement[bool]] = []
    if placed.row.teacher_ids and placed.delivery != NEEDS_NOBODY:
        shared.append(_class.teacher_ids.overlap(placed.row.teacher_ids))
    if placed.room is not None:
        host_id, room_no = placed.room
        shared.append((_class.room_no == room_no) & (_course.host_id == host_id))
    if not shared:
        return []
    found: dict[UUID, Placed] = {}
    for condition in shared:  # one after the other: an index serves either, none both
        query = placed_classes(institution_id).where(condition, *_meanwhile(placed.row))
        for columns in tx.execute(query.order_by(_class.class_id).limit(_MOST)):
            other = as_placed(tuple(columns))
            found[other.row.class_id] = other
    return [found[class_id] for class_id in sorted(found)]


def rooms_of(tx: Reader, host_id: UUID | None) -> list[Room]:
    """None of a system."""
    if host_id is None:
        return []
    rooms: list[Room] | None = tx.execute(
        select(Site.rooms).where(Site.site_id == host_id)
    ).scalar()
    return rooms or []


def rest_exceptions(tx: Reader) -> Mapping[date, bool]:
    """Days that are not what their weekday says: true for working ones."""
    return kept_calendar(tx, CalendarRef).exceptions


def _meanwhile(row: ClassRow) -> list[ColumnElement[bool]]:
    """Not over, another one; by its dates, or by extra sessions that may lie beyond them."""
    conditions = [_class.class_id != row.class_id, _class.status.not_in(OVER)]
    if row.start_on is None or row.end_on is None or row.extra_sessions:
        return conditions
    runs = (_class.start_on <= row.end_on) & (_class.end_on >= row.start_on)
    return [*conditions, or_(runs, func.jsonb_array_length(_class.extra_sessions) > 0)]
