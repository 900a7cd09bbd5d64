"""What others keep of this service: profiles of institutions, and what they charge."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Tx
from otsp_chassis.republish import republishes
from otsp_contracts.institution import FeeItemChanged, ProfileChanged
from otsp_institution.commands import charges
from otsp_institution.commands.registry import as_told
from otsp_institution.model import FeeItem, Institution


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
