"""When is taught, and how many are in it: classes."""

from dataclasses import dataclass
from uuid import UUID

from otsp_chassis.db import Reader
from otsp_chassis.page import Page, make_page
from otsp_chassis.problems import NotFound
from otsp_contracts.values import FieldError
from otsp_courses.model import TrainingClass
from otsp_courses.queries.courses import course_row
from otsp_courses.queries.institutions import find_institution
from otsp_courses.queries.selection import live_rows, one_page, widened
from otsp_courses.rules.advice import advise_class, size_band
from otsp_courses.rules.rows import ClassRow, CourseRow, InstitutionRef


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
    return _told(ClassRow(*row), course, find_institution(tx, institution_id))


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
    institution = find_institution(tx, institution_id)
    told = [_told(ClassRow(*row), course, institution) for row in rows]
    return make_page(told, limit, key=lambda each: [each.class_id])


def _told(row: ClassRow, course: CourseRow, institution: InstitutionRef | None) -> ClassTold:
    warnings = list(advise_class(row, course, institution))
    return widened(row, ClassTold, size_band=size_band(row.capacity), warnings=warnings)
