"""The trail as auditors read it: one implementation of the operation that all services declare."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, func, or_, select, true

from otsp_chassis.audit.recording import record
from otsp_chassis.db import Tx, row_class, transaction
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.page import Page, decode_number, make_page
from otsp_chassis.tables import audit_entry, audit_seal

Filters = Mapping[str, str]


@row_class
class AuditEntry:
    """One entry as it is told. `position` is its place in the chain; None until it is sealed."""

    sequence: int
    at: datetime
    actor_id: UUID | None
    role: str | None
    client_ip: str | None
    request_id: str | None
    operation: str
    action: str
    object_type: str | None
    object_id: str | None
    institution_id: UUID | None
    region_code: str | None
    before_sha256: str | None
    after_sha256: str | None
    pii_fields: list[str]
    reason: str | None
    position: int | None


_entry = audit_entry.c
_OTHERWISE: Mapping[str, ColumnElement[Any]] = {
    "before_sha256": func.encode(_entry.before_sha256, "hex"),
    "after_sha256": func.encode(_entry.after_sha256, "hex"),
    "position": audit_seal.c.position,
}
_NAMES = [each.name for each in fields(AuditEntry)]
_ENTRIES: Select[Any] = (
    select(*(_OTHERWISE[name] if name in _OTHERWISE else _entry[name] for name in _NAMES))
    .outerjoin_from(audit_entry, audit_seal, audit_seal.c.entry_sequence == _entry.sequence)
    .order_by(_entry.sequence.desc())
)
_NARROWING: Mapping[str, Callable[[str], ColumnElement[bool]]] = {
    "from": lambda text: _entry.at >= datetime.fromisoformat(text),
    "to": lambda text: _entry.at < datetime.fromisoformat(text),
    "action": lambda text: _entry.action.startswith(text, autoescape=True),
    "actor_id": lambda text: _entry.actor_id == UUID(text),
    "object_id": lambda text: _entry.object_id == text,
    "institution_id": lambda text: _entry.institution_id == UUID(text),
    "operation": lambda text: _entry.operation == text,
}


def entries_of(
    institutions: FromClause, *, objects: FromClause | None = None
) -> Callable[..., Page[AuditEntry]]:
    """The operation of a service that knows in `institutions` the `region_code` of each.

    `objects` are other things that have a region, by `object_id`, as entries name it, and
    `region_code`: an account that logs in acts for nobody yet, and is somebody's all the same.
    """

    def list_audit_entries(
        principal: Principal, *, limit: int, cursor: str | None = None, **filters: str
    ) -> Page[AuditEntry]:
        """Newest first. Reading leaves an entry too."""
        query = _ENTRIES.where(
            _within(principal.authority, institutions, objects),
            *(_NARROWING[name](value) for name, value in filters.items()),
        )
        if cursor is not None:
            query = query.where(_entry.sequence < decode_number(cursor))
        with transaction() as tx:
            rows = [AuditEntry(*row) for row in tx.execute(query.limit(limit + 1))]
            page = make_page(rows, limit, key=lambda entry: [entry.sequence])
            _record_reading(tx, page, filters)
        return page

    return list_audit_entries


def _within(
    authority: AuthorityClaim | None, institutions: FromClause, objects: FromClause | None
) -> ColumnElement[bool]:
    """Acts of authorities of the subtree, and what concerns its institutions and other objects.

    What no region is known of is for the nation's auditors, as is everything.
    """
    if authority is None or not authority.region_prefix:
        return true()
    theirs = institutions.c.region_code.startswith(authority.region_prefix)
    reached = [
        _entry.region_code.startswith(authority.region_prefix),
        _entry.institution_id.in_(select(institutions.c.institution_id).where(theirs)),
    ]
    if objects is not None:
        inside = objects.c.region_code.startswith(authority.region_prefix)
        reached.append(_entry.object_id.in_(select(objects.c.object_id).where(inside)))
    return or_(*reached)


def _record_reading(tx: Tx, page: Page[AuditEntry], filters: Filters) -> None:
    shown = page.items
    record(
        tx,
        "audit.read",
        object_type="audit_entry",
        object_id=f"{shown[-1].sequence}..{shown[0].sequence}" if shown else "none",
        institution_id=UUID(filters["institution_id"]) if "institution_id" in filters else None,
        after=dict(filters),
    )
