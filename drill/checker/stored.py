"""What stands in the six databases once nothing moves, read by plain SQL.

Of who only stands by (`drill/bystanders.py`) nothing: what led to it was never there. They are
joined against, never `NOT IN`: more than fit into work_mem would be gone through for each row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

Row = dict[str, Any]
OWNERS = ("institution", "staff", "materials", "courses")
"""Services with a section of the snapshot and a lock on what it shows."""
EDITED = {"staff": ("staff", "staff_id", "name"), "materials": ("material", "material_id", "title"),
          "courses": ("course", "course_id", "name")}  # fmt: skip
_EVERYWHERE = {
    "trail": "SELECT sequence, event_id::text, type, subject, at FROM drill_trail",
    "inbox": "SELECT event_id::text, type, subject, state, attempts, received_at FROM inbox",
    "outbox": "SELECT event_id::text, type FROM outbox",
    "audit": "SELECT operation, action, object_type, object_id, request_id FROM audit_entry"
    " WHERE operation LIKE 'otsp\\_%'",
    "trail_of_audit": "SELECT * FROM audit_entry",
    "seals": "SELECT entry_sequence, entry_sha256, chain_sha256 FROM audit_seal ORDER BY position",
    "keys": "SELECT key, operation, status FROM idempotency_key WHERE key LIKE 'drill-%'",
}
_OF_OWNERS = {
    "locks": "SELECT institution_id::text, application_id::text, scopes FROM review_lock"
    " WHERE NOT EXISTS (SELECT FROM drill_bystander AS one"
    " WHERE one.institution_id = review_lock.institution_id)",
    "changes": "SELECT object_id::text, version, operation, fields FROM change"
    " WHERE operation LIKE 'otsp\\_%'",
}
_OF_COMPLIANCE = {
    "applications": "SELECT application_id::text, institution_id::text, state, request_id::text,"
    " snapshot_sha256, submitted_at FROM application"
    " WHERE NOT EXISTS (SELECT FROM drill_bystander AS one"
    " WHERE one.institution_id = application.institution_id)",
    "cases": "SELECT case_id::text, subject_id::text, state, decision FROM review_case"
    " WHERE NOT EXISTS (SELECT FROM drill_bystander AS one"
    " WHERE one.institution_id = review_case.institution_id) AND kind = 'compliance'",
    "gatherings": "SELECT request_id::text, application_id::text, state, missing_sections,"
    " extract(epoch FROM ended_at)::float AS ended_at FROM gathering"
    " WHERE application_id IS NOT NULL",
    "sections": "SELECT request_id::text, section, sha256 FROM gathered_section",
    "parts": "SELECT request_id::text, part, sha256, content FROM snapshot_part",
    "snapshots": "SELECT request_id::text, sha256, part_digests FROM snapshot",
    "receipts": "SELECT receipt_no, kind, application_id::text, request_id::text, salts, jws"
    " FROM receipt",
    "decisions": "SELECT decision_id::text, application_id::text FROM decision",
}
_DATABASES = ("auth", *OWNERS, "compliance")


@dataclass(frozen=True, slots=True)
class Stored:
    """Rows by service and name; what only compliance has, by name."""

    by_service: Mapping[str, Mapping[str, Sequence[Row]]]

    def of(self, service: str, name: str) -> Sequence[Row]:
        return self.by_service.get(service, {}).get(name, ())

    def compliance(self, name: str) -> Sequence[Row]:
        return self.of("compliance", name)

    def everywhere(self, name: str) -> list[tuple[str, Row]]:
        """With the service that each row is of."""
        return [(service, row) for service in self.by_service for row in self.of(service, name)]


def read(urls: Mapping[str, str]) -> Stored:
    """Of each service that is named; `urls` are those of somebody who may see everything."""
    return Stored({service: _read_one(service, url) for service, url in urls.items()})


def queries_of(service: str) -> dict[str, str]:
    """By the name of what they read."""
    queries = dict(_EVERYWHERE)
    if service in OWNERS:
        queries |= _OF_OWNERS
    if service in EDITED:
        table, key, field = EDITED[service]
        queries["edited"] = (
            f"SELECT {key}::text AS object_id, {field} AS value, version FROM {table}"  # noqa: S608
            " WHERE NOT EXISTS (SELECT FROM drill_bystander AS one"
            f" WHERE one.institution_id = {table}.institution_id)"
        )
    if service == "compliance":
        queries |= _OF_COMPLIANCE
    return queries


def _read_one(service: str, url: str) -> dict[str, Sequence[Row]]:
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:
        queries = queries_of(service)
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}
