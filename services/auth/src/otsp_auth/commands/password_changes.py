"""The password as its owner proves and changes it (修改密码)."""

from typing import ClassVar
from uuid import UUID

from otsp_auth.commands.locked import locked_account
from otsp_auth.commands.new_passwords import hash_new, set_password
from otsp_auth.commands.notices import tell_owner
from otsp_auth.commands.passwords import current_passwords
from otsp_auth.commands.sessions import count_failure
from otsp_auth.queries.account_rows import get_credentials
from otsp_auth.rules import wording
from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.problems import RuleBroken
from otsp_contracts.values import FieldError


class WrongPassword(RuleBroken):
    slug: ClassVar[str] = "wrong-password"
    title: ClassVar[str] = "The current password is wrong"
    detail_zh: ClassVar[str] = "当前密码不正确。连续输错 5 次，账户将锁定 30 分钟。"


def change_password(principal: Principal, *, current: str, new: str) -> None:
    """Ends all sessions of the account, this one too; its owner is told."""
    proven_hash = prove_current(principal.account_id, current)
    new_hash = hash_new(principal.account_id, new, "/new_password")
    with transaction() as tx:
        account = locked_account(tx, principal.account_id)
        if account.password_hash != proven_hash:  # another change was faster
            raise _wrong_password()
        set_password(tx, account, new_hash)
    tell_owner(account, wording.password_was_changed())


def prove_current(account_id: UUID, current: str) -> str:
    """The hash of the right password; a wrong one counts like at login, and is committed.

    A locked account refuses the right one too. Raises WrongPassword at /current_password.
    """
    with reading() as reader:
        known = get_credentials(reader, account_id)
    is_right = current_passwords().matches(known.password_hash, current)
    with transaction() as tx:
        account = locked_account(tx, account_id)
        is_locked = account.is_locked(clock.now())
        is_right = is_right and not is_locked and account.password_hash == known.password_hash
        if not is_right and not is_locked:
            count_failure(tx, account)
    if not is_right:
        raise _wrong_password()
    return known.password_hash


def _wrong_password() -> WrongPassword:
    return WrongPassword(
        errors=[FieldError("/current_password", "wrong_password", "当前密码不正确。")]
    )
