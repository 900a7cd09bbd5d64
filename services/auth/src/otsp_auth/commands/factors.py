"""Second factors of an account: enrolled, confirmed, removed, reset by somebody in charge."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeVar
from uuid import UUID

import pyotp
from sqlalchemy import delete

from otsp_auth.commands import credentials
from otsp_auth.commands.codes import CodeSent
from otsp_auth.commands.factor_proofs import (
    Proof,
    UnsentText,
    fits,
    make_text,
    proves,
    renew_recovery_codes,
)
from otsp_auth.commands.locked import locked_account
from otsp_auth.commands.sessions import (
    WRONG_PASSWORD,
    WRONG_SECOND_FACTOR,
    close_all_sessions,
    close_other_sessions,
    count_failure,
)
from otsp_auth.model import Account, RecoveryCode, SecondFactor, WrongCode
from otsp_auth.queries.account_rows import (
    get_account,
    get_account_of_others,
    get_credentials,
)
from otsp_auth.queries.factors import methods_of
from otsp_auth.rules.factors import Kind, Method, enrolment_uri
from otsp_auth.rules.roles import MANAGEABLE
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.pii import encrypt
from otsp_chassis.problems import Forbidden, Invalid, NotFound, RuleBroken
from otsp_contracts.values import FieldError

Done = TypeVar("Done")


class OwnerNotProven(RuleBroken):
    """Password or code was wrong, or the account is locked: one answer."""

    slug: ClassVar[str] = "owner-not-proven"
    title: ClassVar[str] = "The current password or the code is wrong"
    detail_zh: ClassVar[str] = "当前密码或动态验证码不正确。连续输错 5 次，账户将锁定 30 分钟。"


@dataclass(frozen=True, slots=True)
class NewFactor:
    """One to be confirmed by a code: of an app that was given the secret, or of the text."""

    factor_id: UUID
    kind: Kind
    secret: str | None = None
    otpauth_uri: str | None = None
    verification_id: UUID | None = None
    code_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """Told this once; each stands in for a lost factor once."""

    recovery_codes: list[str]


def enrol(principal: Principal, kind: Kind, *, password: str, proof: Proof | None) -> NewFactor:
    """It counts once it is confirmed, and then replaces one of its kind."""
    begin = _begin_totp if kind is Kind.TOTP else _begin_sms
    factor, unsent = _as_owner(principal, password, proof=proof, do=begin)
    if unsent is None:
        return factor
    sent = unsent.send()
    return NewFactor(
        factor.factor_id,
        kind,
        verification_id=sent.verification_id,
        code_expires_at=sent.code_expires_at,
    )


def confirm(
    principal: Principal, factor_id: UUID, *, code: str, verification_id: UUID | None
) -> RecoveryCodes:
    """From now on logins ask for it; sessions that were opened without it end, but for this one."""
    made = None
    with transaction() as tx:
        locked_account(tx, principal.account_id)
        factor = tx.get(SecondFactor, factor_id, with_for_update=True)
        is_own = factor is not None and factor.account_id == principal.account_id
        if factor is None or not is_own or factor.confirmed_at is not None:
            raise NotFound
        if fits(tx, factor, Proof(Method(factor.kind), code, verification_id)):
            made = _put_in_use(tx, principal, factor)
        else:
            _record(tx, WRONG_SECOND_FACTOR, factor.account_id)
    if made is None:
        raise WrongCode
    return RecoveryCodes(made)


def remove(principal: Principal, factor_id: UUID, *, password: str, proof: Proof) -> None:
    """Raises NotFound for what is not the account's own, or not in use."""

    def do(tx: Tx, account: Account) -> None:
        factor = tx.get(SecondFactor, factor_id)
        is_own = factor is not None and factor.account_id == account.account_id
        if factor is None or not is_own or factor.confirmed_at is None:
            raise NotFound
        tx.delete(factor)
        tx.flush()  # what is asked next must not find it
        if not methods_of(tx, account.account_id):
            _forget_recovery_codes(tx, account.account_id)
        _record(tx, "auth.second_factor_removed", account.account_id)

    _as_owner(principal, password, proof=proof, do=do)


def text_own_code(principal: Principal) -> CodeSent:
    """For a change of factors. Raises NoTextedFactor and TooManyTexts."""
    with transaction() as tx:
        unsent = make_text(tx, locked_account(tx, principal.account_id))
    return unsent.send()


def reset_factors(principal: Principal, account_id: UUID, *, reason: str) -> None:
    """Of somebody who has lost them; all sessions end, and the next login is by password alone.

    Whom an administrator manages is in `rules.roles.MANAGEABLE`; nobody does it for oneself, or a
    stolen session would be enough.
    """
    with transaction() as tx:
        account = get_account_of_others(tx, principal, account_id)
        if account.account_id == principal.account_id:
            raise Forbidden("不能重置本人的第二因素，请由其他管理员办理。")
        if account.role not in MANAGEABLE.get(principal.role, ()):
            raise Forbidden("当前账户无权重置该角色账户的第二因素。")
        locked_account(tx, account_id)
        tx.execute(delete(SecondFactor).where(SecondFactor.account_id == account_id))
        _forget_recovery_codes(tx, account_id)
        close_all_sessions(tx, account_id)
        _record(tx, "auth.second_factors_reset", account_id, reason=reason)


def _as_owner(
    principal: Principal,
    password: str,
    *,
    proof: Proof | None,
    do: Callable[[Tx, Account], Done],
) -> Done:
    """Do it once password and, where there is a factor, code are right; failures are counted."""
    with reading() as reader:
        known = get_credentials(reader, principal.account_id)
    checked = credentials.check(known, password)
    with transaction() as tx:
        account = credentials.locked_account(tx, checked)
        if account is not None and _is_owner(tx, account, is_right=checked.is_right, proof=proof):
            return do(tx, account)
    raise OwnerNotProven


def _is_owner(tx: Tx, account: Account, *, is_right: bool, proof: Proof | None) -> bool:
    """The code is looked at after a right password only, so that none is used up in vain."""
    if account.is_locked(clock.now()):
        return False
    if not is_right:
        count_failure(tx, account, action=WRONG_PASSWORD)
        return False
    if not methods_of(tx, account.account_id):
        return True
    if proof is None:
        detail = "账户已启用第二因素，请同时提供动态验证码。"
        raise Invalid(errors=[FieldError("/proof", "required", detail)])
    is_proven = proves(tx, account.account_id, proof)
    if not is_proven:
        count_failure(tx, account, action=WRONG_SECOND_FACTOR)
    return is_proven


def _begin_totp(tx: Tx, account: Account) -> tuple[NewFactor, None]:
    secret = pyotp.random_base32()
    factor = _new_factor(tx, account, Kind.TOTP, secret=encrypt(secret))
    username = get_account(tx, account.account_id).username
    uri = enrolment_uri(secret, username)
    return NewFactor(factor.factor_id, Kind.TOTP, secret=secret, otpauth_uri=uri), None


def _begin_sms(tx: Tx, account: Account) -> tuple[NewFactor, UnsentText]:
    factor = _new_factor(tx, account, Kind.SMS, secret=None)
    unsent = make_text(tx, account, is_enrolling=True)
    return NewFactor(factor.factor_id, Kind.SMS), unsent


def _new_factor(tx: Tx, account: Account, kind: Kind, *, secret: bytes | None) -> SecondFactor:
    """Instead of one of its kind that was begun and never confirmed."""
    tx.execute(
        delete(SecondFactor).where(
            SecondFactor.account_id == account.account_id,
            SecondFactor.kind == kind,
            SecondFactor.confirmed_at.is_(None),
        )
    )
    factor = SecondFactor(
        factor_id=new_id(),
        account_id=account.account_id,
        kind=kind,
        secret=secret,
        created_at=clock.now(),
    )
    tx.add(factor)
    _record(tx, "auth.second_factor_begun", account.account_id)
    return factor


def _put_in_use(tx: Tx, principal: Principal, factor: SecondFactor) -> list[str]:
    tx.execute(
        delete(SecondFactor).where(
            SecondFactor.account_id == factor.account_id,
            SecondFactor.kind == factor.kind,
            SecondFactor.factor_id != factor.factor_id,
        )
    )
    factor.confirmed_at = clock.now()
    close_other_sessions(tx, principal)
    _record(tx, "auth.second_factor_confirmed", factor.account_id)
    return renew_recovery_codes(tx, factor.account_id)


def _forget_recovery_codes(tx: Tx, account_id: UUID) -> None:
    tx.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


def _record(tx: Tx, action: str, account_id: UUID, *, reason: str | None = None) -> None:
    audit.record(tx, action, object_type="account", object_id=account_id, reason=reason)
