"""The end of an institution: nothing is taught any more (domain specification §3.5)."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Tx
from otsp_courses.commands.recording import recorded
from otsp_courses.commands.relocations import forget_relocations
from otsp_courses.model import Course, TrainingClass
from otsp_courses.rules.states import OPEN_TO_ENROLMENT, OVER

_WHY = "the institution was deregistered"


def end_teaching(tx: Tx, institution_id: UUID, *, on: date) -> int:
    """Classes whose last day is over are finished, others fall through; courses that are open are
    closed, and no site moves. Returns how many classes and courses ended.
    """
    classes = select(TrainingClass).where(
        TrainingClass.institution_id == institution_id,
        TrainingClass.status.not_in(OVER),
        TrainingClass.deleted_at.is_(None),
    )
    running = tx.scalars(classes.order_by(TrainingClass.class_id).with_for_update()).all()
    for a_class in running:
        with recorded(tx, a_class, "class.ended", reason=_WHY):
            a_class.end(on)
    courses = select(Course).where(
        Course.institution_id == institution_id,
        Course.status.in_(OPEN_TO_ENROLMENT),
        Course.deleted_at.is_(None),
    )
    offered = tx.scalars(courses.order_by(Course.course_id).with_for_update()).all()
    for course in offered:
        with recorded(tx, course, "course.ended", reason=_WHY):
            course.end()
    forget_relocations(tx, institution_id)
    return len(running) + len(offered)
