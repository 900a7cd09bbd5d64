"""An account that is about to be changed."""

from uuid import UUID

from otsp_auth.model import Account
from otsp_chassis.db import Tx
from otsp_chassis.problems import NotFound


def locked_account(tx: Tx, account_id: UUID) -> Account:
    """Until the transaction ends, so that changes of one account pass one by one."""
    account = tx.get(Account, account_id, with_for_update=True)
    if account is None:
        raise NotFound
    return account
