"""Where sites are, and where they are to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.problems import NotFound
from otsp_courses.model import ProposedRelocation, Site
from otsp_courses.rules.places import PLACE


@dataclass(frozen=True, slots=True)
class PlaceTold:
    """An address, with its coordinates in millionths of 1°."""

    region_code: str | None
    address: str | None
    lat_e6: int | None
    lng_e6: int | None


@dataclass(frozen=True, slots=True)
class RelocationTold:
    """`version` is that of all relocations that the institution proposes."""

    site_id: UUID
    version: int
    before: PlaceTold
    after: PlaceTold


def get_relocation(tx: Reader, institution_id: UUID, site_id: UUID) -> RelocationTold:
    """Raises NotFound for a site that is to stay, or is none of the institution's."""
    here = select(*(Site.__table__.c[name] for name in PLACE)).where(
        Site.site_id == site_id,
        Site.institution_id == institution_id,
        Site.deleted_at.is_(None),
    )
    proposed = select(ProposedRelocation.version, ProposedRelocation.sites).where(
        ProposedRelocation.institution_id == institution_id
    )
    held = tx.execute(here).mappings().first()
    row = tx.execute(proposed).first()
    place: Mapping[str, Any] | None = row.sites.get(str(site_id)) if row is not None else None
    if held is None or row is None or place is None:
        raise NotFound
    return RelocationTold(site_id, row.version, PlaceTold(**held), PlaceTold(**place))
