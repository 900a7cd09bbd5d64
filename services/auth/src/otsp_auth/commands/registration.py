"""Registration step a (填写基本信息): a proven mobile and a password make an account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from otsp_auth.commands import codes
from otsp_auth.commands.activation import tell_activated
from otsp_auth.commands.addresses import Attempt, note_attempt, refuse_exhausted_address
from otsp_auth.commands.codes import Purpose, Recipient
from otsp_auth.commands.new_passwords import hash_new
from otsp_auth.model import Account, Verification
from otsp_auth.queries.account_rows import AccountRow, get_account, is_mobile_taken
from otsp_auth.rules import wording
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.pii import encrypt
from otsp_chassis.problems import Conflict


class MobileRegistered(Conflict):
    slug: ClassVar[str] = "mobile-registered"
    title: ClassVar[str] = "The mobile has an account"
    detail_zh: ClassVar[str] = "该手机号已注册账户，请直接登录；如忘记密码，请找回密码。"


@dataclass(frozen=True, slots=True)
class CodeSent:
    """The answer to a new number and to a known one alike."""

    registration_id: UUID
    code_expires_at: datetime
    next_text_at: datetime


def request_registration(mobile: str) -> CodeSent:
    """Text a code to the number. Who owns a known one is told so; who asked learns nothing."""
    to = Recipient.mobile(mobile)
    with transaction() as tx:
        refuse_exhausted_address(tx, Attempt.REGISTRATION)
        is_known = is_mobile_taken(tx, to.index)
        made = codes.make_code(tx, Purpose.REGISTRATION, to, is_decoy=is_known)
        note_attempt(tx, Attempt.REGISTRATION)
    minutes = current_settings().code_minutes
    told = (
        wording.already_registered() if is_known else wording.registration_code(made.code, minutes)
    )
    codes.send_codes((made, told))
    return CodeSent(made.verification_id, made.expires_at, made.next_at)


def activate_account(registration_id: UUID, fields: dict[str, Any]) -> AccountRow:
    """The code makes the account and allots the institution's id (decision D29)."""
    mobile = codes.prove(Purpose.REGISTRATION, registration_id, fields["code"]).address
    password_hash = hash_new(None, fields["password"], "/password", names=[mobile])
    with transaction(conflicts={"uq_account_mobile_index": MobileRegistered}) as tx:
        verification = codes.use(tx, Purpose.REGISTRATION, registration_id)
        account = _new_account(verification, password_hash, fields.get("person_name"))
        tx.add(account)
        _tell_activated(tx, account)
        tx.flush()
        return get_account(tx, account.account_id)


def _new_account(
    verification: Verification, password_hash: str, person_name: str | None
) -> Account:
    return Account(
        account_id=new_id(),
        role="inst_admin",
        status="pending_profile",
        mobile=encrypt(codes.address_of(verification)),
        mobile_index=verification.address_index,
        mobile_verified_at=clock.now(),
        password_hash=password_hash,
        password_changed_at=clock.now(),
        person_name=person_name,
        institution_id=new_id(),
    )


def _tell_activated(tx: Tx, account: Account) -> None:
    tell_activated(tx, account)
    audit.record(
        tx,
        "auth.account_created",
        object_type="account",
        object_id=account.account_id,
        institution_id=account.institution_id,
    )
