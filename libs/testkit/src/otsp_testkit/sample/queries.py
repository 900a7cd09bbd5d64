"""The sample's reads."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from otsp_chassis.db import Reader, row_class
from otsp_chassis.drafts import Form
from otsp_chassis.file_scope import FileScope
from otsp_chassis.identity import Principal
from otsp_chassis.page import BEGINNING, Page, decode_id, make_page
from otsp_chassis.problems import NotFound
from otsp_chassis.references import Reference
from otsp_chassis.statements import Read
from otsp_chassis.unnamed_files import NamedFiles
from otsp_testkit.sample.model import Dossier, Item


@row_class
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


FORMS = {"item": Form("ItemCreate", Item.__table__, key="item_id")}

# Built once: making a statement of 22 columns anew costs more than running it.
_item = Item.__table__.c
_ITEMS = select(*(_item[field.name] for field in fields(ItemRow)))
_ITEM = Read(
    _ITEMS.where(
        _item.item_id == bindparam("item_id"), _item.institution_id == bindparam("institution_id")
    )
)
_PAGE = (
    _ITEMS.where(
        _item.institution_id == bindparam("institution_id"), _item.item_id > bindparam("after")
    )
    .order_by(_item.item_id)
    .limit(bindparam("limit"))
)
_WHOLE_PAGE = Read(_PAGE)


def get_item(tx: Reader, institution_id: UUID, item_id: UUID) -> ItemRow:
    """Raises NotFound for another institution's item too."""
    row = _ITEM.first(tx, {"item_id": item_id, "institution_id": institution_id})
    if row is None:
        raise NotFound
    return ItemRow(*row)


def list_items(
    tx: Reader, institution_id: UUID, *, kinds: Sequence[str], cursor: str | None, limit: int
) -> Page[ItemRow]:
    """In order of creation."""
    after = BEGINNING if cursor is None else decode_id(cursor)
    these = {"institution_id": institution_id, "after": after, "limit": limit + 1}
    if kinds:
        rows = tx.execute(_PAGE.where(_item.kind.in_(kinds)), these).all()
    else:
        rows = _WHOLE_PAGE.rows(tx, these)
    return make_page([ItemRow(*row) for row in rows], limit, key=lambda item: [item.item_id])


OPEN_CASES: dict[UUID, UUID] = {}
"""Authority → the case that lies with it, as a test has it."""


def _open_case(_: Reader, principal: Principal, institution_id: UUID) -> UUID | None:
    """Every authority of the region 330106 covers every institution."""
    if principal.authority is None:
        principal.require_own(institution_id)
        return None
    principal.require_jurisdiction("330106")
    return OPEN_CASES.get(principal.authority.authority_id)


_SHOWN = Dossier.is_draft.is_(False)
REFERENCES = (
    Reference(Dossier.photo_file_id, shown=_SHOWN),
    Reference(Dossier.scan_file_ids, is_sensitive=True, shown=_SHOWN),
    Reference(Dossier.notes, shown=_SHOWN),
)
NAMED = NamedFiles(REFERENCES)
FILES = FileScope(REFERENCES, _open_case)
