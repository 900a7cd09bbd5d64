"""Where the own account is logged in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from otsp_auth.model import LoginSession
from otsp_auth.settings import current_settings
from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_chassis.pii import decrypt

_MOST = 100


@dataclass(frozen=True, slots=True)
class OwnSession:
    """`device` is what the browser said of itself; `current` is the one that asks."""

    session_id: UUID
    started_at: datetime
    last_activity_at: datetime
    device: str | None
    address: str | None
    current: bool


def list_own_sessions(tx: Reader, principal: Principal) -> Page[OwnSession]:
    """Those that live, the latest used first, a hundred at most."""
    now = clock.now()
    query = (
        select(
            LoginSession.session_id,
            LoginSession.started_at,
            LoginSession.last_activity_at,
            LoginSession.device,
            LoginSession.address,
        )
        .where(
            LoginSession.account_id == principal.account_id,
            LoginSession.expires_at > now,
            LoginSession.last_activity_at >= now - current_settings().idle_limit(principal.role),
        )
        .order_by(LoginSession.last_activity_at.desc(), LoginSession.session_id.desc())
        .limit(_MOST)
    )
    items = [
        OwnSession(
            *row[:3],
            device=_plain(row.device),
            address=_plain(row.address),
            current=str(row.session_id) == principal.session_id,
        )
        for row in tx.execute(query)
    ]
    return Page(items, None)


def _plain(sealed: bytes | None) -> str | None:
    return None if sealed is None else decrypt(sealed)
