"""A new row that is alone is inserted by a statement made once for its table.

Most commands enter one row. The unit of work sorts it, collects its columns and lets SQLAlchemy
send it, which costs three times what the driver's own work does (P3). Whatever is less simple is
left to the unit of work, whose order matters then: several rows at once, a change or a deletion
beside the new row, an SQL expression for a value, columns that the database fills in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, LiteralString, cast

import psycopg
from sqlalchemy import ClauseElement, Column, Table, inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstanceState, Mapper, Session, make_transient_to_detached

from otsp_chassis import statements
from otsp_chassis.audit_hook import note_change

_Convert = Callable[[Any], Any]
_FIRST_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class _Field:
    """One column: the attribute that holds it, what it is when it holds nothing, how it is sent."""

    attribute: str
    name: str
    default: _Convert | None
    bind: _Convert | None
    tells_none: bool  # JSON, which has a null of its own


@dataclass(frozen=True, slots=True)
class _Insert:
    sql: LiteralString
    fields: tuple[_Field, ...]
    version: str | None

    def values_of(self, held: Mapping[str, Any]) -> dict[str, Any] | None:
        """By attribute, defaults included; None where only the unit of work can tell."""
        values: dict[str, Any] = {}
        for field in self.fields:
            value = held.get(field.attribute)
            if value is None:
                if field.tells_none and field.attribute in held:
                    return None
                if field.default is not None:
                    value = field.default(None)
            elif isinstance(value, ClauseElement):
                return None
            values[field.attribute] = value
        if self.version is not None:
            values[self.version] = _FIRST_VERSION
        return values

    def parameters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            field.name: value if value is None or field.bind is None else field.bind(value)
            for field, value in zip(self.fields, values.values(), strict=True)
        }


def insert_what_is_alone(session: Session, _context: object, some: object) -> None:
    """Before a flush, which then finds it stored. Raises IntegrityError as the flush would."""
    new = session.new
    if len(new) != 1 or some or session.dirty or session.deleted:
        return
    (row,) = new
    state: InstanceState[Any] = inspect(row)
    mapper = state.mapper
    made = _insert_of(mapper)
    values = None if made is None else made.values_of(state.dict)
    if made is None or values is None or mapper.dispatch.before_insert:
        return
    state.dict.update(values)
    connection = session.connection()
    _send(session, made, values)
    session.expunge(row)
    make_transient_to_detached(row)
    session.add(row)
    mapper.dispatch.after_insert(mapper, connection, state)  # as the unit of work tells it
    note_change(session)


def _send(session: Session, made: _Insert, values: Mapping[str, Any]) -> None:
    try:
        statements.run(session, made.sql, made.parameters(values))
    except psycopg.IntegrityError as error:
        raise IntegrityError(made.sql, None, error, hide_parameters=True) from error


@cache
def _insert_of(mapper: Mapper[Any]) -> _Insert | None:
    """None where a row is more than its table's, or where the database completes it."""
    table = cast("Table", mapper.local_table)
    if mapper.inherits or mapper.polymorphic_on is not None or mapper.relationships:
        return None
    sql, sent = statements.compiled_insert(table)
    fields = []
    for column in table.columns:
        default = column.default
        is_plain = default is None or default.is_scalar or default.is_callable
        if not is_plain or column.server_default is not None or column.identity is not None:
            return None
        fields.append(
            _Field(
                attribute=mapper.get_property_by_column(column).key,
                name=column.name,
                default=_default_of(column),
                bind=sent[column.name],
                tells_none=column.type.should_evaluate_none,
            )
        )
    version = mapper.version_id_col
    return _Insert(
        sql,
        tuple(fields),
        None if version is None else mapper.get_property_by_column(version).key,
    )


def _default_of(column: Column[Any]) -> _Convert | None:
    default: Any = column.default
    if default is None:
        return None
    return default.arg if default.is_callable else lambda _: default.arg
