"""Classes: entering, changing, moving through their states, attendance, cancelling, removing."""

from uuid import UUID

from otsp_chassis.audit import record
from otsp_chassis.db import Tx, require_version, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.locks import guard_write
from otsp_chassis.problems import NotFound
from otsp_courses.commands import DURING_REVIEW, SCOPE
from otsp_courses.commands.courses import NotCompliant
from otsp_courses.commands.entry import entered, own_row, replace
from otsp_courses.model import Course, StateForbids, TrainingClass
from otsp_courses.queries.classes import ClassTold, get_class
from otsp_courses.queries.institutions import find_institution
from otsp_courses.rules.fields import Fields
from otsp_courses.rules.states import OPEN_TO_ENROLMENT, is_compliant


def add_class(
    principal: Principal, institution_id: UUID, course_id: UUID, *, fields: Fields
) -> ClassTold:
    """One that exists already is entered in the state that it has in fact (D16)."""
    principal.require_own(institution_id)
    with transaction() as tx:
        guard_write(tx, institution_id, SCOPE)
        course = own_row(tx, Course, row_id=course_id, institution_id=institution_id)
        if not fields.get("existing"):
            course.require_alterable()
        columns = entered(TrainingClass, fields) | {"status": fields.get("status") or "planned"}
        a_class = TrainingClass(
            class_id=new_id(), course_id=course_id, institution_id=institution_id, **columns
        )
        tx.add(a_class)
        action = "class.entered_as_existing" if fields.get("existing") else "class.added"
        record(tx, action, object_type="class", object_id=a_class.class_id, after=columns)
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
        guard_write(tx, institution_id, SCOPE)
        a_class = _of_course(tx, institution_id, course_id, class_id=class_id)
        require_version(a_class.version, if_match)
        a_class.require_alterable()
        columns = entered(TrainingClass, fields)
        before = replace(a_class, columns)
        record(
            tx,
            "class.changed",
            object_type="class",
            object_id=class_id,
            before=before,
            after=columns,
        )
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
        before = replace(a_class, attended)
        record(
            tx,
            "class.attendance_recorded",
            object_type="class",
            object_id=class_id,
            before=before,
            after=attended,
        )
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
        guard_write(tx, institution_id, SCOPE)
        a_class = _of_course(tx, institution_id, course_id, class_id=class_id)
        require_version(a_class.version, if_match)
        before = {"status": a_class.status}
        a_class.move_to(status)
        if status == "enrolling":
            _require_enrollable(tx, institution_id, course_id)
        record(
            tx,
            "class.moved",
            object_type="class",
            object_id=class_id,
            before=before,
            after={"status": status},
        )
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
        before = {"status": a_class.status}
        a_class.move_to("cancelled")
        record(
            tx,
            "class.cancelled",
            object_type="class",
            object_id=class_id,
            before=before,
            after={"status": a_class.status},
            reason=reason,
        )
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
        guard_write(tx, institution_id, SCOPE)
        a_class = _of_course(tx, institution_id, course_id, class_id=class_id)
        require_version(a_class.version, if_match)
        a_class.require_deletable()
        a_class.delete()
        record(tx, "class.removed", object_type="class", object_id=class_id)


def _of_course(tx: Tx, institution_id: UUID, course_id: UUID, *, class_id: UUID) -> TrainingClass:
    a_class = own_row(tx, TrainingClass, row_id=class_id, institution_id=institution_id)
    if a_class.course_id != course_id:
        raise NotFound
    return a_class


def _require_enrollable(tx: Tx, institution_id: UUID, course_id: UUID) -> None:
    if not is_compliant(find_institution(tx, institution_id)):
        raise NotCompliant
    course = own_row(tx, Course, row_id=course_id, institution_id=institution_id)
    if course.status not in OPEN_TO_ENROLMENT:
        raise StateForbids("课程须为待开课或开课中，班级方可招生。", state=course.status)
