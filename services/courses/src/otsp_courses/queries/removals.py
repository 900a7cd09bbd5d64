"""What an institution may remove, and restore within the day."""

from collections.abc import Mapping

from otsp_chassis.removals import Removable
from otsp_courses.model import Course, Site, System, TrainingClass

REMOVABLE: Mapping[str, Removable] = {
    "site": Removable(Site.__table__, "site_id", name="name", place="sites/{object_id}"),
    "system": Removable(System.__table__, "system_id", name="name", place="systems/{object_id}"),
    "course": Removable(Course.__table__, "course_id", name="name", place="courses/{object_id}"),
    "class": Removable(
        TrainingClass.__table__,
        "class_id",
        name="name",
        place="courses/{parent_id}/classes/{object_id}",
        parent="course_id",
    ),
}
