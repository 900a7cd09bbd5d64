"""What is taught: courses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.page import Page, make_page
from otsp_chassis.search import matching
from otsp_contracts.values import FieldError
from otsp_courses.model import Course, TrainingClass
from otsp_courses.queries.copies import find_fee_items, find_materials
from otsp_courses.queries.institutions import find_institution
from otsp_courses.queries.listing import Listing, widened
from otsp_courses.rules.advice import advise_course
from otsp_courses.rules.references import unfit_fee_item, unfit_materials
from otsp_courses.rules.required import empty_required
from otsp_courses.rules.rows import CourseRow


@dataclass(frozen=True, slots=True)
class CourseTold(CourseRow):
    """A course as it is told."""

    warnings: list[FieldError]


COURSES = Listing(
    Course,
    CourseRow,
    key="course_id",
    by={
        "status": lambda status: Course.status == status,
        "host_id": lambda host_id: Course.host_id == UUID(host_id),
        "category": lambda category: Course.category == category,
        "delivery": lambda delivery: Course.delivery == delivery,
        "stage": lambda stage: Course.stage == stage,
        "q": lambda q: matching(Course.__table__.c, q),
    },
)


def get_course(tx: Reader, institution_id: UUID, course_id: UUID) -> CourseTold:
    """Raises NotFound for another institution's course too."""
    [told] = _told(tx, institution_id, [COURSES.one(tx, institution_id, course_id)])
    return told


def list_courses(
    tx: Reader,
    institution_id: UUID,
    *,
    filters: Mapping[str, str],
    cursor: str | None,
    limit: int,
) -> Page[CourseTold]:
    rows = COURSES.page(tx, institution_id, filters=filters, cursor=cursor, limit=limit)
    told = _told(tx, institution_id, rows)
    return make_page(told, limit, key=lambda course: [course.course_id])


def find_hosted(tx: Reader, institution_id: UUID, host_id: UUID) -> UUID | None:
    """A course that is held there and not closed, if there is one."""
    query = select(Course.course_id).where(
        Course.institution_id == institution_id,
        Course.host_id == host_id,
        Course.status != "closed",
        Course.deleted_at.is_(None),
    )
    return tx.scalar(query.order_by(Course.course_id).limit(1))


def find_class_of(
    tx: Reader, course_id: UUID, statuses: frozenset[str] | None = None
) -> UUID | None:
    """A class of the course, in one of the states if these are named, if there is one."""
    query = select(TrainingClass.class_id).where(
        TrainingClass.course_id == course_id, TrainingClass.deleted_at.is_(None)
    )
    if statuses is not None:
        query = query.where(TrainingClass.status.in_(statuses))
    return tx.scalar(query.order_by(TrainingClass.class_id).limit(1))


def _told(tx: Reader, institution_id: UUID, rows: Sequence[CourseRow]) -> list[CourseTold]:
    institution = find_institution(tx, institution_id)
    named = (each for row in rows for each in row.material_ids)
    materials = find_materials(tx, institution_id, named)
    fee_items = find_fee_items(tx, institution_id, (row.fee_item_id for row in rows))
    told = []
    for row in rows:
        warnings = [*empty_required(row, institution), *advise_course(row, institution)]
        if row.status != "closed":
            warnings += unfit_materials(row, materials)
            warnings += unfit_fee_item(row, fee_items)
        told.append(widened(row, CourseTold, warnings=warnings))
    return told
