"""How much of the institution's own file is filled in."""

from typing import Any
from uuid import UUID

from otsp_chassis.clock import today
from otsp_chassis.db import reading
from otsp_chassis.identity import Principal
from otsp_contracts.snapshots import Circumstances, completeness_of
from otsp_institution.queries.sight import sight_of
from otsp_institution.snapshot import build_section


def get_completeness(institution_id: str, principal: Principal) -> dict[str, Any]:
    owner, day = UUID(institution_id), today()
    with reading() as tx:
        sight_of(tx, principal, owner)
        section = build_section(tx, owner, day)
    own = section.institution
    known = Circumstances.of(
        day,
        categories=own.categories,
        delivery_modes=own.delivery_modes,
        legal_nature=own.legal_nature,
    )
    return {"sections": completeness_of(section, known)}
