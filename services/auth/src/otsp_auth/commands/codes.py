"""Six-digit codes that prove whose a mobile or a mail address is, whatever for.

A code is made in the caller's transaction and sent after it. It is proven in a transaction of its
own, so that wrong tries are counted though the caller refuses, and used in the caller's next one.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from sqlalchemy import text as sql

from otsp_auth.model import Verification, WrongCode
from otsp_auth.queries.proofs import codes_sent
from otsp_auth.rules.limits import may_send_code
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index, decrypt, encrypt
from otsp_chassis.problems import NotFound, TooManyRequests
from otsp_contracts.values import Mobile

_ONE_ADDRESS = sql("SELECT pg_advisory_xact_lock(hashtext('otsp-auth-codes'), hashtext(:address))")


class Purpose(StrEnum):
    """What a code is good for; one of another purpose proves nothing."""

    REGISTRATION = "registration"


class Channel(StrEnum):
    """How a code travels."""

    MOBILE = "mobile"


class TooManyTexts(TooManyRequests):
    slug: ClassVar[str] = "too-many-texts"
    title: ClassVar[str] = "Too many texts to this number"
    detail_zh: ClassVar[str] = "该手机号获取验证码过于频繁或已达当日上限，请稍后再试。"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a code goes: the address in its one normal form."""

    channel: Channel
    address: str

    @classmethod
    def mobile(cls, number: str) -> Self:
        return cls(Channel.MOBILE, Mobile.parse(number).text)

    @property
    def index(self) -> bytes:
        return blind_index(self.address)


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code that is to be sent once the transaction has committed."""

    verification_id: UUID
    code: str
    expires_at: datetime
    next_at: datetime


def make_code(
    tx: Tx,
    purpose: Purpose,
    to: Recipient,
    *,
    account_id: UUID | None = None,
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
        code_digest=secrets.token_bytes(32) if is_decoy else _digest(verification_id, code),
        sent_at=now,
        expires_at=now + timedelta(minutes=settings.code_minutes),
    )
    tx.add(verification)
    audit.record(tx, "auth.code_sent", object_type=purpose, object_id=verification_id)
    pause = timedelta(seconds=settings.text_pause_seconds)
    return NewCode(verification_id, code, verification.expires_at, now + pause)


def prove(purpose: Purpose, verification_id: UUID, code: str) -> None:
    """Raises WrongCode after the try was counted and committed, NotFound for another purpose."""
    with transaction() as tx:
        verification = _locked(tx, purpose, verification_id)
        digest = _digest(verification_id, code)
        is_right = verification.admits(digest, clock.now(), tries=current_settings().code_tries)
        if not is_right:
            audit.record(tx, "auth.code_refused", object_type=purpose, object_id=verification_id)
    if not is_right:
        raise WrongCode


def use(tx: Tx, purpose: Purpose, verification_id: UUID) -> Verification:
    """A proven code, once only: raises WrongCode when another was faster."""
    verification = _locked(tx, purpose, verification_id)
    verification.use(clock.now())
    return verification


def address_of(verification: Verification) -> str:
    return decrypt(verification.address)


def _refuse_too_many(tx: Tx, to: Recipient) -> None:
    """Requests for one address pass one by one, or two at once would both be the first."""
    tx.execute(_ONE_ADDRESS, {"address": to.index.hex()})
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
