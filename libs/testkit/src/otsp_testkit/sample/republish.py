"""What others might keep of the sample's items."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Tx
from otsp_chassis.republish import republishes
from otsp_testkit.sample.commands import ItemAdded
from otsp_testkit.sample.model import Item


@republishes(ItemAdded, root=Item, kept_as="item_ref")
def items(tx: Tx, item_ids: Sequence[UUID]) -> Iterator[ItemAdded]:
    for item in tx.scalars(select(Item).where(Item.item_id.in_(item_ids)).order_by(Item.item_id)):
        yield ItemAdded(item_id=item.item_id, institution_id=item.institution_id)
