"""Everything of one institution at once, for its section: four selects, whatever the number."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from otsp_chassis.db import Reader
from otsp_courses.model import Course, Site, System, TrainingClass
from otsp_courses.queries.selection import all_live_rows
from otsp_courses.rules.rows import ClassRow, CourseRow, SiteRow, SystemRow

_SITES = all_live_rows(Site, SiteRow, key="site_id")
_SYSTEMS = all_live_rows(System, SystemRow, key="system_id")
_COURSES = all_live_rows(Course, CourseRow, key="course_id")
_CLASSES = all_live_rows(TrainingClass, ClassRow, key="class_id")


@dataclass(frozen=True, slots=True)
class Everything:
    """All live rows, each list in order of creation; closed and finished ones too."""

    sites: list[SiteRow]
    systems: list[SystemRow]
    courses: list[CourseRow]
    classes: dict[UUID, list[ClassRow]]
    """By course."""


def list_everything(tx: Reader, institution_id: UUID) -> Everything:
    this = {"institution_id": institution_id}
    by_course: dict[UUID, list[ClassRow]] = defaultdict(list)
    for columns in tx.execute(_CLASSES, this):
        row = ClassRow(*columns)
        by_course[row.course_id].append(row)
    return Everything(
        sites=[SiteRow(*columns) for columns in tx.execute(_SITES, this)],
        systems=[SystemRow(*columns) for columns in tx.execute(_SYSTEMS, this)],
        courses=[CourseRow(*columns) for columns in tx.execute(_COURSES, this)],
        classes=by_course,
    )
