"""How an account comes by another password, whichever way its owner was proven."""

from otsp_auth.commands.passwords import current_passwords
from otsp_auth.commands.sessions import close_all_sessions
from otsp_auth.model import Account
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx


def hash_new(password: str) -> str:
    """On no connection: hashing is slow on purpose."""
    return current_passwords().hash(password)


def set_password(tx: Tx, account: Account, password_hash: str) -> None:
    """Ends all sessions of the account, and the lock and the duty that asked for a change."""
    account.password_hash = password_hash
    account.password_changed_at = clock.now()
    account.must_change_password = False
    account.note_success()
    close_all_sessions(tx, account.account_id)
    audit.record(tx, "auth.password_changed", object_type="account", object_id=account.account_id)
