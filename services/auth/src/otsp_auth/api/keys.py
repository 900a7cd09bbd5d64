"""Keys of the own institution's systems (系统接入)."""

from typing import Any
from uuid import UUID

from otsp_auth.commands import api_keys
from otsp_auth.queries import api_keys as key_rows
from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page


def create_api_key(principal: Principal, body: dict[str, Any]) -> Answer:
    return Answer(api_keys.create_api_key(principal, body), 201)


def list_api_keys(
    principal: Principal, *, limit: int, cursor: str | None = None
) -> Page[key_rows.ApiKeyRow]:
    with reading() as tx:
        return key_rows.list_api_keys(tx, principal.institution_id, cursor=cursor, limit=limit)


def revoke_api_key(api_key_id: str, principal: Principal) -> Answer:
    api_keys.revoke_api_key(principal, UUID(api_key_id))
    return Answer(status=204)
