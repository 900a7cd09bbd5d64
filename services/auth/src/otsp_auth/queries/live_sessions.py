"""Sessions, as the edge asks for them at nearly every request."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from otsp_auth.model import Account, Authority, DataSubjectSession, LoginSession
from otsp_auth.queries.delegation_rows import administration_in_force
from otsp_auth.queries.factors import has_second_factor, lacks_second_factor
from otsp_auth.queries.passwords import owes_new_password
from otsp_auth.rules.duties import Duty, duties_of
from otsp_auth.rules.roles import acting_role
from otsp_chassis import clock
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
    """The one acted in: a reviewer may have a region administrator's rights lent."""
    status: str
    institution_id: UUID | None
    authority: AuthorityClaim | None
    is_authority_active: bool
    duties: frozenset[Duty]
    is_read_only: bool


@dataclass(frozen=True, slots=True)
class LiveDataSubject:
    """The holder of a mobile, for a few minutes."""

    session_id: UUID
    mobile_index: bytes
    expires_at: datetime


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
        _account.is_read_only,
        _account.must_change_password,
        _account.password_changed_at,
        _account.must_complete_information,
        has_second_factor(_account.account_id).label("has_second_factor"),
        administration_in_force(bindparam("now")).label("administers"),
        _authority.is_active,
        _authority.authority_id,
        _authority.level,
        _authority.department,
        _authority.region_code,
        _authority.name,
    )
    .join_from(LoginSession.__table__, Account.__table__)
    .outerjoin(Authority.__table__)
    .where(_session.token_sha256 == bindparam("token_sha256"))
)

_subject = DataSubjectSession.__table__.c
_LIVE_DATA_SUBJECT = select(_subject.session_id, _subject.mobile_index, _subject.expires_at).where(
    _subject.token_sha256 == bindparam("token_sha256")
)


def find_session(tx: Reader, token_sha256: bytes) -> LiveSession | None:
    """One SELECT by the unique hash; whether it is over is for `rules` to say."""
    known = {"token_sha256": token_sha256, "now": clock.now()}
    row = tx.execute(_LIVE_SESSION, known).first()
    if row is None:
        return None
    claim = None
    if row.authority_id is not None:
        claim = AuthorityClaim(
            row.authority_id, row.level, row.department, row.region_code, row.name
        )
    duties = duties_of(
        must_change_password=owes_new_password(
            row.role, must_change=row.must_change_password, changed_at=row.password_changed_at
        ),
        must_complete_information=row.must_complete_information,
        lacks_second_factor=lacks_second_factor(row.role, has_one=row.has_second_factor),
    )
    return LiveSession(
        *row[:4],
        acting_role(row.role, administers=row.administers),
        *row[5:7],
        claim,
        is_authority_active=row.is_active is not False,
        duties=duties,
        is_read_only=row.is_read_only,
    )


def find_data_subject(tx: Reader, token_sha256: bytes) -> LiveDataSubject | None:
    row = tx.execute(_LIVE_DATA_SUBJECT, {"token_sha256": token_sha256}).first()
    return None if row is None else LiveDataSubject(*row)
