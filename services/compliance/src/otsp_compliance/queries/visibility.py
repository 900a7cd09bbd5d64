"""Whose rows are whose. A scope opens an operation; these functions choose its rows."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, false, true
from sqlalchemy.orm import InstrumentedAttribute

from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.problems import Forbidden, OutsideJurisdiction

NATIONAL_ADMIN = "national_admin"
REGION_ADMIN = "region_admin"


def require_authority(principal: Principal) -> AuthorityClaim:
    """The supervising side only."""
    if principal.authority is None:
        raise Forbidden
    return principal.authority


def require_reader(
    principal: Principal,
    *,
    institution_id: UUID,
    region_code: str | None,
    authority_ids: Collection[UUID] = (),
) -> None:
    """The institution itself, the authorities above it, those it was routed to, the nation."""
    if principal.institution_id is not None:
        principal.require_own(institution_id)
    elif principal.role != NATIONAL_ADMIN:
        authority = require_authority(principal)
        is_above = region_code is not None and authority.covers(region_code)
        if not is_above and authority.authority_id not in authority_ids:
            raise OutsideJurisdiction


def escalated_readers(principal: Principal, escalated_to: Collection[UUID | None]) -> set[UUID]:
    """Of a late case that was told to the authority above: its region administrator alone."""
    if principal.role != REGION_ADMIN:
        return set()
    return {authority_id for authority_id in escalated_to if authority_id is not None}


def readable(
    principal: Principal,
    institution_id: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None],
    region_code: InstrumentedAttribute[str],
) -> ColumnElement[bool]:
    """The rows of one's own institution, or of one's jurisdiction."""
    if principal.institution_id is not None:
        return institution_id == principal.institution_id
    if principal.role == NATIONAL_ADMIN:
        return true()
    if principal.authority is None:
        return false()
    digits = {"national": 0, "province": 2, "city": 4}.get(principal.authority.level, 6)
    return region_code.startswith(principal.authority.region_code[:digits], autoescape=True)
