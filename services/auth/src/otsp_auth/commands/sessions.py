"""Sessions: opened once their owner is proven, used through the edge, ended in many ways."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete

from otsp_auth.model import Account, LoginSession, SecondStep
from otsp_auth.queries.account_rows import AccountRow, get_account
from otsp_auth.rules.session_life import device_told
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.context import current_call
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.pii import encrypt
from otsp_chassis.problems import NotFound

WRONG_PASSWORD: Final = "auth.password_refused"  # noqa: S105 - the name of an action
WRONG_SECOND_FACTOR: Final = "auth.second_factor_refused"


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """The token is told this once; only its hash is kept."""

    token: str
    expires_at: datetime
    idle_seconds: int
    account: AccountRow


def start_session(tx: Tx, account: Account, *, user_agent: str | None) -> OpenedSession:
    """For an account whose owner has been proven in this transaction, by all that is asked for."""
    settings, now, call = current_settings(), clock.now(), current_call()
    token, device = new_token(), device_told(user_agent)
    address = call.client_ip if call else None
    session = LoginSession(
        session_id=new_id(),
        account_id=account.account_id,
        token_sha256=token_sha256(token),
        device=encrypt(device) if device else None,
        address=encrypt(address) if address else None,
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


def close_session(principal: Principal) -> None:
    """Log out; the edge may believe the session for two seconds more."""
    with transaction() as tx:
        session_id = UUID(principal.session_id)
        tx.execute(delete(LoginSession).where(LoginSession.session_id == session_id))
        audit.record(tx, "auth.logged_out", object_type="account", object_id=principal.account_id)


def close_own_session(principal: Principal, session_id: UUID) -> None:
    """One of the list, be it this one. Raises NotFound for what is somebody else's, or over."""
    with transaction() as tx:
        closed = tx.execute(
            delete(LoginSession)
            .where(
                LoginSession.session_id == session_id,
                LoginSession.account_id == principal.account_id,
            )
            .returning(LoginSession.session_id)
        ).first()
        if closed is None:
            raise NotFound
        audit.record(tx, "auth.session_closed", object_type="login_session", object_id=session_id)


def log_out_everywhere(principal: Principal) -> None:
    """This session too: who fears for the account then proves again whose it is."""
    with transaction() as tx:
        close_all_sessions(tx, principal.account_id)
        audit.record(
            tx, "auth.logged_out_everywhere", object_type="account", object_id=principal.account_id
        )


def close_all_sessions(tx: Tx, account_id: UUID) -> None:
    """After a change of password, role or status; logins that are half done end too."""
    tx.execute(delete(LoginSession).where(LoginSession.account_id == account_id))
    tx.execute(delete(SecondStep).where(SecondStep.account_id == account_id))


def close_other_sessions(tx: Tx, principal: Principal) -> None:
    """After something that those were opened without."""
    tx.execute(
        delete(LoginSession).where(
            LoginSession.account_id == principal.account_id,
            LoginSession.session_id != UUID(principal.session_id),
        )
    )
    tx.execute(delete(SecondStep).where(SecondStep.account_id == principal.account_id))


def count_failure(tx: Tx, account: Account, *, action: str = WRONG_PASSWORD) -> None:
    """A wrong password or second factor of a known account, whichever operation it came through."""
    settings = current_settings()
    is_last = account.note_failure(
        clock.now(),
        allowed=settings.login_failures_allowed,
        lock=timedelta(minutes=settings.lock_minutes),
    )
    told = "auth.account_locked" if is_last else action
    audit.record(tx, told, object_type="account", object_id=account.account_id)


def new_token() -> str:
    """256 bits, 43 characters."""
    return secrets.token_urlsafe(32)


def token_sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
