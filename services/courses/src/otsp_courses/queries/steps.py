"""What is held at hosts: the open courses and the number of their classes."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import func, select

from otsp_chassis.db import Reader
from otsp_courses.model import Course, TrainingClass
from otsp_courses.rules.steps import HeldCourse

_course, _class = Course.__table__.c, TrainingClass.__table__.c


def held_at(
    tx: Reader, institution_id: UUID, host_ids: Collection[UUID]
) -> Mapping[UUID, list[HeldCourse]]:
    """By host; a closed course or a cancelled class is no step of creation."""
    counted = (_class.course_id == _course.course_id) & _class.deleted_at.is_(None)
    query = (
        select(_course.host_id, _course.status, func.count(_class.class_id))
        .outerjoin(TrainingClass, counted & (_class.status != "cancelled"))
        .where(
            _course.institution_id == institution_id,
            _course.host_id.in_(host_ids),
            _course.deleted_at.is_(None),
            _course.status != "closed",
        )
        .group_by(_course.course_id)
    )
    held: dict[UUID, list[HeldCourse]] = defaultdict(list)
    for host_id, status, class_count in tx.execute(query) if host_ids else ():
        held[host_id].append(HeldCourse(status, class_count))
    return held
