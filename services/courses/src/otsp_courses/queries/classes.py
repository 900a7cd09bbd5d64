"""When is taught, and how many are in it: classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from otsp_chassis.db import Reader
from otsp_chassis.page import Page, make_page
from otsp_chassis.problems import NotFound
from otsp_contracts.values import FieldError
from otsp_courses.model import TrainingClass
from otsp_courses.queries.copies import find_people
from otsp_courses.queries.courses import course_row
from otsp_courses.queries.institutions import find_institution
from otsp_courses.queries.selection import live_rows, one_page, widened
from otsp_courses.rules.advice import advise_class, size_band
from otsp_courses.rules.references import unfit_people
from otsp_courses.rules.rows import ClassRow, CourseRow
from otsp_courses.rules.states import OVER


@dataclass(frozen=True, slots=True)
class ClassTold(ClassRow):
    """A class as it is told."""

    size_band: str | None
    warnings: list[FieldError]


def get_class(tx: Reader, institution_id: UUID, course_id: UUID, *, class_id: UUID) -> ClassTold:
    course = course_row(tx, institution_id, course_id)
    query = live_rows(TrainingClass, ClassRow, institution_id)
    row = tx.execute(
        query.where(TrainingClass.class_id == class_id, TrainingClass.course_id == course_id)
    ).first()
    if row is None:
        raise NotFound
    [told] = _told(tx, institution_id, [ClassRow(*row)], courses={course_id: course})
    return told


def list_classes(
    tx: Reader,
    institution_id: UUID,
    course_id: UUID,
    *,
    status: str | None,
    cursor: str | None,
    limit: int,
) -> Page[ClassTold]:
    course = course_row(tx, institution_id, course_id)
    query = live_rows(TrainingClass, ClassRow, institution_id).where(
        TrainingClass.course_id == course_id
    )
    if status is not None:
        query = query.where(TrainingClass.status == status)
    page = one_page(query, TrainingClass.class_id, cursor=cursor, limit=limit)
    rows = tx.execute(page).all()
    of_page = [ClassRow(*row) for row in rows]
    told = _told(tx, institution_id, of_page, courses={course_id: course})
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
