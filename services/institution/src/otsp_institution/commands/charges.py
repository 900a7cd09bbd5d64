"""What others keep of the published charges (收费信息)."""

from collections.abc import Mapping
from typing import Any

from otsp_chassis.copies import tell_change
from otsp_chassis.db import Tx
from otsp_contracts.institution import FeeItemChanged
from otsp_institution.model import FeeItem


def as_told(item: FeeItem) -> FeeItemChanged:
    return FeeItemChanged(
        fee_item_id=item.fee_item_id,
        institution_id=item.institution_id,
        version=item.version,
        name=item.name,
        charge_mode=item.charge_mode,
        publicized=bool(item.publicized),
        removed=item.deleted_at is not None,
    )


def tell_fee_item(tx: Tx, item: FeeItem, *, before: Mapping[str, Any] | None) -> None:
    """News, if it says something else than its columns did before."""
    after = as_told(item)
    known = None
    if before is not None:
        held = {name: before[name] for name in ("name", "charge_mode")}
        known = after.model_copy(
            update=held | {"publicized": bool(before["publicized"]), "removed": False}
        )
    tell_change(tx, before=known, after=after)
