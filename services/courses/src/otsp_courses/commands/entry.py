"""How entered fields become columns, and what the database and the calendar say against them."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, Date, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from otsp_chassis import clock
from otsp_chassis.db import Tx, require_version
from otsp_chassis.files import find_attachment
from otsp_chassis.locks import guard_write
from otsp_chassis.problems import Invalid, NotFound
from otsp_chassis.removals import require_restorable
from otsp_contracts.values import FieldError
from otsp_courses.commands import SCOPE
from otsp_courses.model import Base, Course, Owned, Site, System, TrainingClass
from otsp_courses.rules.fields import Fields, Value, days_to_come

Row = TypeVar("Row", Site, System, Course, TrainingClass)

_OURS = frozenset({"institution_id", "course_id", "status", "deleted_at", "created_at"})
_OURS |= {"updated_at", "version", "search_text", "search_terms"}

PARTS: Mapping[type[Owned], str] = {
    Site: "sites",
    System: "systems",
    Course: "courses",
    TrainingClass: "classes",
}
"""Parts of the file, as a notice names them."""


def open_for_write(
    tx: Tx, institution_id: UUID, entity: type[Owned], *, row_id: UUID | None = None
) -> None:
    """First statement of a write. Locked under review, unless a notice names the row or all."""
    guard_write(tx, institution_id, SCOPE, part=PARTS[entity], object_id=row_id)


def entered(entity: type[Base], fields: Fields) -> dict[str, Any]:
    """Columns of a whole replacement: what was left out becomes empty."""
    return {
        column.name: _stored(column.type, fields.get(column.name))
        for column in entity.__table__.columns
        if not column.primary_key and column.name not in _OURS
    }


def typed(entity: type[Base], row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of its table
    """What `entered` would make the row of again."""
    return {
        column.name: _as_typed(getattr(row, column.name))
        for column in entity.__table__.columns
        if not column.primary_key and column.name not in _OURS
    }


def replace(row: Owned, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)


def own_row(tx: Tx, entity: type[Row], *, row_id: UUID, institution_id: UUID) -> Row:
    """The institution's own row, locked for change. Raises NotFound for anybody else's."""
    row = tx.get(entity, row_id, with_for_update=True)
    if row is None or row.institution_id != institution_id or row.deleted_at is not None:
        raise NotFound
    return row


def versioned_row(
    tx: Tx, entity: type[Row], *, row_id: UUID, institution_id: UUID, if_match: int | None
) -> Row:
    """The same, if it still is what the caller saw."""
    row = own_row(tx, entity, row_id=row_id, institution_id=institution_id)
    require_version(row.version, if_match)
    return row


def removed_row(tx: Tx, entity: type[Row], *, row_id: UUID, institution_id: UUID) -> Row:
    """One that was removed today, locked. Raises NotFound, NotRemoved or RestorationOver."""
    row = tx.get(entity, row_id, with_for_update=True)
    if row is None or row.institution_id != institution_id:
        raise NotFound
    require_restorable(row.deleted_at)
    return row


def file_faults(tx: Tx, institution_id: UUID, *, fields: Fields) -> Iterable[FieldError]:
    """Every file named in a field must be this institution's own."""
    for name, value in fields.items():
        if not name.endswith("_file_id") or value is None:
            continue
        if find_attachment(tx, institution_id, UUID(value)) is None:
            yield FieldError(f"/{name}", "unknown_file", "没有这个文件，请先上传。")


def future_faults(fields: Fields, *names: str) -> Iterable[FieldError]:
    return days_to_come(fields, names, clock.today())


def refuse(*faults: Iterable[FieldError]) -> None:
    """Raises Invalid with all faults, if there is one."""
    errors = [fault for some in faults for fault in some]
    if errors:
        raise Invalid(errors=errors)


def _stored(kind: TypeEngine[Any], value: Value) -> Value:
    if isinstance(kind, ARRAY):
        return [_stored(kind.item_type, part) for part in value or ()]
    if isinstance(kind, JSONB):
        return value or []
    if isinstance(kind, Date):
        return date.fromisoformat(value) if value else None
    if isinstance(kind, Uuid):
        return UUID(value) if value else None
    return value


def _as_typed(value: Value) -> Value:
    if isinstance(value, list):
        return [_as_typed(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
