"""An institution's account comes into use; the institution service learns its id by that."""

from otsp_auth.model import Account
from otsp_chassis import audit
from otsp_chassis.db import Tx
from otsp_chassis.outbox import publish
from otsp_contracts.auth import AccountActivated


def tell_activated(tx: Tx, account: Account) -> None:
    if account.institution_id is None:
        message = "an institution's account has its id"
        raise ValueError(message)
    told = AccountActivated(
        account_id=account.account_id,
        institution_id=account.institution_id,
        legacy_source=account.legacy_source,
    )
    publish(tx, told)


def finish_migration(tx: Tx, account: Account) -> None:
    """migrated_inactive → active (激活) once nothing is owed; for any other account nothing.

    To be called by whatever settles a duty, in the same transaction.
    """
    if account.activate():
        tell_activated(tx, account)
        audit.record(
            tx,
            "auth.account_activated",
            object_type="account",
            object_id=account.account_id,
            institution_id=account.institution_id,
        )
