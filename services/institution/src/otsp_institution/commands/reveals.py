"""Looks at what answers mask."""

from uuid import UUID

from otsp_chassis.db import transaction
from otsp_chassis.identity import Principal
from otsp_chassis.reveals import Asked, Revealed, require_grounds, reveal
from otsp_institution.model.cases import EXAMINED_IN, CaseRef
from otsp_institution.queries.reveals import in_clear, proposed_in_clear

PROPOSED = "proposed.legal_rep.id_no"


def reveal_institution(principal: Principal, institution_id: UUID, asked: Asked) -> Revealed:
    """Numbers of the people behind an institution, in clear."""
    with transaction() as tx:
        grounds = require_grounds(
            tx, principal, asked, institution_id=institution_id, cases=CaseRef, kinds=EXAMINED_IN
        )
        values = in_clear(tx, institution_id, asked.fields)
        if PROPOSED in asked.fields:
            is_own = principal.authority is None
            values[PROPOSED] = proposed_in_clear(tx, institution_id, is_own=is_own)
        return reveal(tx, grounds, values, object_type="institution", object_id=institution_id)
