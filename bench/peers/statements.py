"""The SQL of the peers: the sample's own tables, SQLAlchemy Core, statements built once.

`add_item` sends what the sample's POST sends, statement for statement; `add_item_bare` leaves
out review lock, audit trail and reading back.
"""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

import orjson
import uuid_utils.compat
from sqlalchemy import Connection, Table, bindparam, create_engine, insert, select, text

from otsp_chassis.tables import audit_entry, outbox, review_lock
from otsp_testkit.sample.model import Item

POOL = 8
_item = cast("Table", Item.__table__)
_COLUMNS = [
    _item.c[name]
    for name in (
        "item_id", "version", "name", "kind", "amount_fen", "opened_on", "closed_on", "note",
        "code", "description", "state", "region_code", "city", "address", "keeper", "quantity",
        "priority", "weight_g", "is_active", "is_shared", "checked_at", "opens_at",
    )
]  # fmt: skip
_STORED = [column.name for column in _COLUMNS[2:]]
_ONE = select(*_COLUMNS).where(
    _item.c.item_id == bindparam("item_id"), _item.c.institution_id == bindparam("institution_id")
)
_PAGE = (
    select(*_COLUMNS)
    .where(
        _item.c.institution_id == bindparam("institution_id"),
        _item.c.item_id > bindparam("after"),
    )
    .order_by(_item.c.item_id)
    .limit(bindparam("limit"))
)
_ADD_ITEM = insert(_item).inline()
_ADD_EVENT = insert(outbox).inline()
_ADD_AUDIT = insert(audit_entry).inline()
_GUARD = text("SELECT pg_advisory_xact_lock_shared(:key)")
_LOCKS = select(review_lock.c.application_id, review_lock.c.scopes).where(
    review_lock.c.institution_id == bindparam("institution_id")
)

Fields = dict[str, Any]


class InstitutionLockedError(Exception):
    """The institution's data are under review."""


def database_url(driver: str) -> str:
    return os.environ["BENCH_DATABASE_URL"].replace("postgresql://", driver, 1)


engine = create_engine(database_url("postgresql+psycopg://"), pool_size=POOL, max_overflow=0)
_reader = engine.execution_options(isolation_level="AUTOCOMMIT")


def find_item(institution_id: UUID, item_id: UUID) -> Fields | None:
    with _reader.connect() as connection:
        row = connection.execute(
            _ONE, {"item_id": item_id, "institution_id": institution_id}
        ).first()
    return None if row is None else dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name


def list_items(institution_id: UUID, after: UUID, limit: int) -> Fields:
    with _reader.connect() as connection:
        rows = connection.execute(
            _PAGE, {"institution_id": institution_id, "after": after, "limit": limit + 1}
        ).all()
    items = [dict(row._mapping) for row in rows[:limit]]  # noqa: SLF001
    return {"items": items, "next": str(items[-1]["item_id"]) if len(rows) > limit else None}


def add_item_bare(institution_id: UUID, fields: Fields) -> Fields:
    """Two inserts and one commit."""
    columns = _columns(institution_id, fields)
    with engine.begin() as connection:
        connection.execute(_ADD_ITEM, columns)
        connection.execute(_ADD_EVENT, _event(columns))
    return _told(columns)


def add_item(institution_id: UUID, fields: Fields) -> Fields:
    """The same effect as the sample's: guarded, audited, read back as stored."""
    columns = _columns(institution_id, fields)
    with engine.begin() as connection:
        _guard(connection, institution_id)
        connection.execute(_ADD_ITEM, columns)
        connection.execute(_ADD_EVENT, _event(columns))
        this = {"item_id": columns["item_id"], "institution_id": institution_id}
        stored = connection.execute(_ONE, this).one()
        connection.execute(
            _ADD_AUDIT,
            {
                "operation": "add_item", "action": "add_item", "role": "inst_admin",
                "institution_id": institution_id, "pii_fields": [],
            },
        )  # fmt: skip
    return dict(stored._mapping)  # noqa: SLF001


def _guard(connection: Connection, institution_id: UUID) -> None:
    key = int.from_bytes(institution_id.bytes[8:], signed=True)
    connection.execute(_GUARD, {"key": key})
    held = connection.execute(_LOCKS, {"institution_id": institution_id}).first()
    if held is not None and "items" in held.scopes:
        raise InstitutionLockedError


def _columns(institution_id: UUID, fields: Fields) -> Fields:
    moment = datetime.now(UTC)
    columns = {name: fields.get(name) for name in _STORED}
    for name, parse in _PARSED:
        text_of_it = fields.get(name)
        if text_of_it is not None:
            columns[name] = parse(text_of_it)
    return columns | {
        "item_id": uuid_utils.compat.uuid7(),
        "institution_id": institution_id,
        "created_at": moment,
        "updated_at": moment,
        "version": 1,
    }


_PARSED: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("opened_on", date.fromisoformat),
    ("closed_on", date.fromisoformat),
    ("checked_at", datetime.fromisoformat),
)


def _event(columns: Fields) -> Fields:
    event_id = uuid_utils.compat.uuid7()
    data = {name: columns[name] for name in ("item_id", "institution_id")}
    envelope = {
        "specversion": "1.0", "id": event_id, "source": "/otsp/sample",
        "type": "sample.item_added.v1", "time": columns["created_at"],
        "subject": str(columns["item_id"]), "datacontenttype": "application/json", "data": data,
    }  # fmt: skip
    return {
        "event_id": event_id,
        "type": envelope["type"],
        "subject": envelope["subject"],
        "envelope": orjson.dumps(envelope),
    }


def _told(columns: Fields) -> Fields:
    return {column.name: columns[column.name] for column in _COLUMNS}
