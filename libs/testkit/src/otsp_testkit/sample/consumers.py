"""The sample's event edge; `behaviour` lets tests plant failures."""

from collections.abc import Callable

from sqlalchemy import update

from otsp_chassis.db import Tx
from otsp_chassis.inbox import Received, on
from otsp_testkit.sample.commands import ItemAdded
from otsp_testkit.sample.model import Item

behaviour: list[Callable[[ItemAdded], None]] = []


@on(ItemAdded, consistent_cut=lambda data: data.institution_id)
def count_up(tx: Tx, event: Received[ItemAdded]) -> None:
    """An effect that shows when it happened twice."""
    tx.execute(
        update(Item)
        .where(Item.item_id == event.data.item_id)
        .values(amount_fen=Item.amount_fen + 1)
    )
    for act in behaviour:
        act(event.data)
