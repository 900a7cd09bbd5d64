"""Sessions: opened by a password, used through the edge, ended by whoever holds them."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import delete

from otsp_auth.commands import credentials
from otsp_auth.commands.addresses import Attempt, note_attempt, refuse_exhausted_address
from otsp_auth.model import Account, LoginSession
from otsp_auth.queries.account_rows import AccountRow, find_credentials, get_account
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock, metrics
from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Forbidden, Unauthorised


class BadCredentials(Unauthorised):
    """One answer for a wrong password, an unknown name and a locked account alike."""

    slug: ClassVar[str] = "bad-credentials"
    title: ClassVar[str] = "Username or password is wrong"
    detail_zh: ClassVar[str] = (
        "用户名或密码不正确。连续输错 5 次，账户将锁定 30 分钟，锁定期间密码正确也无法登录。"
    )


class AccountSuspended(Forbidden):
    """Told only to who knows the password."""

    slug: ClassVar[str] = "account-suspended"
    title: ClassVar[str] = "The account is suspended"
    detail_zh: ClassVar[str] = "账户已停用，请联系所在地区的区域管理员。"


class Outcome(StrEnum):
    """How an attempt to log in ended; the metric's label."""

    OPENED = "opened"
    REFUSED = "refused"
    LOCKED = "locked"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """The token is told this once; only its hash is kept."""

    token: str
    expires_at: datetime
    idle_seconds: int
    account: AccountRow


def open_session(username: str, password: str) -> OpenedSession:
    """One argon2id whoever asks; failures are committed before they are told.

    The hash is computed between the two transactions, on no connection. The second judges again
    under the row lock: guesses sent in parallel are counted one by one, and whatever comes after
    the lock is refused even when it was right.
    """
    with reading() as reader:
        refuse_exhausted_address(reader, Attempt.LOGIN_FAILURE)
        known = find_credentials(reader, username)
    checked = credentials.check(known, password)
    opened = None
    with transaction() as tx:
        account = credentials.locked_account(tx, checked)
        outcome = _judge(tx, account, is_right=checked.is_right)
        if account is not None and outcome is Outcome.OPENED:
            credentials.keep(account, checked)
            opened = _start(tx, account)
    metrics.LOGINS.labels(outcome).inc()
    if opened is None:
        raise AccountSuspended if outcome is Outcome.SUSPENDED else BadCredentials
    return opened


def close_session(principal: Principal) -> None:
    """Log out; the edge may believe the session for two seconds more."""
    with transaction() as tx:
        session_id = UUID(principal.session_id)
        tx.execute(delete(LoginSession).where(LoginSession.session_id == session_id))
        audit.record(tx, "auth.logged_out", object_type="account", object_id=principal.account_id)


def close_all_sessions(tx: Tx, account_id: UUID) -> None:
    """After a change of password, role or status."""
    tx.execute(delete(LoginSession).where(LoginSession.account_id == account_id))


def count_failure(tx: Tx, account: Account) -> None:
    """A wrong password for a known account, whichever operation it came through."""
    settings = current_settings()
    is_last = account.note_failure(
        clock.now(),
        allowed=settings.login_failures_allowed,
        lock=timedelta(minutes=settings.lock_minutes),
    )
    action = "auth.account_locked" if is_last else "auth.password_refused"
    audit.record(tx, action, object_type="account", object_id=account.account_id)


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
        audit.record(tx, "auth.password_refused", object_type="account", object_id="unknown")
        return Outcome.REFUSED
    if account.is_locked(clock.now()):
        audit.record(tx, "auth.locked_refused", object_type="account", object_id=account.account_id)
        return Outcome.LOCKED
    count_failure(tx, account)
    return Outcome.REFUSED


def _start(tx: Tx, account: Account) -> OpenedSession:
    settings, now = current_settings(), clock.now()
    token = secrets.token_urlsafe(32)
    session = LoginSession(
        session_id=new_id(),
        account_id=account.account_id,
        token_sha256=token_sha256(token),
        started_at=now,
        last_activity_at=now,
        expires_at=now + timedelta(hours=settings.session_hours),
    )
    account.note_success()
    tx.add(session)
    audit.record(
        tx,
        "auth.logged_in",
        object_type="account",
        object_id=account.account_id,
        institution_id=account.institution_id,
    )
    tx.flush()
    told = get_account(tx, account.account_id)
    idle = settings.idle_limit(account.role)
    return OpenedSession(token, session.expires_at, int(idle.total_seconds()), told)


def token_sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
