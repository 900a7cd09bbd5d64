"""Whether a code is of an account's second factor; each is good once."""

import secrets
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from sqlalchemy import delete, select

from otsp_auth.commands import codes
from otsp_auth.commands.codes import CodeSent, NewCode, Purpose, Recipient
from otsp_auth.model import Account, RecoveryCode, SecondFactor
from otsp_auth.rules.factors import Kind, Method, bare_recovery_code, matching_step
from otsp_auth.rules.wording import second_factor_code
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index, decrypt
from otsp_chassis.problems import RuleBroken

RECOVERY_CODES = 10
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 of them: 50 bits in ten


class NoTextedFactor(RuleBroken):
    slug: ClassVar[str] = "no-texted-factor"
    title: ClassVar[str] = "Codes are not texted to this account"
    detail_zh: ClassVar[str] = "账户未启用短信验证，请使用动态口令或恢复码。"


class NoMobile(RuleBroken):
    slug: ClassVar[str] = "no-own-mobile"
    title: ClassVar[str] = "The own account has no mobile"
    detail_zh: ClassVar[str] = "账户没有手机号，请先在个人信息中填写手机号。"


@dataclass(frozen=True, slots=True)
class Proof:
    """A code and what it is of; `verification_id` names the text that it came by."""

    method: Method
    code: str
    verification_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class UnsentText:
    """What `make_text` leaves to be sent once its transaction has committed."""

    made: NewCode

    def send(self) -> CodeSent:
        """Raises NotSent; then another may be asked for at once."""
        minutes = current_settings().code_minutes
        codes.send_codes((self.made, second_factor_code(self.made.code, minutes)))
        return self.made.told


def proves(tx: Tx, account_id: UUID, proof: Proof) -> bool:
    """Uses the code up. The caller holds the account's lock, and commits whatever the verdict."""
    if proof.method is Method.RECOVERY_CODE:
        return _use_recovery_code(tx, account_id, proof.code)
    factor = _in_use(tx, account_id, Kind(proof.method))
    return factor is not None and fits(tx, factor, proof)


def fits(tx: Tx, factor: SecondFactor, proof: Proof) -> bool:
    """Of a factor that is in use, or about to be confirmed."""
    if factor.secret is None:
        sent = proof.verification_id
        return sent is not None and codes.redeem(
            tx, Purpose.SECOND_FACTOR, sent=sent, code=proof.code, account_id=factor.account_id
        )
    secret = decrypt(factor.secret)
    step = matching_step(secret, proof.code, clock.now(), after=factor.last_step)
    factor.last_step = step or factor.last_step
    return step is not None


def make_text(tx: Tx, account: Account, *, is_enrolling: bool = False) -> UnsentText:
    """To the account's own mobile. Raises NoTextedFactor, NoMobile and TooManyTexts."""
    if not is_enrolling and _in_use(tx, account.account_id, Kind.SMS) is None:
        raise NoTextedFactor
    if account.mobile is None:
        raise NoMobile
    to = Recipient.mobile(decrypt(account.mobile))
    made = codes.make_code(tx, Purpose.SECOND_FACTOR, to, account_id=account.account_id)
    return UnsentText(made)


def renew_recovery_codes(tx: Tx, account_id: UUID) -> list[str]:
    """Ten new ones, told this once; the old ones are void."""
    tx.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    made = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
    for code in made:
        digest = _digest(account_id, code)
        tx.add(RecoveryCode(recovery_code_id=new_id(), account_id=account_id, code_digest=digest))
    return made


def _in_use(tx: Tx, account_id: UUID, kind: Kind) -> SecondFactor | None:
    return tx.scalar(
        select(SecondFactor).where(
            SecondFactor.account_id == account_id,
            SecondFactor.kind == kind,
            SecondFactor.confirmed_at.is_not(None),
        )
    )


def _use_recovery_code(tx: Tx, account_id: UUID, code: str) -> bool:
    used = tx.execute(
        delete(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_digest == _digest(account_id, code),
        )
        .returning(RecoveryCode.recovery_code_id)
    ).first()
    if used is not None:
        audit.record(tx, "auth.recovery_code_used", object_type="account", object_id=account_id)
    return used is not None


def _new_recovery_code() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def _digest(account_id: UUID, code: str) -> bytes:
    """Keyed, and of no other account's code."""
    return blind_index(f"{account_id}:{bare_recovery_code(code)}")
