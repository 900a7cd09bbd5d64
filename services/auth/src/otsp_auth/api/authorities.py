"""The supervising authorities."""

from typing import Any
from uuid import UUID

from otsp_auth.commands import authorities
from otsp_auth.queries import authority_rows
from otsp_auth.rules.entry import check_authority
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_contracts import regions

_FOR_THE_PUBLIC = ("authority_id", "name", "level", "contact_tel", "address", "office_hours")


@checked(check_authority)
def create_authority(principal: Principal, body: dict[str, Any]) -> Answer:
    authority = authorities.create_authority(principal, body)
    location = f"/api/auth/v1/authorities/{authority.authority_id}"
    return Answer(authority, 201, version=authority.version, location=location)


def replace_authority(
    authority_id: str, principal: Principal, *, body: dict[str, Any], if_match: int | None
) -> Answer:
    authority = authorities.replace_authority(
        principal, UUID(authority_id), fields=body, if_match=if_match
    )
    return Answer(authority, version=authority.version)


def find_responsible_authority(region_code: str, delivery: str) -> dict[str, Any]:
    """找谁办 (decision D39)."""
    with reading() as tx:
        found = authorities.require_in_charge(tx, region_code, delivery)
    return {
        "region_code": region_code,
        "region_name": regions.full_name(region_code),
        "delivery": delivery,
        "authority": {name: getattr(found, name) for name in _FOR_THE_PUBLIC},
    }


def get_authority(authority_id: str) -> Answer:
    with reading() as tx:
        authority = authority_rows.get_authority(tx, UUID(authority_id))
    return Answer(authority, version=authority.version)


def list_authorities(
    *,
    limit: int,
    cursor: str | None = None,
    region_code: str | None = None,
    level: str | None = None,
    department: str | None = None,
    parent_authority_id: str | None = None,
) -> Page[authority_rows.AuthorityRow]:
    filters = {
        "region_code": region_code,
        "level": level,
        "department": department,
        "parent_authority_id": parent_authority_id,
    }
    with reading() as tx:
        return authority_rows.list_authorities(tx, filters, cursor=cursor, limit=limit)
