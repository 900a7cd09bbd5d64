"""The reads of accounts, sessions and authorities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import aliased

from otsp_auth import rules
from otsp_auth.model import (
    WORKING,
    Account,
    AddressAttempt,
    Authority,
    DevelopmentMessage,
    LoginSession,
    Verification,
)
from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.pii import blind_index, decrypt, mask_mobile, mask_name
from otsp_chassis.problems import NotFound
from otsp_contracts.values import Mobile


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """One authority as it is told. `reviewer_count`: its people who may decide a case."""

    authority_id: UUID
    version: int
    name: str
    level: str
    department: str
    region_code: str
    parent_authority_id: UUID | None
    active: bool
    reviewer_count: int


@dataclass(frozen=True, slots=True)
class AuthorityOfAccount:
    """The authority that an account acts for."""

    authority_id: UUID
    name: str
    level: str
    department: str
    region_code: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account as it is told: in full to its owner, masked to others."""

    account_id: UUID
    version: int
    username: str
    mobile: str | None
    person_name: str | None
    role: str
    status: str
    institution_id: UUID | None
    authority: AuthorityOfAccount | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login is checked against."""

    account_id: UUID
    password_hash: str


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


@dataclass(frozen=True, slots=True)
class Message:
    """A text of the development outbox."""

    message_id: UUID
    sent_at: datetime
    text: str


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


def get_account(tx: Reader, account_id: UUID) -> AccountRow:
    """In full: for the account's owner only."""
    row = tx.execute(_accounts().where(Account.account_id == account_id)).first()
    if row is None:
        raise NotFound
    return _in_full(row)


def get_account_of_others(tx: Reader, principal: Principal, account_id: UUID) -> AccountRow:
    """Masked; another authority's people do not exist for a region administrator."""
    query = _accounts().where(Account.account_id == account_id)
    if principal.role != "national_admin":
        own = principal.authority.authority_id if principal.authority else None
        query = query.where(Account.authority_id == own)
    row = tx.execute(query).first()
    if row is None:
        raise NotFound
    return _masked(_in_full(row))


def find_credentials(tx: Reader, username: str) -> Credentials | None:
    """By mobile when it is one, else by username; cancelled accounts are forgotten."""
    query = select(Account.account_id, Account.password_hash).where(Account.status != "cancelled")
    if Mobile.accepts(username):
        query = query.where(Account.mobile_index == blind_index(Mobile.parse(username).text))
    else:
        query = query.where(Account.username == username.lower())
    row = tx.execute(query).first()
    return None if row is None else Credentials(*row)


def is_mobile_taken(tx: Reader, mobile_index: bytes) -> bool:
    query = select(Account.account_id).where(
        Account.mobile_index == mobile_index, Account.status != "cancelled"
    )
    return tx.execute(query).first() is not None


def get_credentials(tx: Reader, account_id: UUID) -> Credentials:
    query = select(Account.account_id, Account.password_hash)
    row = tx.execute(query.where(Account.account_id == account_id)).first()
    if row is None:
        raise NotFound
    return Credentials(*row)


def find_account_named(tx: Reader, username: str) -> tuple[UUID, str] | None:
    """Id and role."""
    query = select(Account.account_id, Account.role).where(Account.username == username)
    row = tx.execute(query).first()
    return None if row is None else (row[0], row[1])


def find_session(tx: Reader, token_sha256: bytes) -> LiveSession | None:
    """One SELECT by the unique hash; whether it is over is for `rules` to say."""
    row = tx.execute(_LIVE_SESSION, {"token_sha256": token_sha256}).first()
    if row is None:
        return None
    claim = None
    if row.authority_id is not None:
        claim = AuthorityClaim(row.authority_id, row.level, row.department, row.region_code)
    return LiveSession(*row[:7], claim, is_authority_active=row.is_active is not False)


def texts_sent(tx: Reader, mobile_index: bytes, since: datetime) -> Sequence[datetime]:
    """When texts went to a number, whatever for."""
    query = select(Verification.sent_at).where(
        Verification.mobile_index == mobile_index, Verification.sent_at > since
    )
    return tx.execute(query).scalars().all()


def count_attempts(tx: Reader, kind: str, *, address_index: bytes, since: datetime) -> int:
    query = select(func.count()).where(
        AddressAttempt.kind == kind,
        AddressAttempt.address_index == address_index,
        AddressAttempt.at > since,
    )
    return int(tx.execute(query).scalar_one())


def list_messages(tx: Reader, mobile: str) -> list[Message]:
    """The latest twenty to a number, newest first."""
    query = (
        select(DevelopmentMessage.message_id, DevelopmentMessage.sent_at, DevelopmentMessage.text)
        .where(DevelopmentMessage.mobile_index == blind_index(Mobile.parse(mobile).text))
        .order_by(DevelopmentMessage.sent_at.desc(), DevelopmentMessage.message_id.desc())
        .limit(20)
    )
    return [Message(row[0], row[1], decrypt(row[2])) for row in tx.execute(query)]


def get_authority(tx: Reader, authority_id: UUID) -> AuthorityRow:
    row = tx.execute(_authorities().where(Authority.authority_id == authority_id)).first()
    if row is None:
        raise NotFound
    return AuthorityRow(*row)


def authorities_among(tx: Reader, ids: Sequence[UUID]) -> list[AuthorityRow]:
    """These, in order of creation."""
    query = _authorities().where(Authority.authority_id.in_(ids))
    return [AuthorityRow(*row) for row in tx.execute(query.order_by(Authority.authority_id))]


def list_authorities(
    tx: Reader, filters: Mapping[str, str | None], *, cursor: str | None, limit: int
) -> Page[AuthorityRow]:
    """In order of creation; filters by region_code, level, department."""
    query = _authorities()
    for name, value in filters.items():
        if value is not None:
            query = query.where(getattr(Authority, name) == value)
    if cursor is not None:
        query = query.where(Authority.authority_id > decode_id(cursor))
    rows = tx.execute(query.order_by(Authority.authority_id).limit(limit + 1))
    found = [AuthorityRow(*row) for row in rows]
    return make_page(found, limit, key=lambda each: [each.authority_id])


def _accounts() -> Select[*tuple[Any, ...]]:
    return select(
        Account.account_id,
        Account.version,
        Account.username,
        Account.mobile,
        Account.person_name,
        Account.role,
        Account.status,
        Account.locked_until,
        Account.institution_id,
        Account.created_at,
        Authority.authority_id,
        Authority.name.label("authority_name"),
        Authority.level,
        Authority.department,
        Authority.region_code,
    ).outerjoin(Authority, Authority.authority_id == Account.authority_id)


def _in_full(row: Row[*tuple[Any, ...]]) -> AccountRow:
    mobile = None if row.mobile is None else decrypt(row.mobile)
    is_locked = row.locked_until is not None and clock.now() < row.locked_until
    authority = None
    if row.authority_id is not None:
        authority = AuthorityOfAccount(
            row.authority_id, row.authority_name, row.level, row.department, row.region_code
        )
    return AccountRow(
        account_id=row.account_id,
        version=row.version,
        username=row.username or mobile or "",
        mobile=mobile,
        person_name=row.person_name,
        role=row.role,
        status="locked" if is_locked and row.status in WORKING else row.status,
        institution_id=row.institution_id,
        authority=authority,
        created_at=row.created_at,
    )


def _masked(account: AccountRow) -> AccountRow:
    """As anybody else may see it; a username that is the mobile is masked like one."""
    if account.mobile is None:
        return replace(account, person_name=_masked_name(account.person_name))
    hidden = mask_mobile(account.mobile)
    return replace(
        account,
        mobile=hidden,
        username=hidden if account.username == account.mobile else account.username,
        person_name=_masked_name(account.person_name),
    )


def _masked_name(name: str | None) -> str | None:
    return None if name is None else mask_name(name)


def _authorities() -> Select[*tuple[Any, ...]]:
    superior = aliased(Authority)
    reviewers = (
        select(func.count())
        .where(
            Account.authority_id == Authority.authority_id,
            Account.role.in_(rules.REVIEWING_ROLES),
            Account.status == "active",
        )
        .correlate(Authority)
        .scalar_subquery()
    )
    is_superior = (superior.department == Authority.department) & (
        superior.region_code == Authority.parent_region_code
    )
    return select(
        Authority.authority_id,
        Authority.version,
        Authority.name,
        Authority.level,
        Authority.department,
        Authority.region_code,
        superior.authority_id,
        Authority.is_active,
        reviewers,
    ).outerjoin(superior, is_superior)
