"""Everything of one institution at once, for its section: four selects, whatever the number."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from otsp_chassis.db import Reader
from otsp_courses.model import Course, Site, System, TrainingClass
from otsp_courses.queries.selection import live_rows
from otsp_courses.rules.rows import ClassRow, CourseRow, SiteRow, SystemRow


@dataclass(frozen=True, slots=True)
class Everything:
    """All live rows, each list in order of creation; closed and finished ones too."""

    sites: list[SiteRow]
    systems: list[SystemRow]
    courses: list[CourseRow]
    classes: dict[UUID, list[ClassRow]]
    """By course."""


def list_everything(tx: Reader, institution_id: UUID) -> Everything:
    sites = live_rows(Site, SiteRow, institution_id).order_by(Site.site_id)
    systems = live_rows(System, SystemRow, institution_id).order_by(System.system_id)
    courses = live_rows(Course, CourseRow, institution_id).order_by(Course.course_id)
    classes = live_rows(TrainingClass, ClassRow, institution_id).order_by(TrainingClass.class_id)
    by_course: dict[UUID, list[ClassRow]] = defaultdict(list)
    for columns in tx.execute(classes):
        row = ClassRow(*columns)
        by_course[row.course_id].append(row)
    return Everything(
        sites=[SiteRow(*columns) for columns in tx.execute(sites)],
        systems=[SystemRow(*columns) for columns in tx.execute(systems)],
        courses=[CourseRow(*columns) for columns in tx.execute(courses)],
        classes=by_course,
    )
