"""Authorities as they are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.orm import aliased

from otsp_auth.model import Account, Authority, InstitutionRef
from otsp_auth.rules.recovery import regions_in_charge
from otsp_auth.rules.roles import REVIEWING_ROLES
from otsp_chassis.db import Reader
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound

_superior = aliased(Authority)
_FILTERS = {
    "region_code": Authority.region_code,
    "level": Authority.level,
    "department": Authority.department,
    "parent_authority_id": _superior.authority_id,
}

REGIONS_OF_PEOPLE = (
    select(
        cast(Account.account_id, Text).label("object_id"),
        func.coalesce(Authority.region_code, InstitutionRef.region_code).label("region_code"),
    )
    .outerjoin(Authority, Authority.authority_id == Account.authority_id)
    .outerjoin(InstitutionRef, InstitutionRef.institution_id == Account.institution_id)
    .subquery()
)
"""Where each account belongs: who logs in, or fails to, acts for nobody yet."""


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
    contact_tel: str | None
    address: str | None
    office_hours: str | None


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
    """In order of creation; filters by region_code, level, department, parent_authority_id."""
    query = _authorities()
    for name, value in filters.items():
        if value is not None:
            query = query.where(_FILTERS[name] == value)
    if cursor is not None:
        query = query.where(Authority.authority_id > decode_id(cursor))
    rows = tx.execute(query.order_by(Authority.authority_id).limit(limit + 1))
    found = [AuthorityRow(*row) for row in rows]
    return make_page(found, limit, key=lambda each: [each.authority_id])


def find_in_charge(tx: Reader, region_code: str, delivery: str) -> AuthorityRow | None:
    """Of questions about accounts: the nearest active authority; see `rules.recovery`."""
    codes = regions_in_charge(region_code, delivery)
    query = _authorities().where(
        Authority.department == "education",
        Authority.is_active.is_(True),
        Authority.region_code.in_(codes),
    )
    found = [AuthorityRow(*row) for row in tx.execute(query)]
    return min(found, key=lambda each: codes.index(each.region_code), default=None)


def find_active_above(tx: Reader, authority_id: UUID) -> AuthorityRow | None:
    """The nearest active superior; None where nobody stands above."""
    above = get_authority(tx, authority_id).parent_authority_id
    while above is not None:
        superior = get_authority(tx, above)
        if superior.active:
            return superior
        above = superior.parent_authority_id
    return None


def _authorities() -> Select[*tuple[Any, ...]]:
    reviewers = (
        select(func.count())
        .where(
            Account.authority_id == Authority.authority_id,
            Account.role.in_(REVIEWING_ROLES),
            Account.status == "active",
        )
        .correlate(Authority)
        .scalar_subquery()
    )
    is_superior = (_superior.department == Authority.department) & (
        _superior.region_code == Authority.parent_region_code
    )
    return select(
        Authority.authority_id,
        Authority.version,
        Authority.name,
        Authority.level,
        Authority.department,
        Authority.region_code,
        _superior.authority_id,
        Authority.is_active,
        reviewers,
        Authority.contact_tel,
        Authority.address,
        Authority.office_hours,
    ).outerjoin(_superior, is_superior)
