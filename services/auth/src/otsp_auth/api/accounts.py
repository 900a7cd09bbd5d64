"""Other people's accounts."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from otsp_auth.commands import accounts, password_links, people
from otsp_auth.queries import account_rows
from otsp_auth.queries.passwords import current_policy
from otsp_auth.rules.entry import check_account
from otsp_auth.rules.password_policy import check_password
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_contracts.values import FieldError


@checked(lambda fields: check_account(fields, current_policy()))
def create_account(principal: Principal, body: dict[str, Any]) -> Answer:
    account = accounts.create_account(principal, body)
    location = f"/api/auth/v1/accounts/{account.account_id}"
    return Answer(account, 201, version=account.version, location=location)


def get_account_of_others(account_id: str, principal: Principal) -> Answer:
    with reading() as tx:
        account = account_rows.get_account_of_others(tx, principal, UUID(account_id))
    return Answer(account, version=account.version)


def list_accounts(  # noqa: PLR0913 - a list has these filters
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    role: str | None = None,
    status: str | None = None,
    authority_id: str | None = None,
    q: str | None = None,
) -> Page[account_rows.AccountRow]:
    authority = UUID(authority_id) if authority_id else None
    wanted = account_rows.Wanted(role, status, authority, q)
    with reading() as tx:
        return account_rows.list_accounts(tx, principal, wanted, cursor=cursor, limit=limit)


def list_colleagues(
    principal: Principal, *, limit: int, cursor: str | None = None
) -> Page[account_rows.ColleagueRow]:
    with reading() as tx:
        return account_rows.list_colleagues(tx, principal, cursor=cursor, limit=limit)


def suspend_account(account_id: str, principal: Principal, *, body: dict[str, Any]) -> Answer:
    return _changed(people.suspend(principal, UUID(account_id), reason=body["reason"]))


def resume_account(account_id: str, principal: Principal, *, body: dict[str, Any]) -> Answer:
    return _changed(people.resume(principal, UUID(account_id), reason=body["reason"]))


def unlock_account(account_id: str, principal: Principal, *, body: dict[str, Any]) -> Answer:
    return _changed(people.unlock(principal, UUID(account_id), reason=body["reason"]))


def send_password_link(account_id: str, principal: Principal, *, body: dict[str, Any]) -> Answer:
    return _changed(people.send_link(principal, UUID(account_id), reason=body["reason"]))


def change_role(account_id: str, principal: Principal, *, body: dict[str, Any]) -> Answer:
    account = people.change_role(
        principal, UUID(account_id), role=body["role"], reason=body["reason"]
    )
    return _changed(account)


def transfer_account(account_id: str, principal: Principal, *, body: dict[str, Any]) -> Answer:
    account = people.transfer(
        principal,
        UUID(account_id),
        authority_id=UUID(body["authority_id"]),
        reason=body["reason"],
    )
    return _changed(account)


def _check_new_password(fields: dict[str, Any]) -> Iterator[FieldError]:
    return check_password("/new_password", fields.get("new_password"), current_policy())


@checked(_check_new_password)
def complete_password_link(body: dict[str, Any]) -> Answer:
    password_links.complete_link(body["token"], body["new_password"])
    return Answer(status=204)


def _changed(account: account_rows.AccountRow) -> Answer:
    return Answer(account, version=account.version)
