"""Classes: entering, changing, moving through their states, attendance, cancelling, removing."""

from typing import ClassVar
from uuid import UUID

from otsp_chassis.db import Tx, require_version, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.locks import guard_write
from otsp_chassis.problems import Conflict, NotFound, RuleBroken
from otsp_contracts.values import FieldError
from otsp_courses.commands import DURING_REVIEW
from otsp_courses.commands.courses import NotCompliant
from otsp_courses.commands.entry import entered, open_for_write, own_row, removed_row, replace
from otsp_courses.commands.recording import recorded
from otsp_courses.model import Course, StateForbids, TrainingClass
from otsp_courses.queries.classes import ClassTold, get_class
from otsp_courses.queries.copies import open_rectifications
from otsp_courses.queries.institutions import find_institution
from otsp_courses.rules.fields import Fields
from otsp_courses.rules.states import HALTING_LABELS_ZH, OPEN_TO_ENROLMENT, halting, is_compliant


class RectificationOpen(RuleBroken):
    slug: ClassVar[str] = "courses-rectification-open"
    title: ClassVar[str] = "Enrolment stands still until a rectification is done"
    detail_zh: ClassVar[str] = "整改尚未办结，其间暂停招生及收费；请先完成整改。"


class CourseRemoved(Conflict):
    slug: ClassVar[str] = "courses-course-removed"
    title: ClassVar[str] = "The course of the class has been removed"
    detail_zh: ClassVar[str] = "班级所属的课程已被删除，请先恢复课程。"


def add_class(
    principal: Principal, institution_id: UUID, course_id: UUID, *, fields: Fields
) -> ClassTold:
    """One that exists already is entered in the state that it has in fact (D16)."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, TrainingClass)
        course = own_row(tx, Course, row_id=course_id, institution_id=institution_id)
        if not fields.get("existing"):
            course.require_alterable()
            _refuse_increase(tx, institution_id, before=0, after=fields.get("enrolled"))
        columns = entered(TrainingClass, fields) | {"status": fields.get("status") or "planned"}
        a_class = TrainingClass(
            class_id=new_id(), course_id=course_id, institution_id=institution_id, **columns
        )
        action = "class.entered_as_existing" if fields.get("existing") else "class.added"
        with recorded(tx, a_class, action):
            tx.add(a_class)
        return get_class(tx, institution_id, course_id, class_id=a_class.class_id)


def change_class(
    principal: Principal,
    institution_id: UUID,
    course_id: UUID,
    *,
    class_id: UUID,
    fields: Fields,
    if_match: int | None,
) -> ClassTold:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, TrainingClass, row_id=class_id)
        a_class = _of_course(tx, institution_id, course_id, class_id=class_id)
        require_version(a_class.version, if_match)
        a_class.require_alterable()
        before = a_class.enrolled or 0
        _refuse_increase(tx, institution_id, before=before, after=fields.get("enrolled"))
        with recorded(tx, a_class, "class.changed"):
            replace(a_class, entered(TrainingClass, fields))
        return get_class(tx, institution_id, course_id, class_id=class_id)


def record_attendance(
    principal: Principal,
    institution_id: UUID,
    course_id: UUID,
    *,
    class_id: UUID,
    fields: Fields,
    if_match: int | None,
) -> ClassTold:
    """How many there are, and on which days is no teaching; during a review too (§3.8)."""
    principal.require_own(institution_id)
    with transaction() as tx:
        guard_write(tx, institution_id, DURING_REVIEW)
        a_class = _of_course(tx, institution_id, course_id, class_id=class_id)
        require_version(a_class.version, if_match)
        a_class.require_alterable()
        columns = entered(TrainingClass, fields)
        attended = {name: columns[name] for name in ("enrolled", "skip_dates")}
        before = a_class.enrolled or 0
        _refuse_increase(tx, institution_id, before=before, after=attended["enrolled"])
        with recorded(tx, a_class, "class.attendance_recorded"):
            replace(a_class, attended)
        return get_class(tx, institution_id, course_id, class_id=class_id)


def move_class(
    principal: Principal,
    institution_id: UUID,
    course_id: UUID,
    *,
    class_id: UUID,
    status: str,
    if_match: int | None,
) -> ClassTold:
    """Raises NotCompliant for an enrolment that the institution may not begin (D40)."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, TrainingClass, row_id=class_id)
        a_class = _of_course(tx, institution_id, course_id, class_id=class_id)
        require_version(a_class.version, if_match)
        with recorded(tx, a_class, "class.moved"):
            a_class.move_to(status)
        if status == "enrolling":
            _require_enrollable(tx, institution_id, course_id)
        return get_class(tx, institution_id, course_id, class_id=class_id)


def cancel_class(
    principal: Principal,
    institution_id: UUID,
    course_id: UUID,
    *,
    class_id: UUID,
    reason: str | None,
) -> ClassTold:
    """During a review too: a class that falls through does so without asking (§3.8)."""
    principal.require_own(institution_id)
    with transaction() as tx:
        guard_write(tx, institution_id, DURING_REVIEW)
        a_class = _of_course(tx, institution_id, course_id, class_id=class_id)
        with recorded(tx, a_class, "class.cancelled", reason=reason):
            a_class.move_to("cancelled")
        return get_class(tx, institution_id, course_id, class_id=class_id)


def remove_class(
    principal: Principal,
    institution_id: UUID,
    course_id: UUID,
    *,
    class_id: UUID,
    if_match: int | None,
) -> None:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, TrainingClass, row_id=class_id)
        a_class = _of_course(tx, institution_id, course_id, class_id=class_id)
        require_version(a_class.version, if_match)
        a_class.require_deletable()
        with recorded(tx, a_class, "class.removed"):
            a_class.delete()


def restore_class(
    principal: Principal, institution_id: UUID, course_id: UUID, *, class_id: UUID
) -> ClassTold:
    """Raises CourseRemoved when its course was removed after it."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, TrainingClass, row_id=class_id)
        course = tx.get(Course, course_id, with_for_update=True)
        a_class = removed_row(tx, TrainingClass, row_id=class_id, institution_id=institution_id)
        if course is None or a_class.course_id != course_id:
            raise NotFound
        if course.deleted_at is not None:
            raise CourseRemoved
        course.require_alterable()
        _refuse_increase(tx, institution_id, before=0, after=a_class.enrolled)
        with recorded(tx, a_class, "class.restored"):
            a_class.restore()
        return get_class(tx, institution_id, course_id, class_id=class_id)


def _of_course(tx: Tx, institution_id: UUID, course_id: UUID, *, class_id: UUID) -> TrainingClass:
    a_class = own_row(tx, TrainingClass, row_id=class_id, institution_id=institution_id)
    if a_class.course_id != course_id:
        raise NotFound
    return a_class


def _require_enrollable(tx: Tx, institution_id: UUID, course_id: UUID) -> None:
    _require_no_halt(tx, institution_id)
    if not is_compliant(find_institution(tx, institution_id)):
        raise NotCompliant
    course = own_row(tx, Course, row_id=course_id, institution_id=institution_id)
    if course.status not in OPEN_TO_ENROLMENT:
        raise StateForbids("课程须为待开课或开课中，班级方可招生。", state=course.status)


def _refuse_increase(tx: Tx, institution_id: UUID, *, before: int, after: int | None) -> None:
    """While enrolment stands still, those who are there may finish, and nobody comes (§3.3)."""
    if (after or 0) > before:
        _require_no_halt(tx, institution_id, pointer="/enrolled")


def _require_no_halt(tx: Tx, institution_id: UUID, *, pointer: str | None = None) -> None:
    kinds = halting(open_rectifications(tx, institution_id))
    if not kinds:
        return
    named = "、".join(HALTING_LABELS_ZH[kind] for kind in kinds)
    detail = f"“{named}”整改尚未办结，其间暂停招生及收费；请先完成整改，由主管部门办结后再招生。"
    errors = (
        [FieldError(pointer, "enrolment_halted", "整改期间在班人数不能增加。")] if pointer else []
    )
    raise RectificationOpen(detail, errors=errors, kinds=kinds)
