"""The HTTP edge of accounts, sessions and authorities."""

from typing import Any
from uuid import UUID

from otsp_auth import queries, rules
from otsp_auth.commands import accounts, authorities, registration, sessions
from otsp_auth.settings import current_settings
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import HEADER, Principal
from otsp_chassis.page import Page
from otsp_chassis.problems import UnknownRoute


def request_registration(body: dict[str, Any]) -> Answer:
    return Answer(registration.request_registration(body["mobile"]), 201)


@checked(rules.check_password)
def activate_account(registration_id: str, body: dict[str, Any]) -> Answer:
    account = registration.activate_account(UUID(registration_id), body)
    return Answer(account, 201, version=account.version, location="/api/auth/v1/account")


def list_development_messages(mobile: str) -> Page[queries.Message]:
    if current_settings().env == "production":
        raise UnknownRoute
    with reading() as tx:
        return Page(queries.list_messages(tx, mobile), None)


def open_session(body: dict[str, Any]) -> Answer:
    return Answer(sessions.open_session(body["username"], body["password"]), 201)


def close_session(principal: Principal) -> Answer:
    sessions.close_session(principal)
    return Answer(status=204)


def identify_session(authorization: str | None = None) -> Answer:
    token = rules.bearer_token(authorization)
    return Answer(headers={HEADER: sessions.identify(token)})


def get_account(principal: Principal) -> Answer:
    with reading() as tx:
        account = queries.get_account(tx, principal.account_id)
    return Answer(account, version=account.version)


@checked(rules.check_password_change)
def change_password(principal: Principal, body: dict[str, Any]) -> Answer:
    accounts.change_password(principal, current=body["current_password"], new=body["new_password"])
    return Answer(status=204)


@checked(rules.check_account)
def create_account(principal: Principal, body: dict[str, Any]) -> Answer:
    account = accounts.create_account(principal, body)
    location = f"/api/auth/v1/accounts/{account.account_id}"
    return Answer(account, 201, version=account.version, location=location)


def get_account_of_others(account_id: str, principal: Principal) -> Answer:
    with reading() as tx:
        account = queries.get_account_of_others(tx, principal, UUID(account_id))
    return Answer(account, version=account.version)


@checked(rules.check_authority)
def create_authority(principal: Principal, body: dict[str, Any]) -> Answer:
    authority = authorities.create_authority(principal, body)
    location = f"/api/auth/v1/authorities/{authority.authority_id}"
    return Answer(authority, 201, version=authority.version, location=location)


def get_authority(authority_id: str) -> Answer:
    with reading() as tx:
        authority = queries.get_authority(tx, UUID(authority_id))
    return Answer(authority, version=authority.version)


def list_authorities(
    *,
    limit: int,
    cursor: str | None = None,
    region_code: str | None = None,
    level: str | None = None,
    department: str | None = None,
) -> Page[queries.AuthorityRow]:
    filters = {"region_code": region_code, "level": level, "department": department}
    with reading() as tx:
        return queries.list_authorities(tx, filters, cursor=cursor, limit=limit)
