"""Migrated accounts of one institution: those that could be merged, and what became of a merge."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from otsp_auth.model import Account, LegacyAccount
from otsp_auth.queries.account_rows import masked_username
from otsp_chassis.db import Reader
from otsp_chassis.identity import AuthorityClaim
from otsp_chassis.page import Page, decode_cursor, make_page
from otsp_chassis.pii import decrypt, mask_mobile


@dataclass(frozen=True, slots=True)
class LegacyName:
    """A name that logs in, and the platform that it is from."""

    source: str
    username: str


@dataclass(frozen=True, slots=True)
class CandidateAccount:
    """One of several migrated accounts of a number; a mobile as the legacy platform had it."""

    account_id: UUID
    status: str
    institution_name: str
    region_code: str
    mobile: str | None
    imported_at: datetime
    names: list[LegacyName]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An institution that has more than one migrated account."""

    uscc: str
    accounts: list[CandidateAccount]


@dataclass(frozen=True, slots=True)
class MergedRow:
    """The account that was kept, with all names that log in to it from now on."""

    account_id: UUID
    merged_account_id: UUID
    institution_id: UUID
    names: list[LegacyName]


def get_merged(tx: Reader, account_id: UUID, *, merged_account_id: UUID) -> MergedRow:
    query = _names().where(Account.account_id == account_id)
    rows = tx.execute(query.order_by(LegacyAccount.imported_at, LegacyAccount.source)).all()
    names = [_name(row) for row in rows]
    return MergedRow(account_id, merged_account_id, rows[0].institution_id, names)


def list_candidates(
    tx: Reader, authority: AuthorityClaim, *, cursor: str | None, limit: int
) -> Page[Candidate]:
    """Of the authority's regions, in the order of their numbers; names and mobiles masked."""
    is_theirs = LegacyAccount.region_code.startswith(authority.region_prefix, autoescape=True)
    numbers = (
        select(LegacyAccount.uscc)
        .where(is_theirs)
        .group_by(LegacyAccount.uscc)
        .having(func.count(LegacyAccount.account_id.distinct()) > 1)
    )
    if cursor is not None:
        numbers = numbers.where(LegacyAccount.uscc > decode_cursor(cursor, 1)[0])
    usccs = tx.execute(numbers.order_by(LegacyAccount.uscc).limit(limit + 1)).scalars().all()
    rows = _names().where(LegacyAccount.uscc.in_(usccs), is_theirs)
    return make_page(list(_candidates(tx, rows)), limit, key=lambda each: [each.uscc])


def _candidates(tx: Reader, query: Select[*tuple[Any, ...]]) -> Iterator[Candidate]:
    rows = tx.execute(query.order_by(LegacyAccount.uscc, Account.account_id, LegacyAccount.source))
    for uscc, of_number in groupby(rows, key=lambda row: row.uscc):
        accounts = [_account(list(same)) for _, same in groupby(of_number, key=_account_id)]
        yield Candidate(uscc, accounts)


def _names() -> Select[*tuple[Any, ...]]:
    return select(
        Account.account_id,
        Account.institution_id,
        Account.status,
        LegacyAccount.uscc,
        LegacyAccount.source,
        LegacyAccount.username,
        LegacyAccount.institution_name,
        LegacyAccount.region_code,
        LegacyAccount.mobile,
        LegacyAccount.imported_at,
    ).join(LegacyAccount, LegacyAccount.account_id == Account.account_id)


def _account(rows: Sequence[Row[*tuple[Any, ...]]]) -> CandidateAccount:
    """Its first row tells what it was; all of them tell its names."""
    first = rows[0]
    return CandidateAccount(
        account_id=first.account_id,
        status=first.status,
        institution_name=first.institution_name,
        region_code=first.region_code,
        mobile=None if first.mobile is None else mask_mobile(decrypt(first.mobile)),
        imported_at=first.imported_at,
        names=[_name(row) for row in rows],
    )


def _account_id(row: Row[*tuple[Any, ...]]) -> UUID:
    found: UUID = row.account_id
    return found


def _name(row: Row[*tuple[Any, ...]]) -> LegacyName:
    return LegacyName(row.source, masked_username(decrypt(row.username)))
