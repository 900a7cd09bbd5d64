"""How much of what filing asks of sites, systems, courses and classes is filled in."""

from uuid import UUID

from otsp_chassis.clock import today
from otsp_chassis.db import reading
from otsp_chassis.identity import Principal
from otsp_contracts.snapshots import Circumstances, Completeness, completeness_of
from otsp_courses.queries.institutions import find_institution
from otsp_courses.queries.sight import sight_of
from otsp_courses.snapshot import build_section


def get_completeness(institution_id: str, principal: Principal) -> Completeness:
    owner, day = UUID(institution_id), today()
    with reading() as tx:
        sight_of(tx, principal, owner)
        section = build_section(tx, owner)
        institution = find_institution(tx, owner)
    modes = institution.delivery_modes if institution is not None else ()
    known = Circumstances.of(day, delivery_modes=modes)
    return completeness_of(section, known)
