"""What was removed today, and its restoration."""

from uuid import UUID

from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.removals import Removals
from otsp_courses.commands import classes, courses, hosts
from otsp_courses.queries.removals import REMOVABLE
from otsp_courses.rules.labels import LABELS

list_removals = Removals(REMOVABLE, LABELS).list_removals


def restore_site(institution_id: str, site_id: str, principal: Principal) -> Answer:
    site = hosts.restore_site(principal, UUID(institution_id), UUID(site_id))
    return Answer(site, version=site.version)


def restore_system(institution_id: str, system_id: str, principal: Principal) -> Answer:
    system = hosts.restore_system(principal, UUID(institution_id), UUID(system_id))
    return Answer(system, version=system.version)


def restore_course(institution_id: str, course_id: str, principal: Principal) -> Answer:
    course = courses.restore_course(principal, UUID(institution_id), UUID(course_id))
    return Answer(course, version=course.version)


def restore_class(
    institution_id: str, course_id: str, class_id: str, *, principal: Principal
) -> Answer:
    told = classes.restore_class(
        principal, UUID(institution_id), UUID(course_id), class_id=UUID(class_id)
    )
    return Answer(told, version=told.version)
