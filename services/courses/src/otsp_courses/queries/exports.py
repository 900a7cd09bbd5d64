"""The whole lists in their order, of each row the columns of a file.

Other rows are told by name: an id says nothing on paper. Of teachers this service knows none, so
there is their number.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, any_, func, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from otsp_courses.model import Course, FeeItemRef, MaterialRef, Site, System, TrainingClass
from otsp_courses.queries.classes import CLASSES
from otsp_courses.queries.courses import COURSES
from otsp_courses.queries.hosts import SITES, SYSTEMS

Filters = Mapping[str, Any]
Columns = Mapping[str, ColumnElement[Any]]

_site, _system, _course, _class, _material, _fee_item = (
    cast("Table", each.__table__).c
    for each in (Site, System, Course, TrainingClass, MaterialRef, FeeItemRef)
)


def sites(institution_id: UUID, filters: Filters, names: Sequence[str]) -> Select[Any]:
    query = SITES.narrowed(institution_id, filters)
    return query.with_only_columns(*_told(names, _site, _BESIDE_SITE))


def systems(institution_id: UUID, filters: Filters, names: Sequence[str]) -> Select[Any]:
    query = SYSTEMS.narrowed(institution_id, filters)
    return query.with_only_columns(*_told(names, _system, {}))


def courses(institution_id: UUID, filters: Filters, names: Sequence[str]) -> Select[Any]:
    query = COURSES.narrowed(institution_id, filters)
    return query.with_only_columns(*_told(names, _course, _BESIDE_COURSE))


def classes(institution_id: UUID, filters: Filters, names: Sequence[str]) -> Select[Any]:
    query = CLASSES.narrowed(institution_id, filters)
    return query.with_only_columns(*_told(names, _class, _BESIDE_CLASS))


def _told(
    names: Sequence[str], own: ReadOnlyColumnCollection[str, Any], beside: Columns
) -> list[ColumnElement[Any]]:
    return [(beside[name] if name in beside else own[name]).label(name) for name in names]


def _one(column: ColumnElement[Any], *among: ColumnElement[bool]) -> ColumnElement[Any]:
    return select(column).where(*among).scalar_subquery()


_HOST = func.coalesce(
    _one(_site.name, _site.site_id == _course.host_id),
    _one(_system.name, _system.system_id == _course.host_id),
)
_BESIDE_SITE: Final[Columns] = {"capacity": _site.teaching_area_centi_m2}
_BESIDE_COURSE: Final[Columns] = {
    "host_name": _HOST,
    "material_titles": _one(
        func.array_agg(_material.title),
        _material.material_id == any_(_course.material_ids),
        _material.institution_id == _course.institution_id,
        ~_material.removed,
    ),
    "fee_item_name": _one(
        _fee_item.name,
        _fee_item.fee_item_id == _course.fee_item_id,
        _fee_item.institution_id == _course.institution_id,
        ~_fee_item.removed,
    ),
}
_BESIDE_CLASS: Final[Columns] = {
    "course_name": _one(_course.name, _course.course_id == _class.course_id),
    "host_name": _one(_HOST, _course.course_id == _class.course_id),
    "size_band": _class.capacity,
    "teachers": func.cardinality(_class.teacher_ids),
    "assistants": func.cardinality(_class.assistant_ids),
}
