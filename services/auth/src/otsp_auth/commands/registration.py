"""Registration step a (填写基本信息): a proven mobile and a password make an account."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import text as sql

from otsp_auth import queries, rules
from otsp_auth.commands.addresses import Attempt, note_attempt, refuse_exhausted_address
from otsp_auth.commands.passwords import current_passwords
from otsp_auth.commands.texting import send_text
from otsp_auth.model import Account, Verification, WrongCode
from otsp_auth.settings import AuthSettings, current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.pii import blind_index, decrypt, encrypt
from otsp_chassis.problems import Conflict, NotFound, TooManyRequests
from otsp_contracts.auth import AccountActivated
from otsp_contracts.values import Mobile

PURPOSE = "registration"
_ONE_NUMBER = sql("SELECT pg_advisory_xact_lock(hashtext('otsp-auth-texts'), hashtext(:number))")


class TooManyTexts(TooManyRequests):
    slug: ClassVar[str] = "too-many-texts"
    title: ClassVar[str] = "Too many texts to this number"
    detail_zh: ClassVar[str] = "该手机号获取验证码过于频繁或已达当日上限，请稍后再试。"


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
    settings, now = current_settings(), clock.now()
    number = Mobile.parse(mobile).text
    code = f"{secrets.randbelow(1_000_000):06d}"
    registration_id = new_id()
    with transaction() as tx:
        refuse_exhausted_address(tx, Attempt.REGISTRATION)
        _refuse_too_many_texts(tx, number, settings)
        is_known = queries.is_mobile_taken(tx, blind_index(number))
        verification = Verification(
            verification_id=registration_id,
            purpose=PURPOSE,
            mobile=encrypt(number),
            mobile_index=blind_index(number),
            code_digest=secrets.token_bytes(32) if is_known else _digest(registration_id, code),
            sent_at=now,
            expires_at=now + timedelta(minutes=settings.code_minutes),
        )
        tx.add(verification)
        note_attempt(tx, Attempt.REGISTRATION)
        audit.record(tx, "auth.code_sent", object_type="registration", object_id=registration_id)
    send_text(number, _text(code, is_known=is_known, minutes=settings.code_minutes))
    pause = timedelta(seconds=settings.text_pause_seconds)
    return CodeSent(registration_id, verification.expires_at, now + pause)


def activate_account(registration_id: UUID, fields: dict[str, Any]) -> queries.AccountRow:
    """The code makes the account and allots the institution's id (decision D29).

    A wrong code is counted in a transaction of its own, so that the count survives the refusal;
    the right one is used up in the transaction that creates the account.
    """
    digest = _digest(registration_id, fields["code"])
    with transaction() as tx:
        is_right = _admits(_locked(tx, registration_id), digest)
        if not is_right:
            audit.record(
                tx, "auth.code_refused", object_type="registration", object_id=registration_id
            )
    if not is_right:
        raise WrongCode
    password_hash = current_passwords().hash(fields["password"])
    with transaction(conflicts={"uq_account_mobile_index": MobileRegistered}) as tx:
        verification = _locked(tx, registration_id)
        verification.use(clock.now())
        account = _new_account(verification, password_hash, fields.get("person_name"))
        tx.add(account)
        _tell_activated(tx, account)
        tx.flush()
        return queries.get_account(tx, account.account_id)


def _refuse_too_many_texts(tx: Tx, number: str, settings: AuthSettings) -> None:
    """Requests for one number pass one by one, or two at once would both be the first."""
    tx.execute(_ONE_NUMBER, {"number": blind_index(number).hex()})
    now = clock.now()
    sent = queries.texts_sent(tx, blind_index(number), since=now - timedelta(days=1))
    pause = timedelta(seconds=settings.text_pause_seconds)
    if not rules.may_send_text(sent, now, pause=pause, per_day=settings.texts_per_day):
        raise TooManyTexts


def _text(code: str, *, is_known: bool, minutes: int) -> str:
    if is_known:
        return "该手机号已注册账户，请直接登录；如忘记密码，请找回密码。如非本人操作，请忽略。"
    return f"注册验证码 {code}，{minutes} 分钟内有效。请勿告知他人；如非本人操作，请忽略。"


def _locked(tx: Tx, registration_id: UUID) -> Verification:
    verification = tx.get(Verification, registration_id, with_for_update=True)
    if verification is None or verification.purpose != PURPOSE:
        raise NotFound
    return verification


def _admits(verification: Verification, digest: bytes) -> bool:
    return verification.admits(digest, clock.now(), tries=current_settings().code_tries)


def _digest(registration_id: UUID, code: str) -> bytes:
    return blind_index(f"{registration_id}:{code}")


def _new_account(
    verification: Verification, password_hash: str, person_name: str | None
) -> Account:
    return Account(
        account_id=new_id(),
        role="inst_admin",
        status="pending_profile",
        mobile=encrypt(decrypt(verification.mobile)),
        mobile_index=verification.mobile_index,
        mobile_verified_at=clock.now(),
        password_hash=password_hash,
        person_name=person_name,
        institution_id=new_id(),
    )


def _tell_activated(tx: Tx, account: Account) -> None:
    if account.institution_id is None:
        message = "an institution's account has its id"
        raise ValueError(message)
    told = AccountActivated(account_id=account.account_id, institution_id=account.institution_id)
    publish(tx, told)
    audit.record(
        tx,
        "auth.account_created",
        object_type="account",
        object_id=account.account_id,
        institution_id=account.institution_id,
    )
