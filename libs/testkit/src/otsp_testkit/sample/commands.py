"""The sample's writes."""

from datetime import date, datetime
from typing import Any, BinaryIO, ClassVar
from uuid import UUID

from otsp_chassis.db import require_version, transaction
from otsp_chassis.files import AttachmentInfo, store_attachment
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.locks import guard_write
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Conflict, NotFound
from otsp_contracts.envelope import Payload
from otsp_testkit.sample import queries
from otsp_testkit.sample.model import Item

SCOPE = "items"
_PLAIN = (
    "name", "kind", "amount_fen", "note", "code", "description", "state", "region_code", "city",
    "address", "keeper", "quantity", "priority", "weight_g", "is_active", "is_shared", "opens_at",
)  # fmt: skip


class NameTaken(Conflict):
    slug: ClassVar[str] = "sample-name-taken"
    title: ClassVar[str] = "The name is taken"
    detail_zh: ClassVar[str] = "名称已被使用，请换一个。"


class ItemAdded(Payload):
    """An item was added."""

    TYPE: ClassVar[str] = "sample.item_added.v1"
    SUBJECT: ClassVar[str] = "item_id"

    item_id: UUID
    institution_id: UUID


def add_item(principal: Principal, institution_id: UUID, fields: dict[str, Any]) -> queries.ItemRow:
    principal.require_own(institution_id)
    with transaction(conflicts={"uq_item_name": NameTaken}) as tx:
        guard_write(tx, institution_id, SCOPE)
        item = Item(item_id=new_id(), institution_id=institution_id, **_columns(fields))
        tx.add(item)
        publish(tx, ItemAdded(item_id=item.item_id, institution_id=institution_id))
        tx.flush()
        return queries.get_item(tx, institution_id, item.item_id)


def replace_item(
    principal: Principal,
    institution_id: UUID,
    item_id: UUID,
    *,
    fields: dict[str, Any],
    if_match: int | None,
) -> queries.ItemRow:
    principal.require_own(institution_id)
    with transaction(conflicts={"uq_item_name": NameTaken}) as tx:
        guard_write(tx, institution_id, SCOPE)
        item = tx.get(Item, item_id, with_for_update=True)
        if item is None or item.institution_id != institution_id:
            raise NotFound
        require_version(item.version, if_match)
        for name, value in _columns(fields).items():
            setattr(item, name, value)
        tx.flush()
        return queries.get_item(tx, institution_id, item_id)


def store_file(
    principal: Principal, institution_id: UUID, *, name: str, content_type: str, stream: BinaryIO
) -> AttachmentInfo:
    principal.require_own(institution_id)
    return store_attachment(
        institution_id=institution_id, name=name, content_type=content_type, stream=stream
    )


def _columns(fields: dict[str, Any]) -> dict[str, Any]:
    """The twenty stored fields; what the body leaves out is null."""
    closed, checked = fields.get("closed_on"), fields.get("checked_at")
    return {name: fields.get(name) for name in _PLAIN} | {
        "opened_on": date.fromisoformat(fields["opened_on"]),
        "closed_on": date.fromisoformat(closed) if closed else None,
        "checked_at": datetime.fromisoformat(checked) if checked else None,
    }
