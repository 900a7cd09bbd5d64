"""Operations on classes (班级)."""

from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_courses.commands import classes as commands
from otsp_courses.queries import classes as queries
from otsp_courses.queries.courses import COURSES
from otsp_courses.queries.sight import sight_of
from otsp_courses.rules.fields import check_class, check_new_class


def list_classes(
    institution_id: str,
    course_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    **filters: str,
) -> Page[queries.ClassTold]:
    with reading() as tx:
        sight_of(tx, principal, UUID(institution_id))
        COURSES.one(tx, UUID(institution_id), UUID(course_id))
        of_course = filters | {"course_id": course_id}
        return queries.list_classes(
            tx, UUID(institution_id), filters=of_course, cursor=cursor, limit=limit
        )


def list_all_classes(
    institution_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    **filters: str,
) -> Page[queries.ClassTold]:
    with reading() as tx:
        sight_of(tx, principal, UUID(institution_id))
        return queries.list_classes(
            tx, UUID(institution_id), filters=filters, cursor=cursor, limit=limit
        )


@checked(check_new_class)
def add_class(
    institution_id: str, course_id: str, principal: Principal, *, body: dict[str, Any]
) -> Answer:
    told = commands.add_class(principal, UUID(institution_id), UUID(course_id), fields=body)
    location = (
        f"/api/courses/v1/institutions/{institution_id}/courses/{course_id}/classes/{told.class_id}"
    )
    return Answer(told, 201, version=told.version, location=location)


def get_class(
    institution_id: str, course_id: str, class_id: str, *, principal: Principal
) -> Answer:
    with reading() as tx:
        sight_of(tx, principal, UUID(institution_id))
        told = queries.get_class(tx, UUID(institution_id), UUID(course_id), class_id=UUID(class_id))
    return Answer(told, version=told.version)


@checked(check_class)
def change_class(
    institution_id: str,
    course_id: str,
    class_id: str,
    *,
    principal: Principal,
    body: dict[str, Any],
    if_match: int | None,
) -> Answer:
    told = commands.change_class(
        principal,
        UUID(institution_id),
        UUID(course_id),
        class_id=UUID(class_id),
        fields=body,
        if_match=if_match,
    )
    return Answer(told, version=told.version)


def record_attendance(
    institution_id: str,
    course_id: str,
    class_id: str,
    *,
    principal: Principal,
    body: dict[str, Any],
    if_match: int | None,
) -> Answer:
    told = commands.record_attendance(
        principal,
        UUID(institution_id),
        UUID(course_id),
        class_id=UUID(class_id),
        fields=body,
        if_match=if_match,
    )
    return Answer(told, version=told.version)


def move_class(
    institution_id: str,
    course_id: str,
    class_id: str,
    *,
    principal: Principal,
    body: dict[str, Any],
    if_match: int | None,
) -> Answer:
    told = commands.move_class(
        principal,
        UUID(institution_id),
        UUID(course_id),
        class_id=UUID(class_id),
        status=body["status"],
        if_match=if_match,
    )
    return Answer(told, version=told.version)


def cancel_class(
    institution_id: str,
    course_id: str,
    class_id: str,
    *,
    principal: Principal,
    body: dict[str, Any],
) -> Answer:
    told = commands.cancel_class(
        principal,
        UUID(institution_id),
        UUID(course_id),
        class_id=UUID(class_id),
        reason=body.get("reason"),
    )
    return Answer(told, version=told.version)


def remove_class(
    institution_id: str,
    course_id: str,
    class_id: str,
    *,
    principal: Principal,
    if_match: int | None,
) -> Answer:
    commands.remove_class(
        principal,
        UUID(institution_id),
        UUID(course_id),
        class_id=UUID(class_id),
        if_match=if_match,
    )
    return Answer(status=204)
