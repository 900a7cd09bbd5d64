"""Accounts as they are told, and what a login is checked against."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select

from otsp_auth.model import WORKING, Account, Authority
from otsp_auth.rules.duties import Duty, duties_of
from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.pii import blind_index, decrypt, mask_mobile, mask_name
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
    status: str
    institution_id: UUID | None
    authority: AuthorityOfAccount | None
    created_at: datetime
    duties: list[Duty]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login is checked against."""

    account_id: UUID
    password_hash: str


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
        Account.must_change_password,
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
        duties=sorted(duties_of(must_change_password=row.must_change_password)),
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
