"""Sessions, as the edge asks for them at nearly every request."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from otsp_auth.model import Account, Authority, LoginSession
from otsp_auth.rules.duties import Duty, duties_of
from otsp_chassis.db import Reader
from otsp_chassis.identity import AuthorityClaim


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session with all that its every use must know, in one row."""

    session_id: UUID
    last_activity_at: datetime
    expires_at: datetime
    account_id: UUID
    role: str
    status: str
    institution_id: UUID | None
    authority: AuthorityClaim | None
    is_authority_active: bool
    duties: frozenset[Duty]


# Built once: the edge asks at nearly every request, and making it costs more than running it.
_session, _account, _authority = (kind.__table__.c for kind in (LoginSession, Account, Authority))

_LIVE_SESSION = (
    select(
        _session.session_id,
        _session.last_activity_at,
        _session.expires_at,
        _account.account_id,
        _account.role,
        _account.status,
        _account.institution_id,
        _account.must_change_password,
        _authority.is_active,
        _authority.authority_id,
        _authority.level,
        _authority.department,
        _authority.region_code,
    )
    .join_from(LoginSession.__table__, Account.__table__)
    .outerjoin(Authority.__table__)
    .where(_session.token_sha256 == bindparam("token_sha256"))
)


def find_session(tx: Reader, token_sha256: bytes) -> LiveSession | None:
    """One SELECT by the unique hash; whether it is over is for `rules` to say."""
    row = tx.execute(_LIVE_SESSION, {"token_sha256": token_sha256}).first()
    if row is None:
        return None
    claim = None
    if row.authority_id is not None:
        claim = AuthorityClaim(row.authority_id, row.level, row.department, row.region_code)
    duties = duties_of(must_change_password=row.must_change_password)
    return LiveSession(
        *row[:7], claim, is_authority_active=row.is_active is not False, duties=duties
    )
