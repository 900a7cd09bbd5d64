"""What the edge asks at nearly every request: for whom does this bearer token stand?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import update

from otsp_auth.commands.sessions import token_sha256
from otsp_auth.model import WORKING, LoginSession
from otsp_auth.queries.live_sessions import LiveSession, find_session
from otsp_auth.rules.duties import scopes_under
from otsp_auth.rules.session_life import is_session_over, session_ends_at
from otsp_auth.settings import current_settings
from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.identity import IdentityMinter, Principal
from otsp_chassis.problems import Unauthorised


@dataclass(frozen=True, slots=True)
class Identified:
    """The identity token of one minute, and when the session ends if it rests from now on."""

    identity: str
    expires_at: datetime


def identify(token: str | None) -> Identified:
    """One SELECT, and an UPDATE every half minute; Unauthorised for all that is over."""
    if token is None:
        raise Unauthorised
    with reading() as reader:
        found = find_session(reader, token_sha256(token))
    if found is None or not _is_live(found):
        raise Unauthorised
    _note_activity(found)
    identity = _minter(current_settings().identity_private_key).mint(
        Principal(
            account_id=found.account_id,
            role=found.role,
            scopes=scopes_under(found.role, found.duties),
            session_id=str(found.session_id),
            institution_id=found.institution_id,
            authority=found.authority,
        )
    )
    ends = session_ends_at(
        clock.now(), expires_at=found.expires_at, idle_limit=_idle_limit(found.role)
    )
    return Identified(identity, ends)


def _idle_limit(role: str) -> timedelta:
    return current_settings().idle_limit(role)


def _is_live(found: LiveSession) -> bool:
    is_over = is_session_over(
        clock.now(),
        last_activity_at=found.last_activity_at,
        expires_at=found.expires_at,
        idle_limit=_idle_limit(found.role),
    )
    return not is_over and found.status in WORKING and found.is_authority_active


def _note_activity(found: LiveSession) -> None:
    now = clock.now()
    step = timedelta(seconds=current_settings().activity_step_seconds)
    if now - found.last_activity_at < step:
        return
    with transaction() as tx:
        tx.execute(
            update(LoginSession)
            .where(
                LoginSession.session_id == found.session_id,
                LoginSession.last_activity_at < now,
            )
            .values(last_activity_at=now)
        )


@cache
def _minter(private_key: Path) -> IdentityMinter:
    """The key is read once; a new one comes with a new process."""
    return IdentityMinter(private_key)
