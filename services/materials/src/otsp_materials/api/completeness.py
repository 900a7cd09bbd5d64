"""How much of what filing asks of materials is filled in."""

from uuid import UUID

from otsp_chassis.clock import today
from otsp_chassis.db import reading
from otsp_chassis.identity import Principal
from otsp_contracts.snapshots import Circumstances, Completeness, completeness_of
from otsp_materials.queries.sight import sight_of
from otsp_materials.snapshot import build_section


def get_completeness(institution_id: str, principal: Principal) -> Completeness:
    owner, day = UUID(institution_id), today()
    with reading() as tx:
        sight_of(tx, principal, owner)
        section = build_section(tx, owner, day)
    known = Circumstances.of(day)
    return completeness_of(section, known)
