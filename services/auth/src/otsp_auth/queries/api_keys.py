"""Keys of an institution's systems, as they are told and as the edge asks for them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, func, select

from otsp_auth.model import Account, ApiKey, ApiKeyUse
from otsp_auth.rules.duties import Duty, duties_of
from otsp_chassis.db import Reader
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.pii import decrypt


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """One key as its institution sees it; the key itself is never told again."""

    api_key_id: UUID
    name: str
    scopes: list[str]
    created_at: datetime
    expires_on: date
    last_used_at: datetime | None
    last_address: str | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key with all that its every use must know, in one row; the role is its creator's."""

    api_key_id: UUID
    institution_id: UUID
    scopes: list[str]
    expires_on: date
    last_used_at: datetime | None
    revoked_at: datetime | None
    role: str
    status: str
    duties: frozenset[Duty]
    is_known_use: bool
    is_read_only: bool


# Built once, like the query for sessions: the edge asks at nearly every request.
_key, _account, _use = (kind.__table__.c for kind in (ApiKey, Account, ApiKeyUse))
_FOUND_KEY = (
    select(
        _key.api_key_id,
        _key.institution_id,
        _key.scopes,
        _key.expires_on,
        _key.last_used_at,
        _key.revoked_at,
        _account.role,
        _account.status,
        _account.must_change_password,
        _account.must_complete_information,
        _account.is_read_only,
        select(_use.used_on)
        .where(
            _use.api_key_id == _key.api_key_id,
            _use.used_on == bindparam("used_on"),
            _use.address_index == bindparam("address_index"),
        )
        .correlate(ApiKey.__table__)
        .exists()
        .label("is_known_use"),
    )
    .join_from(ApiKey.__table__, Account.__table__)
    .where(
        _key.key_sha256 == bindparam("key_sha256"),
        _key.institution_id == _account.institution_id,
    )
)


def find_key(
    tx: Reader, key_sha256: bytes, *, used_on: date, address_index: bytes
) -> FoundKey | None:
    """One SELECT by the unique hash; whether it is over is for the caller to say.

    The age of the creator's password is no duty here: systems do not stop on a day when nobody
    happened to log in.
    """
    given = {"key_sha256": key_sha256, "used_on": used_on, "address_index": address_index}
    row = tx.execute(_FOUND_KEY, given).first()
    if row is None:
        return None
    duties = duties_of(
        must_change_password=row.must_change_password,
        must_complete_information=row.must_complete_information,
        lacks_second_factor=False,
    )
    return FoundKey(*row[:8], duties, is_known_use=row.is_known_use, is_read_only=row.is_read_only)


def list_api_keys(
    tx: Reader, institution_id: UUID | None, *, cursor: str | None, limit: int
) -> Page[ApiKeyRow]:
    """In order of creation, those that have ended too."""
    query = _api_keys().where(ApiKey.institution_id == institution_id)
    if cursor is not None:
        query = query.where(ApiKey.api_key_id > decode_id(cursor))
    rows = tx.execute(query.order_by(ApiKey.api_key_id).limit(limit + 1))
    return make_page([_told(row) for row in rows], limit, key=lambda each: [each.api_key_id])


def count_live_keys(tx: Reader, institution_id: UUID | None, today: date) -> int:
    query = select(func.count()).where(
        ApiKey.institution_id == institution_id,
        ApiKey.revoked_at.is_(None),
        ApiKey.expires_on >= today,
    )
    return int(tx.execute(query).scalar_one())


def _api_keys() -> Select[*tuple[Any, ...]]:
    return select(
        ApiKey.api_key_id,
        ApiKey.name,
        ApiKey.scopes,
        ApiKey.created_at,
        ApiKey.expires_on,
        ApiKey.last_used_at,
        ApiKey.last_address,
        ApiKey.revoked_at,
    )


def _told(row: Row[*tuple[Any, ...]]) -> ApiKeyRow:
    return ApiKeyRow(
        api_key_id=row.api_key_id,
        name=row.name,
        scopes=row.scopes,
        created_at=row.created_at,
        expires_on=row.expires_on,
        last_used_at=row.last_used_at,
        last_address=None if row.last_address is None else decrypt(row.last_address),
        revoked_at=row.revoked_at,
    )
