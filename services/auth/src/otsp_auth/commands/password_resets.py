"""A forgotten password (忘记密码): whoever reads the account's texts or mails sets another."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otsp_auth.commands import codes
from otsp_auth.commands.addresses import Attempt, note_attempt, refuse_exhausted_address
from otsp_auth.commands.codes import Channel, Purpose, Recipient
from otsp_auth.commands.new_passwords import hash_new, set_password
from otsp_auth.commands.notices import tell_owner
from otsp_auth.model import Account, Verification, WrongCode
from otsp_auth.queries.owners import Owner, find_owner_of_email, find_owner_of_mobile
from otsp_auth.rules import wording
from otsp_auth.rules.wording import Wording
from otsp_auth.settings import current_settings
from otsp_chassis import audit
from otsp_chassis.db import Reader, transaction


@dataclass(frozen=True, slots=True)
class ResetAsked:
    """The answer whether there is an account or not."""

    reset_id: UUID
    code_expires_at: datetime
    next_code_at: datetime


def request_password_reset(to: Recipient) -> ResetAsked:
    """Who owns the address is told what it is good for; who asked learns nothing."""
    with transaction() as tx:
        refuse_exhausted_address(tx, Attempt.PASSWORD_RESET)
        owner = _find_owner(tx, to)
        may_reset = owner is not None and owner.may_work
        made = codes.make_code(
            tx,
            Purpose.PASSWORD_RESET,
            to,
            account_id=owner.account_id if owner else None,
            is_decoy=not may_reset,
        )
        note_attempt(tx, Attempt.PASSWORD_RESET)
    codes.send_codes((made, _wording(owner, made.code)))
    return ResetAsked(made.verification_id, made.expires_at, made.next_at)


def complete_password_reset(reset_id: UUID, *, code: str, new_password: str) -> None:
    """Ends all sessions and the lock, and tells the owner; a refused password costs no code."""
    proven = codes.prove(Purpose.PASSWORD_RESET, reset_id, code)
    new_hash = hash_new(proven.account_id, new_password, "/new_password")
    with transaction() as tx:
        verification = codes.use(tx, Purpose.PASSWORD_RESET, reset_id)
        account = tx.get(Account, proven.account_id, with_for_update=True)
        if account is None or not _still_theirs(account, verification):
            raise WrongCode
        set_password(tx, account, new_hash)
        audit.record(tx, "auth.password_reset", object_type="account", object_id=account.account_id)
    tell_owner(account, wording.password_was_changed())


def _find_owner(tx: Reader, to: Recipient) -> Owner | None:
    if to.channel is Channel.MOBILE:
        return find_owner_of_mobile(tx, to.index)
    return find_owner_of_email(tx, to.index)


def _wording(owner: Owner | None, code: str) -> Wording:
    if owner is not None and owner.may_work:
        return wording.password_reset_code(code, current_settings().code_minutes)
    if owner is not None and owner.status == "suspended":
        return wording.suspended_account()
    return wording.nothing_to_reset()


def _still_theirs(account: Account, verification: Verification) -> bool:
    """Minutes may lie between the code and its use: a mobile changes, an account is suspended."""
    if not account.may_work:
        return False
    if verification.channel == Channel.MOBILE:
        return account.mobile_index == verification.address_index
    is_verified = account.email_verified_at is not None
    return is_verified and account.email_index == verification.address_index
