"""What everybody sees and changes of the own account."""

from typing import Any

from otsp_auth.commands import accounts
from otsp_auth.queries import account_rows
from otsp_auth.rules.password_policy import check_password_change
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal


def get_account(principal: Principal) -> Answer:
    with reading() as tx:
        account = account_rows.get_account(tx, principal.account_id)
    return Answer(account, version=account.version)


@checked(check_password_change)
def change_password(principal: Principal, body: dict[str, Any]) -> Answer:
    accounts.change_password(principal, current=body["current_password"], new=body["new_password"])
    return Answer(status=204)
