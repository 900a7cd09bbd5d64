"""Accounts of an institution that closes: read-only at once, cancelled when its days are over."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select, update

from otsp_auth.commands.sessions import close_all_sessions
from otsp_auth.model import Account, ApiKey
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.outbox import publish
from otsp_contracts.auth import AccountCancelled
from otsp_contracts.compliance import DeregistrationCompleted

_AT_ONCE = 100


def close_accounts(tx: Tx, institution_id: UUID) -> int:
    """Its people and their systems look and download from now on. Returns how many accounts."""
    closed = [one for one in _accounts_of(tx, institution_id) if one.make_read_only()]
    for account in closed:
        _record(tx, account, "auth.account_made_read_only")
    return len(closed)


def set_last_day(tx: Tx, told: DeregistrationCompleted) -> None:
    """Told again it changes nothing: the first word counts."""
    for account in _accounts_of(tx, told.institution_id):
        if account.status != "cancelled" and account.read_only_until is None:
            account.make_read_only()
            account.read_only_until = told.read_only_until


def cancel_closed_accounts(today: date) -> None:
    """Those whose last day is over; who comes next has the mobile for an account of their own."""
    due = select(Account).where(Account.read_only_until < today, Account.status != "cancelled")
    locked = due.order_by(Account.account_id).limit(_AT_ONCE).with_for_update(skip_locked=True)
    with transaction() as tx:
        for account in tx.scalars(locked).all():
            _cancel(tx, account, today)


def _cancel(tx: Tx, account: Account, today: date) -> None:
    account.cancel()
    close_all_sessions(tx, account.account_id)
    live = ApiKey.revoked_at.is_(None)
    own = ApiKey.institution_id == account.institution_id
    tx.execute(update(ApiKey).where(own, live).values(revoked_at=clock.now()))
    _record(tx, account, "auth.account_cancelled")
    publish(
        tx,
        AccountCancelled(
            account_id=account.account_id,
            institution_id=account.institution_id,
            cancelled_on=today,
        ),
    )


def _accounts_of(tx: Tx, institution_id: UUID) -> Sequence[Account]:
    own = select(Account).where(Account.institution_id == institution_id)
    return tx.scalars(own.order_by(Account.account_id).with_for_update()).all()


def _record(tx: Tx, account: Account, action: str) -> None:
    audit.record(
        tx,
        action,
        object_type="account",
        object_id=account.account_id,
        institution_id=account.institution_id,
    )
