"""Other people's accounts."""

from typing import Any
from uuid import UUID

from otsp_auth.commands import accounts
from otsp_auth.queries import account_rows
from otsp_auth.rules.entry import check_account
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal


@checked(check_account)
def create_account(principal: Principal, body: dict[str, Any]) -> Answer:
    account = accounts.create_account(principal, body)
    location = f"/api/auth/v1/accounts/{account.account_id}"
    return Answer(account, 201, version=account.version, location=location)


def get_account_of_others(account_id: str, principal: Principal) -> Answer:
    with reading() as tx:
        account = account_rows.get_account_of_others(tx, principal, UUID(account_id))
    return Answer(account, version=account.version)
