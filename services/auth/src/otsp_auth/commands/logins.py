"""The first step of a login: a password, and after wrong guesses a picture or a text with it."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select, update

from otsp_auth.commands import credentials, guesses
from otsp_auth.commands.addresses import Attempt, note_attempt, refuse_exhausted_address
from otsp_auth.commands.captchas import CaptchaAnswer, CaptchaWrong
from otsp_auth.commands.second_steps import OpenedStep, open_second_step
from otsp_auth.commands.session_codes import TextedCode
from otsp_auth.commands.sessions import OpenedSession, count_failure, start_session
from otsp_auth.model import Account, WrongCode
from otsp_auth.queries.account_rows import Credentials, find_credentials
from otsp_auth.queries.factors import methods_of
from otsp_chassis import audit, clock, metrics
from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.problems import Forbidden, RuleBroken, Unauthorised

Humanity = CaptchaAnswer | TextedCode
"""What shows that a person guesses, and no machine."""

_NOBODY = UUID(int=0)


class BadCredentials(Unauthorised):
    """One answer for a wrong password, an unknown name and a locked account alike."""

    slug: ClassVar[str] = "bad-credentials"
    title: ClassVar[str] = "Username or password is wrong"
    detail_zh: ClassVar[str] = (
        "用户名或密码不正确。连续输错 5 次，账户将锁定 30 分钟，锁定期间密码正确也无法登录。"
    )


class CaptchaRequired(RuleBroken):
    """For every name that was guessed at, whether anybody has it or not; no password is tried."""

    slug: ClassVar[str] = "captcha-required"
    title: ClassVar[str] = "A captcha or a texted code is required"
    detail_zh: ClassVar[str] = (
        "该登录账号多次登录失败，请同时填写图形验证码；看不清图形的，可以改用短信验证码。"
    )


class AccountSuspended(Forbidden):
    """Or being recovered. Told only to who knows the password."""

    slug: ClassVar[str] = "account-suspended"
    title: ClassVar[str] = "The account is suspended"
    detail_zh: ClassVar[str] = (
        "账户已停用或正在找回。正在找回的，请用短信中的链接设置新密码；其他情况请联系所在地区的区域管理员。"
    )


class Outcome(StrEnum):
    """How an attempt to log in ended; the metric's label. Second steps have their own."""

    OPENED = "opened"
    HALF_OPENED = "half_opened"
    REFUSED = "refused"
    LOCKED = "locked"
    SUSPENDED = "suspended"
    CAPTCHA_REQUIRED = "captcha_required"
    CAPTCHA_REFUSED = "captcha_refused"


def open_session(
    username: str, password: str, *, humanity: Humanity | None, user_agent: str | None
) -> OpenedSession | OpenedStep:
    """One argon2id whoever asks; failures are committed before they are told.

    The hash is computed between the two transactions, on no connection. The second judges again
    under the row lock: guesses sent in parallel are counted one by one, and whatever comes after
    the lock is refused even when it was right.
    """
    with reading() as reader:
        refuse_exhausted_address(reader, Attempt.LOGIN_FAILURE)
        is_guarded = guesses.is_guarded(reader, username)
        known = find_credentials(reader, username)
    if is_guarded:
        _require_humanity(humanity, known)
    checked = credentials.check(known, password)
    opened: OpenedSession | OpenedStep | None = None
    with transaction() as tx:
        account = credentials.locked_account(tx, checked)
        outcome = _judge(tx, account, is_right=checked.is_right)
        if account is not None and outcome is Outcome.OPENED:
            credentials.keep(tx, account, checked)
            guesses.forget_guesses(tx, username)
            opened = _open(tx, account, user_agent)
        elif outcome is not Outcome.SUSPENDED:
            guesses.note_guess(tx, username)
    metrics.LOGINS.labels(Outcome.HALF_OPENED if isinstance(opened, OpenedStep) else outcome).inc()
    if opened is None:
        raise AccountSuspended if outcome is Outcome.SUSPENDED else BadCredentials
    return opened


def _open(tx: Tx, account: Account, user_agent: str | None) -> OpenedSession | OpenedStep:
    methods = methods_of(tx, account.account_id)
    if methods:
        return open_second_step(tx, account, methods)
    return start_session(tx, account, user_agent=user_agent)


def _require_humanity(humanity: Humanity | None, known: Credentials | None) -> None:
    """Before any password is hashed, at one cost for all names."""
    if humanity is None:
        metrics.LOGINS.labels(Outcome.CAPTCHA_REQUIRED).inc()
        raise CaptchaRequired
    with transaction() as tx:
        if isinstance(humanity, CaptchaAnswer):
            is_shown = humanity.redeem(tx)
        else:
            is_shown = humanity.redeem(tx, known)
    if not is_shown:
        metrics.LOGINS.labels(Outcome.CAPTCHA_REFUSED).inc()
        raise CaptchaWrong if isinstance(humanity, CaptchaAnswer) else WrongCode


def _judge(tx: Tx, account: Account | None, *, is_right: bool) -> Outcome:
    if account is not None and is_right and not account.is_locked(clock.now()):
        if account.may_work:
            return Outcome.OPENED
        audit.record(
            tx, "auth.suspended_refused", object_type="account", object_id=account.account_id
        )
        return Outcome.SUSPENDED
    note_attempt(tx, Attempt.LOGIN_FAILURE)
    if account is None:
        _lock_nobody(tx)
        _count_nobody(tx)
        audit.record(tx, "auth.password_refused", object_type="account", object_id="unknown")
        return Outcome.REFUSED
    if account.is_locked(clock.now()):
        _count_nobody(tx)
        audit.record(tx, "auth.locked_refused", object_type="account", object_id=account.account_id)
        return Outcome.LOCKED
    count_failure(tx, account)
    return Outcome.REFUSED


def _lock_nobody(tx: Tx) -> None:
    """What finding and locking an account costs, so that its absence is not cheaper."""
    tx.execute(select(Account).where(Account.account_id == _NOBODY).with_for_update())


def _count_nobody(tx: Tx) -> None:
    """What counting a failure costs."""
    tx.execute(update(Account).where(Account.account_id == _NOBODY).values(failed_count=0))
