"""Merging the migrated accounts of one institution."""

from typing import Any
from uuid import UUID

from otsp_auth.commands import merges
from otsp_auth.queries import merge_rows
from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page


def list_merge_candidates(
    principal: Principal, *, limit: int, cursor: str | None = None
) -> Page[merge_rows.Candidate]:
    authority = merges.require_region_admin(principal)
    with reading() as tx:
        return merge_rows.list_candidates(tx, authority, cursor=cursor, limit=limit)


def merge_accounts(principal: Principal, body: dict[str, Any]) -> Answer:
    merged = merges.merge_accounts(
        principal,
        keep_id=UUID(body["keep_account_id"]),
        merge_id=UUID(body["merge_account_id"]),
        reason=body["reason"],
    )
    return Answer(merged, 201)
