"""What changed in an institution's people: change by change, and between two moments."""

from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.history.reading import Change
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_staff.queries import history as queries


def list_changes(
    institution_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    **filters: str,
) -> Page[Change]:
    with reading() as tx:
        return queries.list_changes(
            tx, principal, UUID(institution_id), filters=filters, cursor=cursor, limit=limit
        )


def list_differences(institution_id: str, principal: Principal, **filters: str) -> dict[str, Any]:
    with reading() as tx:
        found = queries.list_differences(tx, principal, UUID(institution_id), filters=filters)
    return {"items": found}
