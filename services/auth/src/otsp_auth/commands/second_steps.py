"""The second step of a login: what the owner has, after what the owner knows.

A right password gives a token that is good for nothing else; the session's token comes only with
the second factor, so that nobody can plant or keep one from before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import select

from otsp_auth.commands.codes import CodeSent
from otsp_auth.commands.factor_proofs import Proof, make_text, proves
from otsp_auth.commands.sessions import (
    WRONG_SECOND_FACTOR,
    OpenedSession,
    count_failure,
    new_token,
    start_session,
    token_sha256,
)
from otsp_auth.model import Account, SecondStep
from otsp_auth.rules.factors import Method
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock, metrics
from otsp_chassis.db import Tx, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Unauthorised


class SecondStepOver(Unauthorised):
    """Too late, tried too often, used, never begun, or the account is out of use by now."""

    slug: ClassVar[str] = "second-step-over"
    title: ClassVar[str] = "The second step is over"
    detail_zh: ClassVar[str] = "身份确认已失效，请重新输入登录账号和密码。"


class SecondFactorWrong(Unauthorised):
    slug: ClassVar[str] = "second-factor-wrong"
    title: ClassVar[str] = "The second factor is wrong"
    detail_zh: ClassVar[str] = (
        "动态验证码不正确或已使用过，请等待下一个验证码后重试。连续输错 5 次，账户将锁定 30 分钟。"
    )


class Outcome(StrEnum):
    """How a second step ended; the metric's label, beside those of the first."""

    OPENED = "opened"
    REFUSED = "second_factor_refused"


@dataclass(frozen=True, slots=True)
class OpenedStep:
    """What a right password alone gives; the token is told this once."""

    second_step: str
    methods: list[Method]
    expires_at: datetime


def open_second_step(tx: Tx, account: Account, methods: list[Method]) -> OpenedStep:
    """The account's count of failures stays: the owner has not been proven yet."""
    token = new_token()
    step = SecondStep(
        second_step_id=new_id(),
        account_id=account.account_id,
        token_sha256=token_sha256(token),
        expires_at=clock.now() + timedelta(minutes=current_settings().second_step_minutes),
    )
    tx.add(step)
    audit.record(
        tx, "auth.second_factor_asked", object_type="account", object_id=account.account_id
    )
    return OpenedStep(token, methods, step.expires_at)


def text_code(token: str) -> CodeSent:
    """To the account's own mobile. Raises SecondStepOver, NoTextedFactor and TooManyTexts."""
    with transaction() as tx:
        account, _step = _locked(tx, token)
        unsent = make_text(tx, account)
    return unsent.send()


def take_second_step(token: str, proof: Proof, *, user_agent: str | None) -> OpenedSession:
    """A wrong code counts like a wrong password: five in a row lock the account."""
    opened = None
    with transaction() as tx:
        account, step = _locked(tx, token)
        if proves(tx, account.account_id, proof):
            tx.delete(step)
            opened = start_session(tx, account, user_agent=user_agent)
        else:
            step.tries += 1
            count_failure(tx, account, action=WRONG_SECOND_FACTOR)
    metrics.LOGINS.labels(Outcome.OPENED if opened else Outcome.REFUSED).inc()
    if opened is None:
        raise SecondFactorWrong
    return opened


def _locked(tx: Tx, token: str) -> tuple[Account, SecondStep]:
    """The account first, then what hangs on it: tries sent in parallel pass one by one."""
    sha256 = token_sha256(token)
    account_id = tx.scalar(select(SecondStep.account_id).where(SecondStep.token_sha256 == sha256))
    account = tx.get(Account, account_id, with_for_update=True) if account_id else None
    query = select(SecondStep).where(SecondStep.token_sha256 == sha256).with_for_update()
    step = tx.scalar(query)
    if account is None or step is None:
        raise SecondStepOver
    now = clock.now()
    is_over = step.is_over(now, tries=current_settings().second_step_tries)
    if is_over or account.is_locked(now) or not account.may_work:
        raise SecondStepOver
    return account, step
