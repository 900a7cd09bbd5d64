"""The parts of an institution: each row class is read from its one table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, bindparam, select

from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound
from otsp_chassis.statements import Read
from otsp_chassis.tables import attachment
from otsp_institution.model import (
    AuditReport,
    Base,
    BasicAccount,
    Certificate,
    FeeItem,
    FormerLicence,
    Institution,
    OtherDoc,
    Party,
    SchoolLicence,
    ServiceContract,
    Supervision,
)
from otsp_institution.queries.registry import get_profile
from otsp_institution.queries.statements import find_latest
from otsp_institution.rules import rows
from otsp_institution.rules.doubts import doubts_of

Row = TypeVar("Row", bound=rows.Part)


@dataclass(frozen=True, slots=True)
class Singles:
    """The parts of which an institution has one, without warnings."""

    licence: rows.LicenceRow | None
    party: rows.PartyRow | None
    supervision: rows.SupervisionRow | None
    basic_account: rows.BasicAccountRow | None
    contract: rows.ContractRow | None


@dataclass(frozen=True, slots=True)
class _Source:
    """A table, and the column that tells its rows apart where an institution has several."""

    entity: type[Base]
    key: str = "institution_id"


_SOURCES: Mapping[type[rows.Part], _Source] = {
    rows.LicenceRow: _Source(SchoolLicence),
    rows.FormerLicenceRow: _Source(FormerLicence, "former_licence_id"),
    rows.CertificateRow: _Source(Certificate, "certificate_id"),
    rows.PartyRow: _Source(Party),
    rows.OtherDocRow: _Source(OtherDoc, "doc_id"),
    rows.AuditReportRow: _Source(AuditReport, "audit_report_id"),
    rows.SupervisionRow: _Source(Supervision),
    rows.BasicAccountRow: _Source(BasicAccount),
    rows.ContractRow: _Source(ServiceContract),
    rows.FeeItemRow: _Source(FeeItem, "fee_item_id"),
}


def find_part(
    tx: Reader, kind: type[Row], institution_id: UUID, *, row_id: UUID | None = None
) -> Row | None:
    """Without warnings. `row_id` where an institution has several."""
    query = _LIVE[kind]
    if row_id is not None:
        query = query.where(_key(kind) == row_id)
    columns = tx.execute(query, {"institution_id": institution_id}).first()
    row = None if columns is None else _made(kind, columns)
    if isinstance(row, rows.SupervisionRow):
        return replace(row, latest_statement=find_latest(tx, institution_id))
    if isinstance(row, rows.ContractRow):
        supervision = find_part(tx, rows.SupervisionRow, institution_id)
        return replace(row, supervision_clause=supervision.mode if supervision else None)
    return row


def get_part(
    tx: Reader, kind: type[Row], institution_id: UUID, *, row_id: UUID | None = None
) -> Row:
    row = find_part(tx, kind, institution_id, row_id=row_id)
    if row is None:
        raise NotFound
    doubts = list(doubts_of(row, get_profile(tx, institution_id), clock.today()))
    return replace(row, warnings=doubts)


def list_parts(
    tx: Reader, kind: type[Row], institution_id: UUID, *, cursor: str | None, limit: int
) -> Page[Row]:
    """In order of creation."""
    query = _LIVE[kind]
    if cursor is not None:
        query = query.where(_key(kind) > decode_id(cursor))
    rows_found = tx.execute(query.limit(limit + 1), {"institution_id": institution_id})
    found = [_made(kind, columns) for columns in rows_found]
    profile, today = get_profile(tx, institution_id), clock.today()
    told = [replace(row, warnings=list(doubts_of(row, profile, today))) for row in found]
    name = _SOURCES[kind].key
    return make_page(told, limit, key=lambda row: [getattr(row, name)])


def find_singles(tx: Reader, institution_id: UUID) -> Singles:
    """All by one statement, of the contract what is kept; for the section."""
    columns = _SINGLES.first(tx, {"institution_id": institution_id})
    found: dict[type[rows.Part], Any] = dict.fromkeys(_PLACES)
    for kind, (first, end) in _PLACES.items():
        if columns is not None and columns[first] is not None:
            found[kind] = _made(kind, columns[first + 1 : end])
    supervision = found[rows.SupervisionRow]
    if supervision is not None:
        latest = find_latest(tx, institution_id)
        supervision = replace(supervision, latest_statement=latest)
    return Singles(
        licence=found[rows.LicenceRow],
        party=found[rows.PartyRow],
        supervision=supervision,
        basic_account=found[rows.BasicAccountRow],
        contract=found[rows.ContractRow],
    )


def list_all(tx: Reader, kind: type[Row], institution_id: UUID) -> list[Row]:
    """Every live row without warnings, in order of creation; for the section."""
    found = _ALL[kind].rows(tx, {"institution_id": institution_id})
    return [_made(kind, columns) for columns in found]


def listed_columns(
    kind: type[rows.Part], institution_id: UUID, names: Sequence[str]
) -> Select[Any]:
    """The whole list in its order, of each row these columns only."""
    columns = _SOURCES[kind].entity.__table__.columns
    query = _LIVE[kind].params(institution_id=institution_id)
    return query.with_only_columns(*(columns[name] for name in names))


def table_of(kind: type[rows.Part]) -> str:
    return str(_SOURCES[kind].entity.__tablename__)


def id_of(row: rows.Part, institution_id: UUID) -> UUID:
    """Its own, or the institution's where there is one of its kind."""
    row_id: UUID = getattr(row, _SOURCES[type(row)].key, institution_id)
    return row_id


def is_scan_of_another_licence(tx: Reader, institution_id: UUID, file_id: UUID) -> bool:
    """Whether another institution gave the same bytes as the scan of its licence (V-13)."""
    asked = {"institution_id": institution_id, "file_id": file_id}
    return _SAME_SCAN.first(tx, asked) is not None


_MINE, _THEIRS = attachment.alias(), attachment.alias()
_SAME_SCAN = Read(
    select(SchoolLicence.institution_id)
    .join(_THEIRS, _THEIRS.c.file_id == SchoolLicence.scan_file_id)
    .join(_MINE, _MINE.c.sha256 == _THEIRS.c.sha256)
    .where(
        _MINE.c.file_id == bindparam("file_id"),
        SchoolLicence.institution_id != bindparam("institution_id"),
    )
    .limit(1)
)


def _key(kind: type[rows.Part]) -> ColumnElement[UUID]:
    source = _SOURCES[kind]
    return source.entity.__table__.columns[source.key]


def _columns(kind: type[rows.Part]) -> list[ColumnElement[Any]]:
    columns = _SOURCES[kind].entity.__table__.columns
    return [columns[field.name] for field in fields(kind) if field.name in columns]


def _live(kind: type[rows.Part]) -> Select[Any]:
    columns = _SOURCES[kind].entity.__table__.columns
    query = select(*_columns(kind)).where(columns["institution_id"] == bindparam("institution_id"))
    if "deleted_at" in columns:
        query = query.where(columns["deleted_at"].is_(None))
    return query.order_by(_key(kind))


def _singles() -> tuple[Select[Any], dict[type[rows.Part], tuple[int, int]]]:
    """The statement, and where it has the columns of each part: first whose they are.

    None of these tables keeps what was removed.
    """
    chosen: list[ColumnElement[Any]] = []
    places: dict[type[rows.Part], tuple[int, int]] = {}
    joined: FromClause = Institution.__table__
    for kind in _OF_ONE:
        table = _SOURCES[kind].entity.__table__
        first = len(chosen)
        chosen += [table.c.institution_id, *_columns(kind)]
        places[kind] = (first, len(chosen))
        joined = joined.outerjoin(
            table, table.c.institution_id == Institution.__table__.c.institution_id
        )
    of_one = Institution.__table__.c.institution_id == bindparam("institution_id")
    return select(*chosen).select_from(joined).where(of_one), places


_OF_ONE: tuple[type[rows.Part], ...] = (
    rows.LicenceRow,
    rows.PartyRow,
    rows.SupervisionRow,
    rows.BasicAccountRow,
    rows.ContractRow,
)
_LIVE = {kind: _live(kind) for kind in _SOURCES}
"""Executed with `institution_id`; made once, because that costs more than running it."""
_ALL = {kind: Read(query) for kind, query in _LIVE.items()}
_ONES, _PLACES = _singles()
_SINGLES = Read(_ONES)


def _made(kind: type[Row], columns: Sequence[Any]) -> Row:
    make: Callable[..., Row] = kind
    return make(*columns)
