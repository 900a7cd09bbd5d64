"""Looks at what answers mask."""

from uuid import UUID

from otsp_chassis.db import transaction
from otsp_chassis.identity import Principal
from otsp_chassis.reveals import Asked, Revealed, require_grounds, reveal
from otsp_staff.model import EXAMINED_IN, CaseRef
from otsp_staff.queries.reveals import in_clear


def reveal_staff(
    principal: Principal, institution_id: UUID, staff_id: UUID, *, asked: Asked
) -> Revealed:
    """What answers mask of one person, in clear."""
    with transaction() as tx:
        grounds = require_grounds(
            tx, principal, asked, institution_id=institution_id, cases=CaseRef, kinds=EXAMINED_IN
        )
        values = in_clear(tx, institution_id, staff_id, names=asked.fields)
        return reveal(tx, grounds, values, object_type="staff", object_id=staff_id)
