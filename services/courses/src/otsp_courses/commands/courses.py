"""Courses: entering, changing, moving through their states, removing."""

from collections.abc import Iterable
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.locks import guard_write
from otsp_chassis.problems import Conflict, RuleBroken
from otsp_contracts.values import FieldError
from otsp_courses.commands import DURING_REVIEW
from otsp_courses.commands.entry import (
    entered,
    open_for_write,
    refuse,
    removed_row,
    replace,
    versioned_row,
)
from otsp_courses.commands.recording import recorded
from otsp_courses.model import Course, Site, System
from otsp_courses.queries.classes import get_class
from otsp_courses.queries.copies import find_fee_items, find_materials
from otsp_courses.queries.courses import COURSES, CourseTold, find_class_of, get_course
from otsp_courses.queries.institutions import find_institution
from otsp_courses.rules.fields import Fields, host_mismatch
from otsp_courses.rules.references import unfit_fee_item, unfit_materials
from otsp_courses.rules.states import RUNNING, is_compliant, opening_faults


class NotCompliant(RuleBroken):
    slug: ClassVar[str] = "courses-institution-not-compliant"
    title: ClassVar[str] = "The institution is not compliant"
    detail_zh: ClassVar[str] = "机构尚未通过合规审核或正在整改，暂不能开课招生；可先登记计划班级。"


class CourseNotWhole(RuleBroken):
    slug: ClassVar[str] = "courses-course-not-whole"
    title: ClassVar[str] = "The course lacks what opening it needs"
    detail_zh: ClassVar[str] = "课程尚不具备开课条件，请按 errors 中的说明补充。"


class CourseHasClasses(Conflict):
    slug: ClassVar[str] = "courses-course-has-classes"
    title: ClassVar[str] = "The course has classes"
    detail_zh: ClassVar[str] = "课程下仍有班级，请先删除、结班或取消班级。"


class HostRemoved(Conflict):
    slug: ClassVar[str] = "courses-host-removed"
    title: ClassVar[str] = "What the course is held at has been removed"
    detail_zh: ClassVar[str] = "课程所在的办学点或业务系统已被删除，请先恢复办学点或业务系统。"


def add_course(principal: Principal, institution_id: UUID, fields: Fields) -> CourseTold:
    """One that exists already is entered in the state that it has in fact (D16).

    A new draft is no part of what is being judged: it may be begun during a review (§3.8).
    """
    principal.require_own(institution_id)
    with transaction() as tx:
        if fields.get("existing"):
            open_for_write(tx, institution_id, Course)
        else:
            guard_write(tx, institution_id, DURING_REVIEW)
        refuse(_host_faults(tx, institution_id, fields=fields))
        columns = entered(Course, fields) | {"status": fields.get("status") or "draft"}
        course = Course(course_id=new_id(), institution_id=institution_id, **columns)
        action = "course.entered_as_existing" if fields.get("existing") else "course.added"
        with recorded(tx, course, action):
            tx.add(course)
        return get_course(tx, institution_id, course.course_id)


def change_course(
    principal: Principal,
    institution_id: UUID,
    course_id: UUID,
    *,
    fields: Fields,
    if_match: int | None,
) -> CourseTold:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, Course, row_id=course_id)
        course = versioned_row(
            tx, Course, row_id=course_id, institution_id=institution_id, if_match=if_match
        )
        course.require_alterable()
        refuse(_host_faults(tx, institution_id, fields=fields))
        columns = entered(Course, fields)
        with recorded(tx, course, "course.changed"):
            replace(course, columns)
        return get_course(tx, institution_id, course_id)


def move_course(
    principal: Principal,
    institution_id: UUID,
    course_id: UUID,
    *,
    status: str,
    if_match: int | None,
) -> CourseTold:
    """Raises NotCompliant or CourseNotWhole when it may not be opened yet."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, Course, row_id=course_id)
        course = versioned_row(
            tx, Course, row_id=course_id, institution_id=institution_id, if_match=if_match
        )
        with recorded(tx, course, "course.moved"):
            course.move_to(status)
        if status == "active":
            _require_openable(tx, institution_id, course_id)
        if status == "closed":
            _refuse_classes(tx, institution_id, course_id, statuses=RUNNING)
        return get_course(tx, institution_id, course_id)


def remove_course(
    principal: Principal, institution_id: UUID, course_id: UUID, *, if_match: int | None
) -> None:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, Course, row_id=course_id)
        course = versioned_row(
            tx, Course, row_id=course_id, institution_id=institution_id, if_match=if_match
        )
        course.require_deletable()
        _refuse_classes(tx, institution_id, course_id)
        with recorded(tx, course, "course.removed"):
            course.delete()


def restore_course(principal: Principal, institution_id: UUID, course_id: UUID) -> CourseTold:
    """Raises HostRemoved when what it is held at was removed after it."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, Course, row_id=course_id)
        course = removed_row(tx, Course, row_id=course_id, institution_id=institution_id)
        entry = {"host_id": course.host_id and str(course.host_id), "delivery": course.delivery}
        if list(_host_faults(tx, institution_id, fields=entry)):
            raise HostRemoved
        with recorded(tx, course, "course.restored"):
            course.restore()
        return get_course(tx, institution_id, course_id)


def _refuse_classes(
    tx: Tx, institution_id: UUID, course_id: UUID, *, statuses: frozenset[str] | None = None
) -> None:
    class_id = find_class_of(tx, course_id, statuses)
    if class_id is not None:
        told = get_class(tx, institution_id, course_id, class_id=class_id)
        raise CourseHasClasses(conflicting=told)


def _require_openable(tx: Tx, institution_id: UUID, course_id: UUID) -> None:
    institution = find_institution(tx, institution_id)
    if institution is None or not is_compliant(institution):
        raise NotCompliant
    course = COURSES.one(tx, institution_id, course_id)
    faults = [
        *opening_faults(course, institution),
        *unfit_materials(course, find_materials(tx, institution_id, course.material_ids)),
        *unfit_fee_item(course, find_fee_items(tx, institution_id, [course.fee_item_id])),
    ]
    if faults:
        raise CourseNotWhole(errors=faults)


def _host_faults(tx: Tx, institution_id: UUID, *, fields: Fields) -> Iterable[FieldError]:
    """V-05. The host is held against removal until the course stands."""
    if fields.get("host_id") is None:
        return ()
    host_id = UUID(fields["host_id"])
    site = select(Site.site_id).where(
        Site.site_id == host_id,
        Site.institution_id == institution_id,
        Site.deleted_at.is_(None),
    )
    system = select(System.system_id).where(
        System.system_id == host_id,
        System.institution_id == institution_id,
        System.deleted_at.is_(None),
    )
    return host_mismatch(
        fields.get("delivery"),
        is_site=tx.scalar(site.with_for_update(read=True)) is not None,
        is_system=tx.scalar(system.with_for_update(read=True)) is not None,
    )
