"""Everything of one institution at once, for its section: four selects, whatever the number."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from otsp_chassis.db import Reader
from otsp_courses.queries.classes import CLASSES
from otsp_courses.queries.courses import COURSES
from otsp_courses.queries.hosts import SITES, SYSTEMS
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
    by_course: dict[UUID, list[ClassRow]] = defaultdict(list)
    for row in CLASSES.all(tx, institution_id):
        by_course[row.course_id].append(row)
    return Everything(
        sites=SITES.all(tx, institution_id),
        systems=SYSTEMS.all(tx, institution_id),
        courses=COURSES.all(tx, institution_id),
        classes=by_course,
    )
