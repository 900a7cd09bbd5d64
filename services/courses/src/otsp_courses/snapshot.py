"""The courses section: what this service answers for when an institution is judged."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis.db import Reader, Tx
from otsp_contracts.snapshots import (
    ClassFacts,
    CourseFacts,
    CoursesSection,
    FieldWarning,
    Relocation,
    SiteFacts,
    SystemFacts,
)
from otsp_courses.model import SectionCount
from otsp_courses.queries.institutions import find_institution
from otsp_courses.queries.listing import Row
from otsp_courses.queries.section import list_everything
from otsp_courses.rules.required import empty_required
from otsp_courses.rules.rows import ClassRow, CourseRow, SiteRow, SystemRow

NOWHERE: Mapping[str, Mapping[str, Any]] = {}
_COUNTERS = cast("Table", SectionCount.__table__)
_COUNT = (
    insert(_COUNTERS)
    .on_conflict_do_update(
        index_elements=["institution_id"], set_={"version": _COUNTERS.c.version + 1}
    )
    .returning(_COUNTERS.c.version)
)


def build_section(
    tx: Reader, institution_id: UUID, *, moving: Mapping[str, Mapping[str, Any]] = NOWHERE
) -> CoursesSection:
    """Everything as it is now; closed courses and finished classes stand in it with their state.

    Sites that are `moving` stand in it at their new address, so that the rules judge the future.
    Nothing here depends on the day that is judged: the rules expand the timetables themselves.
    """
    rows = list_everything(tx, institution_id)
    sites = [replace(site, **moving.get(str(site.site_id), {})) for site in rows.sites]
    institution = find_institution(tx, institution_id)
    requiring: list[tuple[UUID, SiteRow | SystemRow | CourseRow]] = [
        *((site.site_id, site) for site in sites),
        *((system.system_id, system) for system in rows.systems),
        *((course.course_id, course) for course in rows.courses),
    ]
    return CoursesSection(
        field_warnings=tuple(
            FieldWarning(code=fault.code, object_id=str(row_id), pointer=fault.pointer)
            for row_id, row in requiring
            for fault in empty_required(row, institution)
        ),
        sites=tuple(SiteFacts.model_validate(_values(site)) for site in sites),
        systems=tuple(SystemFacts.model_validate(_values(system)) for system in rows.systems),
        courses=tuple(
            CourseFacts.model_validate(
                _values(course)
                | {"classes": [_class_facts(each) for each in rows.classes[course.course_id]]}
            )
            for course in rows.courses
        ),
        relocated_from=tuple(
            Relocation.model_validate(_values(site))
            for site in rows.sites
            if str(site.site_id) in moving
        ),
    )


def count_section(tx: Tx, institution_id: UUID) -> int:
    """The version of the section that is sent now: greater than that of any before."""
    first = {"institution_id": institution_id, "version": 1}
    counted: int = tx.execute(_COUNT, first).scalar_one()
    return counted


def _class_facts(row: ClassRow) -> ClassFacts:
    return ClassFacts.model_validate(_values(row))


def _values(row: Row) -> dict[str, object]:
    return {field.name: _plain(getattr(row, field.name)) for field in fields(row)}


def _plain(value: object) -> object:
    """Ids travel as text."""
    if isinstance(value, UUID):
        return str(value)
    return [_plain(part) for part in value] if isinstance(value, list) else value
