"""Operations on courses (培训课程)."""

from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_courses.commands import courses as commands
from otsp_courses.queries import courses as queries
from otsp_courses.queries.sight import sight_of
from otsp_courses.rules.fields import check_new_course


def list_courses(
    institution_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    **filters: str,
) -> Page[queries.CourseTold]:
    with reading() as tx:
        sight_of(tx, principal, UUID(institution_id))
        return queries.list_courses(
            tx,
            UUID(institution_id),
            filters=filters,
            cursor=cursor,
            limit=limit,
        )


@checked(check_new_course)
def add_course(institution_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    course = commands.add_course(principal, UUID(institution_id), body)
    location = f"/api/courses/v1/institutions/{institution_id}/courses/{course.course_id}"
    return Answer(course, 201, version=course.version, location=location)


def get_course(institution_id: str, course_id: str, principal: Principal) -> Answer:
    with reading() as tx:
        sight_of(tx, principal, UUID(institution_id))
        course = queries.get_course(tx, UUID(institution_id), UUID(course_id))
    return Answer(course, version=course.version)


def change_course(
    institution_id: str,
    course_id: str,
    principal: Principal,
    *,
    body: dict[str, Any],
    if_match: int | None,
) -> Answer:
    course = commands.change_course(
        principal, UUID(institution_id), UUID(course_id), fields=body, if_match=if_match
    )
    return Answer(course, version=course.version)


def move_course(
    institution_id: str,
    course_id: str,
    principal: Principal,
    *,
    body: dict[str, Any],
    if_match: int | None,
) -> Answer:
    course = commands.move_course(
        principal, UUID(institution_id), UUID(course_id), status=body["status"], if_match=if_match
    )
    return Answer(course, version=course.version)


def remove_course(
    institution_id: str, course_id: str, principal: Principal, *, if_match: int | None
) -> Answer:
    commands.remove_course(principal, UUID(institution_id), UUID(course_id), if_match=if_match)
    return Answer(status=204)
