"""What an institution fills in: the forms whose drafts are kept."""

from collections.abc import Mapping

from otsp_chassis.drafts import Form
from otsp_courses.model import Course, Site, System, TrainingClass

FORMS: Mapping[str, Form] = {
    "site": Form("SiteWrite", Site.__table__, key="site_id"),
    "system": Form("SystemWrite", System.__table__, key="system_id"),
    "course": Form("CourseCreate", Course.__table__, key="course_id"),
    "class": Form(
        "ClassCreate",
        TrainingClass.__table__,
        key="class_id",
        besides=frozenset({"course_id"}),
    ),
}
"""A class is drafted before its course may be known: `course_id` says which one it is meant for."""
