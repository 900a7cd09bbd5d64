"""Which columns of a service name its files, and whether what they name is masked elsewhere.

Each service lists them once (`REFERENCES` in its model). From that follow who may look at a file,
and which files nobody needs any more. An architecture test holds the lists to be complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Select,
    Text,
    Uuid,
    any_,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from otsp_chassis.db import Reader

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class Reference:
    """A column of an institution's rows that holds a file's id, several, or JSON with ids in it.

    `is_sensitive`: scans of class 3 (§5.3), as of certificates and contracts of persons, and those
    that show in clear what answers mask. `shown`: which rows authorities may read of; None: all.
    """

    attribute: InstrumentedAttribute[Any]
    is_sensitive: bool = False
    shown: ColumnElement[bool] | None = None

    @property
    def column(self) -> ColumnElement[Any]:
        return self.attribute.expression

    @property
    def table(self) -> FromClause:
        table: FromClause = self.attribute.class_.__table__
        return table

    def names(self, file_id: UUID) -> ColumnElement[bool]:
        """Whether a row names this file."""
        if isinstance(self.column.type, Uuid):
            return self.column == file_id
        if isinstance(self.column.type, ARRAY):
            return any_(self.column) == file_id
        return cast(self.column, Text).contains(str(file_id))


def shows_sensitive(
    tx: Reader, references: Sequence[Reference], *, institution_id: UUID, file_id: UUID
) -> bool | None:
    """Whether it is sensitive to any row that names it; None when none does that
    authorities may read of. A deleted row names nothing any more.
    """
    naming = [_naming(each, institution_id, file_id) for each in references]
    told = union_all(*naming).subquery()
    return tx.execute(select(func.bool_or(told.c.is_sensitive))).scalar()


def ids_in(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Every id that a column holds, one a row of the answer; ids of other things among them."""
    if isinstance(column.type, Uuid):
        return column
    if isinstance(column.type, ARRAY):
        return func.unnest(column)
    found = func.regexp_matches(cast(column, Text), _UUID, "g")
    return cast(func.unnest(found), Uuid)


def _naming(reference: Reference, institution_id: UUID, file_id: UUID) -> Select[Any]:
    table = reference.table
    query = select(literal(reference.is_sensitive).label("is_sensitive")).where(
        table.c.institution_id == institution_id, reference.names(file_id)
    )
    if "deleted_at" in table.c:
        query = query.where(table.c.deleted_at.is_(None))
    return query if reference.shown is None else query.where(reference.shown)
