"""When is taught, and how many are in it: classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.page import Page, make_page
from otsp_chassis.problems import NotFound
from otsp_chassis.search import matching
from otsp_contracts.values import FieldError
from otsp_courses.model import Course, TrainingClass
from otsp_courses.queries.beside import classes_beside, rest_exceptions, rooms_of
from otsp_courses.queries.copies import find_people
from otsp_courses.queries.courses import COURSES
from otsp_courses.queries.institutions import find_institution
from otsp_courses.queries.listing import Listing, widened
from otsp_courses.rules.advice import advise_class, size_band
from otsp_courses.rules.clashes import Placed, advise_clashes, advise_room
from otsp_courses.rules.references import unfit_people
from otsp_courses.rules.rest_days import advise_rest_days, is_restricted
from otsp_courses.rules.rows import ClassRow, CourseRow
from otsp_courses.rules.states import OVER


@dataclass(frozen=True, slots=True)
class ClassTold(ClassRow):
    """A class as it is told."""

    size_band: str | None
    warnings: list[FieldError]


CLASSES = Listing(
    TrainingClass,
    ClassRow,
    key="class_id",
    by={
        "status": lambda status: TrainingClass.status == status,
        "course_id": lambda course_id: TrainingClass.course_id == UUID(course_id),
        "teacher_id": lambda staff_id: TrainingClass.teacher_ids.contains([UUID(staff_id)]),
        "host_id": lambda host_id: TrainingClass.course_id.in_(
            select(Course.course_id).where(Course.host_id == UUID(host_id))
        ),
        "q": lambda q: matching(TrainingClass.__table__.c, q),
    },
)


def get_class(tx: Reader, institution_id: UUID, course_id: UUID, *, class_id: UUID) -> ClassTold:
    """With what can be said of one class only by looking at others, and at the calendar."""
    course = COURSES.one(tx, institution_id, course_id)
    row = CLASSES.one(tx, institution_id, class_id)
    if row.course_id != course_id:
        raise NotFound
    [told] = _told(tx, institution_id, [row], courses={course_id: course})
    if row.status in OVER:
        return told
    placed = Placed(row, course.name, course.host_id, course.delivery)
    found = [
        *advise_clashes(placed, classes_beside(tx, institution_id, placed)),
        *advise_room(row, rooms_of(tx, course.host_id)),
    ]
    if is_restricted(course):
        found += advise_rest_days(row, course, rest_exceptions(tx))
    return replace(told, warnings=[*told.warnings, *found])


def list_classes(
    tx: Reader,
    institution_id: UUID,
    *,
    filters: Mapping[str, str],
    cursor: str | None,
    limit: int,
) -> Page[ClassTold]:
    """Of the whole institution; clashes are told of one class at a time."""
    rows = CLASSES.page(tx, institution_id, filters=filters, cursor=cursor, limit=limit)
    courses = COURSES.some(tx, institution_id, {row.course_id for row in rows})
    told = _told(tx, institution_id, rows, courses=courses)
    return make_page(told, limit, key=lambda each: [each.class_id])


def _told(
    tx: Reader,
    institution_id: UUID,
    rows: Sequence[ClassRow],
    *,
    courses: Mapping[UUID, CourseRow],
) -> list[ClassTold]:
    institution = find_institution(tx, institution_id)
    named = (each for row in rows for each in (*row.teacher_ids, *row.assistant_ids))
    people = find_people(tx, institution_id, named)
    told = []
    for row in rows:
        warnings = list(advise_class(row, courses[row.course_id], institution))
        if row.status not in OVER:
            warnings += unfit_people(row, people)
        told.append(widened(row, ClassTold, size_band=size_band(row.capacity), warnings=warnings))
    return told
