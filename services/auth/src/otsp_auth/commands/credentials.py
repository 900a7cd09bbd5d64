"""Whether a password is an account's, at the cost of one argon2id whoever asks."""

from dataclasses import dataclass

from otsp_auth.commands.passwords import current_passwords
from otsp_auth.model import Account
from otsp_auth.queries.account_rows import Credentials
from otsp_chassis.db import Tx


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer, with the hash that is to be kept from now on when it was right."""

    known: Credentials | None
    is_right: bool
    renewed_hash: str | None


def check(known: Credentials | None, password: str) -> Checked:
    """On no connection: hashing is slow on purpose. None stands for an unknown name."""
    passwords = current_passwords()
    is_right = passwords.matches(known.password_hash if known else None, password)
    renewed = passwords.renewed(known.password_hash, password) if known and is_right else None
    return Checked(known, is_right, renewed)


def locked_account(tx: Tx, checked: Checked) -> Account | None:
    """None too when its password changed while the old one was being hashed."""
    if checked.known is None:
        return None
    account = tx.get(Account, checked.known.account_id, with_for_update=True)
    if account is None or account.password_hash != checked.known.password_hash:
        return None
    return account


def keep(account: Account, checked: Checked) -> None:
    """After a right password: the hash of today's parameters replaces an older one."""
    account.password_hash = checked.renewed_hash or account.password_hash
