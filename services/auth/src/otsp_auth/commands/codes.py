"""Six-digit codes that prove whose a mobile or a mail address is, whatever for.

A code is made in the caller's transaction and sent after it. It is proven in a transaction of its
own, so that wrong tries are counted though the caller refuses, and used in the caller's next one.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy import text as sql

from otsp_auth.commands.sending import NotSent, PerhapsSent, send_mail, send_text
from otsp_auth.model import Verification, WrongCode
from otsp_auth.queries.proofs import codes_sent
from otsp_auth.rules.limits import may_send_code
from otsp_auth.rules.wording import Wording
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index, decrypt, encrypt
from otsp_chassis.problems import NotFound, TooManyRequests
from otsp_contracts.values import Email, FieldError, Mobile

_ONE_ADDRESS = sql("SELECT pg_advisory_xact_lock(hashtext('otsp-auth-codes'), hashtext(:address))")


class Purpose(StrEnum):
    """What a code is good for; one of another purpose proves nothing."""

    REGISTRATION = "registration"
    LOGIN = "login"
    SECOND_FACTOR = "second_factor"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a purpose
    EMAIL_CHANGE = "email_change"
    MOBILE_PROOF = "mobile_proof"
    MOBILE_CHANGE = "mobile_change"
    MOBILE_CHANGE_CONSENT = "mobile_change_consent"
    DATA_SUBJECT = "data_subject"
    RECOVERY = "recovery"


class Channel(StrEnum):
    """How a code travels."""

    MOBILE = "mobile"
    EMAIL = "email"


class TooManyTexts(TooManyRequests):
    slug: ClassVar[str] = "too-many-texts"
    title: ClassVar[str] = "Too many codes to this number or mail address"
    detail_zh: ClassVar[str] = "该手机号或邮箱获取验证码过于频繁或已达当日上限，请稍后再试。"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a code goes: the address in its one normal form."""

    channel: Channel
    address: str

    @classmethod
    def mobile(cls, number: str) -> Self:
        return cls(Channel.MOBILE, Mobile.parse(number).text)

    @classmethod
    def nobody(cls, name: str) -> Self:
        """Whom decoys under a login name are counted for."""
        return cls(Channel.MOBILE, name)

    @classmethod
    def email(cls, address: str) -> Self:
        return cls(Channel.EMAIL, Email.parse(address).text)

    @property
    def index(self) -> bytes:
        return blind_index(self.address)


@dataclass(frozen=True, slots=True)
class CodeSent:
    """What is told of a code, alike for every address and name."""

    verification_id: UUID
    code_expires_at: datetime
    next_text_at: datetime


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code that is to be sent once the transaction has committed."""

    verification_id: UUID
    purpose: Purpose
    to: Recipient
    code: str
    expires_at: datetime
    next_at: datetime

    @property
    def told(self) -> CodeSent:
        return CodeSent(self.verification_id, self.expires_at, self.next_at)


@dataclass(frozen=True, slots=True)
class Proven:
    """Whose the address is now known to be, and which account the code was made for."""

    address: str
    account_id: UUID | None


def make_code(
    tx: Tx,
    purpose: Purpose,
    to: Recipient,
    *,
    account_id: UUID | None = None,
    companion_id: UUID | None = None,
    is_decoy: bool = False,
) -> NewCode:
    """Raises TooManyTexts: one a minute and ten a day to an address, of all purposes together.

    No code fits a decoy, though it is answered and counted like any other.
    """
    settings, now = current_settings(), clock.now()
    _refuse_too_many(tx, to)
    verification_id, code = new_id(), f"{secrets.randbelow(1_000_000):06d}"
    verification = Verification(
        verification_id=verification_id,
        purpose=purpose,
        channel=to.channel,
        address=encrypt(to.address),
        address_index=to.index,
        account_id=account_id,
        companion_id=companion_id,
        code_digest=secrets.token_bytes(32) if is_decoy else _digest(verification_id, code),
        sent_at=now,
        expires_at=now + timedelta(minutes=settings.code_minutes),
    )
    tx.add(verification)
    audit.record(tx, "auth.code_sent", object_type=purpose, object_id=verification_id)
    pause = timedelta(seconds=settings.text_pause_seconds)
    return NewCode(verification_id, purpose, to, code, verification.expires_at, now + pause)


def send_codes(*letters: tuple[NewCode, Wording]) -> None:
    """One by one; raises NotSent or PerhapsSent at the first that fails.

    What certainly did not go out is forgotten, so that it may be asked for again at once.
    """
    for place, (made, wording) in enumerate(letters):
        try:
            _send(made.to, wording)
        except NotSent as failure:
            kept = place + 1 if isinstance(failure, PerhapsSent) else place
            _forget([unsent for unsent, _ in letters[kept:]])
            raise


def prove(
    purpose: Purpose,
    verification_id: UUID,
    code: str,
    *,
    account_id: UUID | None = None,
    pointer: str = "/code",
) -> Proven:
    """Raises WrongCode at `pointer` after the try was counted and committed.

    Raises NotFound for another purpose, or when it was not made for the account that is named.
    """
    with transaction() as tx:
        verification = _locked(tx, purpose, verification_id)
        if account_id is not None and verification.account_id != account_id:
            raise NotFound
        digest = _digest(verification_id, code)
        is_right = verification.admits(digest, clock.now(), tries=current_settings().code_tries)
        if not is_right:
            audit.record(tx, "auth.code_refused", object_type=purpose, object_id=verification_id)
        proven = Proven(address_of(verification), verification.account_id)
    if not is_right:
        raise WrongCode(errors=[FieldError(pointer, "wrong_code", WrongCode.detail_zh)])
    return proven


def redeem(tx: Tx, purpose: Purpose, *, sent: UUID, code: str, account_id: UUID | None) -> bool:
    """Prove and use at once, for the account that it was sent for and no other.

    The caller commits whatever the verdict is: wrong tries are counted.
    """
    verification = tx.get(Verification, sent, with_for_update=True)
    digest = _digest(sent, code)
    is_right = (
        verification is not None
        and verification.purpose == purpose
        and verification.account_id == account_id
        and verification.admits(digest, clock.now(), tries=current_settings().code_tries)
    )
    if verification is not None and is_right:
        verification.use(clock.now())
    else:
        audit.record(tx, "auth.code_refused", object_type=purpose, object_id=sent)
    return is_right


def use(tx: Tx, purpose: Purpose, verification_id: UUID) -> Verification:
    """A proven code, once only: raises WrongCode when another was faster."""
    verification = _locked(tx, purpose, verification_id)
    verification.use(clock.now())
    return verification


def address_of(verification: Verification) -> str:
    return decrypt(verification.address)


def take_turns(tx: Tx, *recipients: Recipient) -> None:
    """Requests for one address pass one by one, or two at once would both be the first.

    Who makes codes for several calls this before, so that all wait in the same order.
    """
    for index in sorted(each.index for each in recipients):
        tx.execute(_ONE_ADDRESS, {"address": index.hex()})


def _send(to: Recipient, wording: Wording) -> None:
    if to.channel is Channel.MOBILE:
        send_text(to.address, wording.text)
    else:
        send_mail(to.address, wording)


def _forget(unsent: Sequence[NewCode]) -> None:
    with transaction() as tx:
        for made in unsent:
            forgotten = Verification.verification_id == made.verification_id
            tx.execute(delete(Verification).where(forgotten))
            audit.record(
                tx, "auth.code_not_sent", object_type=made.purpose, object_id=made.verification_id
            )


def _refuse_too_many(tx: Tx, to: Recipient) -> None:
    take_turns(tx, to)
    settings, now = current_settings(), clock.now()
    sent = codes_sent(tx, to.index, since=now - timedelta(days=1))
    pause = timedelta(seconds=settings.text_pause_seconds)
    if not may_send_code(sent, now, pause=pause, per_day=settings.texts_per_day):
        raise TooManyTexts


def _locked(tx: Tx, purpose: Purpose, verification_id: UUID) -> Verification:
    verification = tx.get(Verification, verification_id, with_for_update=True)
    if verification is None or verification.purpose != purpose:
        raise NotFound
    return verification


def _digest(verification_id: UUID, code: str) -> bytes:
    return blind_index(f"{verification_id}:{code}")
