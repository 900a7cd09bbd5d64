"""What lay under supervision, month by month: the rows as they were stated, and which one holds."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, select, tuple_

from otsp_chassis.db import Reader
from otsp_chassis.page import Page, decode_cursor, decode_id, encode_cursor, make_page
from otsp_chassis.problems import NotFound
from otsp_chassis.statements import Read
from otsp_institution.model import FundsStatement
from otsp_institution.rules.rows import StatementRow

_STATED = FundsStatement.__table__.alias("stated")
_LATER = FundsStatement.__table__.alias("later")
_C = _STATED.c
_ROWS = select(
    _C.statement_id,
    _C.month,
    _C.cycle_total_fen,
    _C.balance_fen,
    _C.unspent_lessons_fen,
    _C.deposit_balance_fen,
    _C.as_of,
    _C.corrects_id,
    _LATER.c.statement_id,
    _C.reason,
    _C.stated_on,
).join_from(_STATED, _LATER, _LATER.c.corrects_id == _C.statement_id, isouter=True)

_LATEST = Read(
    _ROWS.where(_C.institution_id == bindparam("institution_id"), _LATER.c.statement_id.is_(None))
    .order_by(_C.month.desc())
    .limit(1)
)
_TOLD: Mapping[str, ColumnElement[Any]] = {
    "is_correction": _C.corrects_id.is_not(None).label("is_correction"),
    "is_corrected": _LATER.c.statement_id.is_not(None).label("is_corrected"),
}
"""Whether, where a list tells which one: an id says nothing on paper."""


def find_latest(tx: Reader, institution_id: UUID) -> StatementRow | None:
    """Of the latest month, the one that holds."""
    columns = _LATEST.first(tx, {"institution_id": institution_id})
    return None if columns is None else StatementRow(*columns)


def get_statement(tx: Reader, institution_id: UUID, statement_id: UUID) -> StatementRow:
    columns = tx.execute(_of(institution_id).where(_C.statement_id == statement_id)).first()
    if columns is None:
        raise NotFound
    return StatementRow(*columns)


def list_statements(
    tx: Reader, institution_id: UUID, *, month: str | None, cursor: str | None, limit: int
) -> Page[StatementRow]:
    """The latest month first, within a month the latest statement: the one that holds."""
    query = _listed(institution_id, month)
    if cursor is not None:
        last_month, last_id = decode_cursor(cursor, 2)
        before = (last_month, decode_id(encode_cursor([last_id])))
        query = query.where(tuple_(_C.month, _C.statement_id) < before)
    found = [StatementRow(*columns) for columns in tx.execute(query.limit(limit + 1))]
    return make_page(found, limit, key=lambda row: [row.month, row.statement_id])


def listed_columns(
    institution_id: UUID, filters: Mapping[str, Any], names: Sequence[str]
) -> Select[Any]:
    """The whole list in its order, of each statement these columns only."""
    told = (_TOLD[name] if name in _TOLD else _C[name] for name in names)
    return _listed(institution_id, filters.get("month")).with_only_columns(*told)


def _listed(institution_id: UUID, month: str | None) -> Select[Any]:
    query = _of(institution_id).order_by(_C.month.desc(), _C.statement_id.desc())
    return query if month is None else query.where(_C.month == month)


def _of(institution_id: UUID) -> Select[Any]:
    return _ROWS.where(_C.institution_id == institution_id)
