"""Whether a password is an account's, at the cost of one argon2id whoever asks.

A migrated account has no argon2id hash of its own before its first login. The legacy platform's
hash is then asked beside the one that nothing matches, and replaced as soon as it was right
(decision D37). What bcrypt takes comes on top: by that time alone a caller may learn that a name
has not been activated, and nothing of its password.
"""

from dataclasses import dataclass

from otsp_auth.commands.passwords import current_passwords
from otsp_auth.model import Account
from otsp_auth.queries.account_rows import Credentials
from otsp_auth.rules.legacy_hashes import LegacyHash
from otsp_chassis import audit
from otsp_chassis.db import Tx
from otsp_chassis.pii import decrypt


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer, with the hash that is to be kept from now on when it was right."""

    known: Credentials | None
    is_right: bool
    renewed_hash: str | None


def check(known: Credentials | None, password: str) -> Checked:
    """On no connection: hashing is slow on purpose. None stands for an unknown name."""
    passwords = current_passwords()
    if known is None or known.legacy_hash is None:
        is_right = passwords.matches(known.password_hash if known else None, password)
        renewed = passwords.renewed(known.password_hash, password) if known and is_right else None
    else:
        legacy = LegacyHash.from_text(decrypt(known.legacy_hash))
        is_right = passwords.matches(known.password_hash, password, legacy=legacy)
        renewed = passwords.hash(password) if is_right else None
    return Checked(known, is_right, renewed)


def locked_account(tx: Tx, checked: Checked) -> Account | None:
    """None too when its password changed while the old one was being hashed."""
    if checked.known is None:
        return None
    account = tx.get(Account, checked.known.account_id, with_for_update=True)
    if account is None or account.password_hash != checked.known.password_hash:
        return None
    return account if account.legacy_hash == checked.known.legacy_hash else None


def keep(tx: Tx, account: Account, checked: Checked) -> None:
    """After a right password: today's hash replaces an older one, and a legacy platform's."""
    if checked.renewed_hash is None:
        return
    if account.legacy_hash is not None:
        audit.record(
            tx,
            "auth.legacy_password_replaced",
            object_type="account",
            object_id=account.account_id,
            institution_id=account.institution_id,
        )
    account.take_password(checked.renewed_hash)
