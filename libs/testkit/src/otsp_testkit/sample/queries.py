"""The sample's reads."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound
from otsp_testkit.sample.model import Item


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item as it is told."""

    item_id: UUID
    version: int
    name: str
    kind: str
    amount_fen: int
    opened_on: date
    closed_on: date | None
    note: str | None
    code: str | None
    description: str | None
    state: str | None
    region_code: str | None
    city: str | None
    address: str | None
    keeper: str | None
    quantity: int | None
    priority: int | None
    weight_g: int | None
    is_active: bool | None
    is_shared: bool | None
    checked_at: datetime | None
    opens_at: str | None


_COLUMNS = tuple(getattr(Item, field.name) for field in fields(ItemRow))


def get_item(tx: Reader, institution_id: UUID, item_id: UUID) -> ItemRow:
    """Raises NotFound for another institution's item too."""
    this = (Item.item_id == item_id, Item.institution_id == institution_id)
    row = tx.execute(select(*_COLUMNS).where(*this)).first()
    if row is None:
        raise NotFound
    return ItemRow(*row)


def list_items(
    tx: Reader, institution_id: UUID, *, kinds: Sequence[str], cursor: str | None, limit: int
) -> Page[ItemRow]:
    """In order of creation."""
    query = select(*_COLUMNS).where(Item.institution_id == institution_id)
    if kinds:
        query = query.where(Item.kind.in_(kinds))
    if cursor is not None:
        query = query.where(Item.item_id > decode_id(cursor))
    rows = tx.execute(query.order_by(Item.item_id).limit(limit + 1))
    return make_page([ItemRow(*row) for row in rows], limit, key=lambda item: [item.item_id])
