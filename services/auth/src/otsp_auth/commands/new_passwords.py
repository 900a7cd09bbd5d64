"""How an account comes by another password, whichever way its owner was proven.

`hash_new` outside a transaction, `set_password` within one: there is no other way.
"""

from collections.abc import Collection, Iterator
from uuid import UUID

from sqlalchemy import delete, select

from otsp_auth.commands.activation import finish_migration
from otsp_auth.commands.passwords import current_passwords
from otsp_auth.commands.sessions import close_all_sessions
from otsp_auth.model import Account, FormerPassword
from otsp_auth.queries.passwords import PastPasswords, current_policy, find_past_passwords
from otsp_auth.rules.password_policy import check_password, unchanged, used_before
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, reading
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Invalid
from otsp_contracts.values import FieldError


def hash_new(
    account_id: UUID | None, new: str, pointer: str, *, names: Collection[str] = ()
) -> str:
    """The hash of a password that the policy admits for this account; None: one that is not yet.

    Raises Invalid with faults at `pointer`: too_short, too_simple, contains_name, commonplace, or
    unchanged and used_before at the cost of one argon2id for each password compared. On no
    connection but for one read. `names` are login names that the account is about to have.
    """
    policy = current_policy()
    past = PastPasswords(None, [], [])
    if account_id is not None:
        with reading() as reader:
            past = find_past_passwords(reader, account_id, history=policy.history)
    faults = list(check_password(pointer, new, policy, names=[*names, *past.names]))
    faults = faults or list(_repeated(past, new, pointer))
    if faults:
        raise Invalid(errors=faults)
    return current_passwords().hash(new)


def set_password(tx: Tx, account: Account, password_hash: str) -> None:
    """Ends all sessions of the account, and the lock and the duty that asked for a change."""
    _keep_former(tx, account)
    account.take_password(password_hash)
    account.password_changed_at = clock.now()
    account.must_change_password = False
    account.note_success()
    finish_migration(tx, account)
    close_all_sessions(tx, account.account_id)
    audit.record(tx, "auth.password_changed", object_type="account", object_id=account.account_id)


def _repeated(past: PastPasswords, new: str, pointer: str) -> Iterator[FieldError]:
    passwords = current_passwords()
    if past.current is not None and passwords.matches(past.current, new):
        yield unchanged(pointer)
    elif any(passwords.matches(former, new) for former in past.former):
        yield used_before(pointer, len(past.former))


def _keep_former(tx: Tx, account: Account) -> None:
    """As many as the policy compares with; older ones are forgotten."""
    tx.add(
        FormerPassword(
            former_password_id=new_id(),
            account_id=account.account_id,
            password_hash=account.password_hash,
            replaced_at=clock.now(),
        )
    )
    tx.flush()  # the statement below counts it
    kept = (
        select(FormerPassword.former_password_id)
        .where(FormerPassword.account_id == account.account_id)
        .order_by(FormerPassword.replaced_at.desc(), FormerPassword.former_password_id.desc())
        .limit(current_policy().history)
    )
    tx.execute(
        delete(FormerPassword).where(
            FormerPassword.account_id == account.account_id,
            FormerPassword.former_password_id.not_in(kept),
        )
    )
