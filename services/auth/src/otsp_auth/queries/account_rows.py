"""Accounts as they are told, and what a login is checked against."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, exists, false, func, select, true

from otsp_auth.model import WORKING, Account, Authority, InstitutionRef
from otsp_auth.queries.delegation_rows import administration_in_force
from otsp_auth.queries.factors import has_second_factor, lacks_second_factor
from otsp_auth.queries.legacy_names import accounts_under_legacy_name, first_legacy_name
from otsp_auth.queries.passwords import current_policy, owes_new_password
from otsp_auth.rules.duties import Duty, duties_of
from otsp_auth.rules.roles import REVIEWING_ROLES, acting_role
from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.pii import blind_index, decrypt, mask_email, mask_mobile, mask_name
from otsp_chassis.problems import NotFound
from otsp_contracts.values import Mobile


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
    acting_role: str
    status: str
    institution_id: UUID | None
    authority: AuthorityOfAccount | None
    created_at: datetime
    duties: list[Duty]
    email: str | None
    email_verified_at: datetime | None
    password_expires_at: datetime | None
    is_read_only: bool
    read_only_until: date | None


@dataclass(frozen=True, slots=True)
class ColleagueRow:
    """Somebody with whom cases are shared: a name and nothing else of the person."""

    account_id: UUID
    person_name: str | None
    role: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of accounts is narrowed by; `q` is how a username begins."""

    role: str | None = None
    status: str | None = None
    authority_id: UUID | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login is checked against."""

    account_id: UUID
    password_hash: str
    legacy_hash: bytes | None = None


def get_account(tx: Reader, account_id: UUID) -> AccountRow:
    """In full: for the account's owner only."""
    row = tx.execute(_accounts().where(Account.account_id == account_id)).first()
    if row is None:
        raise NotFound
    return _in_full(row)


def get_account_of_others(tx: Reader, principal: Principal, account_id: UUID) -> AccountRow:
    """Masked; another authority's people do not exist for a region administrator."""
    query = _accounts().where(Account.account_id == account_id, within_reach(principal))
    row = tx.execute(query).first()
    if row is None:
        raise NotFound
    return _masked(_in_full(row))


def list_accounts(
    tx: Reader,
    principal: Principal,
    wanted: Wanted,
    *,
    cursor: str | None,
    limit: int,
) -> Page[AccountRow]:
    """Masked, in order of creation; only what the caller may see of others."""
    query = _accounts().where(within_reach(principal), *_conditions(wanted))
    if cursor is not None:
        query = query.where(Account.account_id > decode_id(cursor))
    rows = tx.execute(query.order_by(Account.account_id).limit(limit + 1))
    found = [_masked(_in_full(row)) for row in rows]
    return make_page(found, limit, key=lambda each: [each.account_id])


def list_colleagues(
    tx: Reader, principal: Principal, *, cursor: str | None, limit: int
) -> Page[ColleagueRow]:
    """Those who review or reviewed in the caller's authority; empty for who is of none."""
    if principal.authority is None:
        return make_page([], limit, key=lambda each: [each.account_id])
    query = _accounts().where(
        Account.authority_id == principal.authority.authority_id,
        Account.role.in_(REVIEWING_ROLES),
    )
    if cursor is not None:
        query = query.where(Account.account_id > decode_id(cursor))
    rows = map(_in_full, tx.execute(query.order_by(Account.account_id).limit(limit + 1)))
    found = [
        ColleagueRow(each.account_id, each.person_name, each.role, each.status == "active")
        for each in rows
    ]
    return make_page(found, limit, key=lambda each: [each.account_id])


def within_reach(principal: Principal) -> ColumnElement[bool]:
    """Whose accounts are shown: all to the nation; to a region administrator those of the own
    authority, and in education those of the institutions of the region (§3.1, §1.6).
    """
    if principal.role == "national_admin":
        return true()
    authority = principal.authority
    if authority is None:
        return false()
    own = Account.authority_id == authority.authority_id
    if authority.department != "education":
        return own
    return own | exists().where(
        InstitutionRef.institution_id == Account.institution_id,
        InstitutionRef.region_code.startswith(covered_prefix(authority), autoescape=True),
    )


def covered_prefix(authority: AuthorityClaim) -> str:
    """The digits that all region codes of its jurisdiction begin with (§1.2)."""
    digits = {"national": 0, "province": 2, "city": 4}.get(authority.level, 6)
    return authority.region_code[:digits]


def account_ids_of(tx: Reader, authority_id: UUID) -> Sequence[UUID]:
    """The people of an authority."""
    query = select(Account.account_id).where(Account.authority_id == authority_id)
    return tx.execute(query.order_by(Account.account_id)).scalars().all()


def reviewers_of(tx: Reader, authority_id: UUID) -> Sequence[UUID]:
    """Those of them who may decide its cases now."""
    query = select(Account.account_id).where(
        Account.authority_id == authority_id,
        Account.role.in_(REVIEWING_ROLES),
        Account.status == "active",
    )
    return tx.execute(query.order_by(Account.account_id)).scalars().all()


def find_credentials(tx: Reader, username: str) -> Credentials | None:
    """By mobile when it is one, else by username, else by the name of a legacy platform.

    Cancelled accounts are forgotten. Both questions are asked in every case, or a name that
    nobody has would cost more than one that somebody has.
    """
    if Mobile.accepts(username):
        is_named = Account.mobile_index == blind_index(Mobile.parse(username).text)
    else:
        is_named = Account.username == username.lower()
    is_legacy = Account.account_id.in_(accounts_under_legacy_name(username))
    row = tx.execute(_credentials().where(is_named)).first()
    legacy = tx.execute(_credentials().where(is_legacy).limit(2)).all()
    if row is None and len(legacy) == 1:
        row = legacy[0]
    return None if row is None else Credentials(*row)


def is_mobile_taken(tx: Reader, mobile_index: bytes) -> bool:
    query = select(Account.account_id).where(
        Account.mobile_index == mobile_index, Account.status != "cancelled"
    )
    return tx.execute(query).first() is not None


def get_credentials(tx: Reader, account_id: UUID) -> Credentials:
    row = tx.execute(_credentials().where(Account.account_id == account_id)).first()
    if row is None:
        raise NotFound
    return Credentials(*row)


def find_account_named(tx: Reader, username: str) -> tuple[UUID, str] | None:
    """Id and role."""
    query = select(Account.account_id, Account.role).where(Account.username == username)
    row = tx.execute(query).first()
    return None if row is None else (row[0], row[1])


def _credentials() -> Select[UUID, str, bytes | None]:
    return select(Account.account_id, Account.password_hash, Account.legacy_hash).where(
        Account.status != "cancelled"
    )


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.role is not None:
        yield Account.role == wanted.role
    if wanted.status is not None:
        is_locked = (Account.locked_until > clock.now()) & Account.status.in_(WORKING)
        yield case((is_locked, "locked"), else_=Account.status) == wanted.status
    if wanted.authority_id is not None:
        yield Account.authority_id == wanted.authority_id
    if wanted.q is not None:
        yield Account.username.startswith(wanted.q.lower(), autoescape=True)


def _accounts() -> Select[*tuple[Any, ...]]:
    return select(
        Account.account_id,
        Account.version,
        Account.username,
        first_legacy_name().label("legacy_name"),
        Account.mobile,
        Account.person_name,
        Account.role,
        Account.status,
        Account.locked_until,
        Account.institution_id,
        Account.created_at,
        Account.must_change_password,
        Account.password_changed_at,
        Account.email,
        Account.email_verified_at,
        Account.must_complete_information,
        Account.is_read_only,
        Account.read_only_until,
        has_second_factor(Account.account_id).label("has_second_factor"),
        administration_in_force(clock.now()).label("administers"),
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
        username=row.username or mobile or _legacy_name(row.legacy_name),
        mobile=mobile,
        person_name=row.person_name,
        role=row.role,
        acting_role=acting_role(row.role, administers=row.administers),
        status="locked" if is_locked and row.status in WORKING else row.status,
        institution_id=row.institution_id,
        authority=authority,
        created_at=row.created_at,
        duties=sorted(
            duties_of(
                must_change_password=owes_new_password(
                    row.role,
                    must_change=row.must_change_password,
                    changed_at=row.password_changed_at,
                ),
                must_complete_information=row.must_complete_information,
                lacks_second_factor=lacks_second_factor(row.role, has_one=row.has_second_factor),
            )
        ),
        email=None if row.email is None else decrypt(row.email),
        email_verified_at=row.email_verified_at,
        password_expires_at=current_policy().expires_at(row.role, row.password_changed_at),
        is_read_only=row.is_read_only,
        read_only_until=row.read_only_until,
    )


def _legacy_name(sealed: bytes | None) -> str:
    return "" if sealed is None else decrypt(sealed)


def _masked(account: AccountRow) -> AccountRow:
    """As anybody else may see it; a username that is a mobile is masked like one."""
    return replace(
        account,
        mobile=account.mobile and mask_mobile(account.mobile),
        email=account.email and mask_email(account.email),
        username=masked_username(account.username),
        person_name=account.person_name and mask_name(account.person_name),
    )


def masked_username(username: str) -> str:
    return mask_mobile(username) if Mobile.accepts(username) else username


def find_name(tx: Reader, account_id: UUID) -> str | None:
    """How colleagues call whoever has the account."""
    known = select(func.coalesce(Account.person_name, Account.username))
    return tx.execute(known.where(Account.account_id == account_id)).scalar()
