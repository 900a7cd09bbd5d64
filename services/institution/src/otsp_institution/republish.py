"""What others keep of this service: profiles of institutions, and what they charge."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.counters import tell_again
from otsp_chassis.db import Tx
from otsp_chassis.republish import republishes
from otsp_contracts.counters import CountersChanged
from otsp_contracts.institution import FeeItemChanged, InstitutionCountersChanged, ProfileChanged
from otsp_institution.commands import charges
from otsp_institution.commands.registry import as_told
from otsp_institution.counters import COUNTING
from otsp_institution.model import CountersTold, FeeItem, Institution


@republishes(ProfileChanged, root=Institution, kept_as="institution_ref")
def institutions(tx: Tx, institution_ids: Sequence[UUID]) -> Iterator[ProfileChanged]:
    """Drafts that are not whole were never told of."""
    these = select(Institution).where(Institution.institution_id.in_(institution_ids))
    for institution in tx.scalars(these.order_by(Institution.institution_id)):
        told = as_told(institution)
        if told is not None:
            yield told


@republishes(FeeItemChanged, root=FeeItem, kept_as="fee_item_ref")
def fee_items(tx: Tx, fee_item_ids: Sequence[UUID]) -> Iterator[FeeItemChanged]:
    """Removed ones too: a reader that missed the end must hear of it."""
    these = select(FeeItem).where(FeeItem.fee_item_id.in_(fee_item_ids))
    for item in tx.scalars(these.order_by(FeeItem.fee_item_id)):
        yield charges.as_told(item)


@republishes(InstitutionCountersChanged, root=CountersTold, kept_as="institution_counters_ref")
def counters(tx: Tx, institution_ids: Sequence[UUID]) -> Iterator[CountersChanged]:
    """As they were told last; what changed since is told by itself."""
    yield from tell_again(tx, COUNTING, institution_ids)
