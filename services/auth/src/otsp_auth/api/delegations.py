"""Delegations (委托) and cover of who is on leave (替班)."""

from typing import Any
from uuid import UUID

from otsp_auth.commands import delegations
from otsp_auth.queries import delegation_rows
from otsp_auth.rules.delegations import check_delegation
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page


@checked(check_delegation)
def create_delegation(principal: Principal, body: dict[str, Any]) -> Answer:
    delegation = delegations.create_delegation(principal, body)
    return Answer(delegation, 201, version=delegation.version)


def end_delegation(delegation_id: str, principal: Principal, *, body: dict[str, Any]) -> Answer:
    delegation = delegations.end_delegation(principal, UUID(delegation_id), reason=body["reason"])
    return Answer(delegation, version=delegation.version)


def list_delegations(
    principal: Principal, *, limit: int, cursor: str | None = None, account_id: str | None = None
) -> Page[delegation_rows.DelegationRow]:
    with reading() as tx:
        return delegation_rows.list_delegations(
            tx,
            principal,
            account_id=UUID(account_id) if account_id else None,
            cursor=cursor,
            limit=limit,
        )
