"""How a row class is selected from its table, and widened to what is told of it."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute

from otsp_chassis.page import decode_id
from otsp_courses.model import Base, Course, Site, System, TrainingClass
from otsp_courses.rules.rows import ClassRow, CourseRow, SiteRow, SystemRow

Entity = Site | System | Course | TrainingClass
Row = SiteRow | SystemRow | CourseRow | ClassRow
Wide = TypeVar("Wide")


def live_rows(entity: type[Entity], row_class: type[Row], institution_id: UUID) -> Select[Any]:
    """The institution's rows that are not deleted, with the columns of the row class."""
    return select(*_columns(entity, row_class)).where(
        entity.institution_id == institution_id, entity.deleted_at.is_(None)
    )


def all_live_rows(entity: type[Entity], row_class: type[Row], *, key: str) -> Select[Any]:
    """The same in order of creation, to be made once and executed with `institution_id`."""
    columns = entity.__table__.c
    return (
        select(*(columns[field.name] for field in fields(row_class)))
        .where(columns.institution_id == bindparam("institution_id"), columns.deleted_at.is_(None))
        .order_by(columns[key])
    )


Narrowing = Mapping[str, Callable[[str], ColumnElement[bool]]]
"""Parameter of a list → what it asks of a row."""


def narrowed(query: Select[Any], by: Narrowing, filters: Mapping[str, str]) -> Select[Any]:
    return query.where(*(by[name](value) for name, value in filters.items()))


def one_page(
    query: Select[Any], key: InstrumentedAttribute[UUID], *, cursor: str | None, limit: int
) -> Select[Any]:
    """The page that the cursor names, in order of creation, and one row more."""
    if cursor is not None:
        query = query.where(key > decode_id(cursor))
    return query.order_by(key).limit(limit + 1)


def widened(row: Row, wide_class: Callable[..., Wide], **computed: object) -> Wide:
    """The row's own values and the computed ones."""
    own = {field.name: getattr(row, field.name) for field in fields(row)}
    return wide_class(**own, **computed)


def _columns(entity: type[Base], row_class: type[Row]) -> list[Any]:
    return [getattr(entity, field.name) for field in fields(row_class)]
