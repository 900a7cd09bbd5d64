"""The mail address of an account: it counts once its code has come back (decision D38)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from otsp_auth.commands import codes
from otsp_auth.commands.addresses import Attempt, note_attempt, refuse_exhausted_address
from otsp_auth.commands.codes import Purpose, Recipient
from otsp_auth.commands.locked import locked_account
from otsp_auth.commands.notices import tell_address, tell_owner
from otsp_auth.commands.password_changes import prove_current
from otsp_auth.queries.account_rows import AccountRow, get_account
from otsp_auth.queries.owners import find_owner_of_email
from otsp_auth.rules import wording
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import transaction
from otsp_chassis.identity import Principal
from otsp_chassis.pii import decrypt, encrypt
from otsp_chassis.problems import Conflict


class EmailTaken(Conflict):
    """Only when another account was faster while the code was under way."""

    slug: ClassVar[str] = "email-taken"
    title: ClassVar[str] = "Another account has verified the mail address"
    detail_zh: ClassVar[str] = "该邮箱已用于其他账户，请换一个邮箱。"


@dataclass(frozen=True, slots=True)
class EmailChangeAsked:
    """The answer for an address that is free and for one that is not."""

    email_change_id: UUID
    code_expires_at: datetime
    next_code_at: datetime


def request_email_change(
    principal: Principal, *, email: str, current_password: str
) -> EmailChangeAsked:
    """The password is asked, since the address will be able to replace it."""
    prove_current(principal.account_id, current_password)
    to = Recipient.email(email)
    with transaction() as tx:
        refuse_exhausted_address(tx, Attempt.CONTACT_CHANGE)
        owner = find_owner_of_email(tx, to.index)
        is_taken = owner is not None and owner.account_id != principal.account_id
        made = codes.make_code(
            tx, Purpose.EMAIL_CHANGE, to, account_id=principal.account_id, is_decoy=is_taken
        )
        note_attempt(tx, Attempt.CONTACT_CHANGE)
    minutes = current_settings().code_minutes
    told = wording.email_taken() if is_taken else wording.email_code(made.code, minutes)
    codes.send_codes((made, told))
    return EmailChangeAsked(made.verification_id, made.expires_at, made.next_at)


def complete_email_change(principal: Principal, change_id: UUID, *, code: str) -> AccountRow:
    """Mobile and former address are told."""
    codes.prove(Purpose.EMAIL_CHANGE, change_id, code, account_id=principal.account_id)
    with transaction(conflicts={"uq_account_email_index": EmailTaken}) as tx:
        verification = codes.use(tx, Purpose.EMAIL_CHANGE, change_id)
        account = locked_account(tx, principal.account_id)
        former = None
        if account.email is not None and account.email_index != verification.address_index:
            former = decrypt(account.email)
        account.email = encrypt(codes.address_of(verification))
        account.email_index = verification.address_index
        account.email_verified_at = clock.now()
        audit.record(tx, "auth.email_changed", object_type="account", object_id=account.account_id)
        tx.flush()
        row = get_account(tx, account.account_id)
    tell_owner(account, wording.email_was_changed())
    if former is not None:
        tell_address(former, wording.email_was_changed())
    return row
