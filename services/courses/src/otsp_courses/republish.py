"""What others keep of this service: where sites are to move."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Tx
from otsp_chassis.republish import republishes
from otsp_contracts.courses import RelocationProposed
from otsp_courses.commands import relocations
from otsp_courses.model import ProposedRelocation


@republishes(RelocationProposed, root=ProposedRelocation, kept_as="relocation_ref")
def proposed_relocations(tx: Tx, institution_ids: Sequence[UUID]) -> Iterator[RelocationProposed]:
    """Those that come to nothing too: a reader that missed the end must hear of it."""
    these = select(ProposedRelocation).where(ProposedRelocation.institution_id.in_(institution_ids))
    for proposal in tx.scalars(these.order_by(ProposedRelocation.institution_id)):
        yield relocations.as_told(proposal)
