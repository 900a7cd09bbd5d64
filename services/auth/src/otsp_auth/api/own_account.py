"""What everybody sees and changes of the own account."""

from typing import Any
from uuid import UUID

from otsp_auth.commands import (
    emails,
    first_mobiles,
    mobile_changes,
    password_changes,
    personal_information,
)
from otsp_auth.queries import account_rows
from otsp_auth.queries.passwords import current_policy
from otsp_auth.queries.personal_information import get_personal_information as read_information
from otsp_auth.rules.password_policy import check_password_change
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal


def get_account(principal: Principal) -> Answer:
    with reading() as tx:
        account = account_rows.get_account(tx, principal.account_id)
    return Answer(account, version=account.version)


@checked(lambda fields: check_password_change(fields, current_policy()))
def change_password(principal: Principal, body: dict[str, Any]) -> Answer:
    password_changes.change_password(
        principal, current=body["current_password"], new=body["new_password"]
    )
    return Answer(status=204)


def get_personal_information(principal: Principal) -> Answer:
    with reading() as tx:
        found = read_information(tx, principal.account_id)
    return Answer(found, version=found.version)


def put_personal_information(
    principal: Principal, body: dict[str, Any], if_match: int | None
) -> Answer:
    kept = personal_information.put_personal_information(principal, body, if_match=if_match)
    return Answer(kept, version=kept.version)


def request_email_change(principal: Principal, body: dict[str, Any]) -> Answer:
    asked = emails.request_email_change(
        principal, email=body["email"], current_password=body["current_password"]
    )
    return Answer(asked, 201)


def complete_email_change(
    email_change_id: str, principal: Principal, body: dict[str, Any]
) -> Answer:
    account = emails.complete_email_change(principal, UUID(email_change_id), code=body["code"])
    return Answer(account, version=account.version)


def request_mobile_proof(principal: Principal, body: dict[str, Any]) -> Answer:
    asked = first_mobiles.request_mobile_proof(
        principal, mobile=body["mobile"], current_password=body["current_password"]
    )
    return Answer(asked, 201)


def complete_mobile_proof(
    mobile_proof_id: str, principal: Principal, body: dict[str, Any]
) -> Answer:
    account = first_mobiles.complete_mobile_proof(
        principal, UUID(mobile_proof_id), code=body["code"]
    )
    return Answer(account, version=account.version)


def request_mobile_change(principal: Principal, body: dict[str, Any]) -> Answer:
    return Answer(mobile_changes.request_mobile_change(principal, body["new_mobile"]), 201)


def complete_mobile_change(
    mobile_change_id: str, principal: Principal, body: dict[str, Any]
) -> Answer:
    mobile_changes.complete_mobile_change(
        principal,
        UUID(mobile_change_id),
        old_code=body["old_code"],
        new_code=body["new_code"],
    )
    return Answer(status=204)
