"""What the edge asks at nearly every request: for whom does this bearer token stand?

A session stands for its account, an API key for a system of its institution, and a data
subject's for the holder of a mobile.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import update

from otsp_auth.commands.key_uses import use_key
from otsp_auth.commands.sessions import token_sha256
from otsp_auth.model import WORKING, LoginSession
from otsp_auth.queries.live_sessions import LiveSession, find_data_subject, find_session
from otsp_auth.rules.api_keys import key_ends_at, scopes_now
from otsp_auth.rules.bearers import Kind, kind_of
from otsp_auth.rules.duties import scopes_under
from otsp_auth.rules.roles import scopes_of
from otsp_auth.rules.session_life import is_session_over, session_ends_at
from otsp_auth.settings import current_settings
from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.identity import IdentityMinter, Principal
from otsp_chassis.problems import Unauthorised


@dataclass(frozen=True, slots=True)
class Identified:
    """The identity token of one minute, and when the bearer ends if it rests from now on."""

    identity: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Bearer:
    """For whom a token stands, and until when."""

    principal: Principal
    ends_at: datetime


def identify(token: str | None, *, is_passive: bool = False) -> Identified:
    """One SELECT, and an UPDATE every half minute; Unauthorised for all that is over.

    A passive request is one that nobody made by hand: it prolongs nothing (decision D41).
    """
    if token is None:
        raise Unauthorised
    kind = kind_of(token)
    if kind is Kind.API_KEY:
        bearer = _by_api_key(token)
    elif kind is Kind.DATA_SUBJECT:
        bearer = _by_data_subject(token)
    else:
        bearer = _by_session(token, is_passive=is_passive)
    identity = _minter(current_settings().identity_private_key).mint(bearer.principal)
    return Identified(identity, bearer.ends_at)


def _by_session(token: str, *, is_passive: bool) -> _Bearer:
    with reading() as reader:
        found = find_session(reader, token_sha256(token))
    if found is None or not _is_live(found):
        raise Unauthorised
    if not is_passive:
        _note_activity(found)
    principal = Principal(
        account_id=found.account_id,
        role=found.role,
        scopes=scopes_under(found.role, found.duties),
        session_id=str(found.session_id),
        institution_id=found.institution_id,
        authority=found.authority,
        is_read_only=found.is_read_only,
    )
    ends = session_ends_at(
        found.last_activity_at if is_passive else clock.now(),
        expires_at=found.expires_at,
        idle_limit=_idle_limit(found.role),
    )
    return _Bearer(principal, ends)


def _by_api_key(token: str) -> _Bearer:
    found = use_key(token)
    principal = Principal(
        account_id=found.api_key_id,
        role="api_key",
        scopes=scopes_now(found.scopes, scopes_under(found.role, found.duties)),
        session_id=str(found.api_key_id),
        institution_id=found.institution_id,
        is_read_only=found.is_read_only,
    )
    return _Bearer(principal, key_ends_at(found.expires_on, clock.SHANGHAI))


def _by_data_subject(token: str) -> _Bearer:
    with reading() as reader:
        found = find_data_subject(reader, token_sha256(token))
    if found is None or clock.now() >= found.expires_at:
        raise Unauthorised
    principal = Principal(
        account_id=found.session_id,
        role="data_subject",
        scopes=scopes_of("data_subject"),
        session_id=str(found.session_id),
        mobile_index=found.mobile_index,
    )
    return _Bearer(principal, found.expires_at)


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
