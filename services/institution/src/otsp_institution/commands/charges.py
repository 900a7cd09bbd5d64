"""The published charges (收费信息): when none may be added, and what others keep of them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import select

from otsp_chassis.copies import tell_change
from otsp_chassis.db import Tx
from otsp_chassis.problems import Conflict
from otsp_contracts.institution import FeeItemChanged
from otsp_contracts.values import FieldError
from otsp_institution.model import FeeItem, RectificationRef
from otsp_institution.rules.charges import HALTING_LABELS_ZH, is_new_charge


class ChargingHalted(Conflict):
    slug: ClassVar[str] = "institution-charging-halted"
    title: ClassVar[str] = "Charging stands still until a rectification is done"
    detail_zh: ClassVar[str] = "整改尚未办结，其间暂停收费，不能公示新的收费项目。"


def require_charging(tx: Tx, item: FeeItem, *, before: Mapping[str, Any] | None) -> None:
    """While 营转非 or 备案转审批 is open, nothing is charged anew (§3.3; S6, S7).

    What was published already may be corrected, and what is not published entered.
    """
    was_published = before is not None and before["publicized"]
    if not item.publicized or was_published:
        return
    query = select(RectificationRef.kind, RectificationRef.issued_on).where(
        RectificationRef.institution_id == item.institution_id,
        RectificationRef.kind.in_(HALTING_LABELS_ZH),
        ~RectificationRef.is_over,
    )
    open_ones = tx.execute(query.order_by(RectificationRef.rectification_id)).all()
    kinds = [
        row.kind
        for row in open_ones
        if is_new_charge(publicized_on=item.publicized_on, issued_on=row.issued_on)
    ]
    if kinds:
        named = "、".join(HALTING_LABELS_ZH[kind] for kind in kinds)
        raise ChargingHalted(
            f"“{named}”整改尚未办结，其间暂停招生及收费，不能公示新的收费项目；可先保存为未公示，"
            "整改由主管部门办结后再公示。整改前已公示的，请填写当时的公示日期。",
            errors=[FieldError("/publicized", "charging_halted", "整改期间不能公示新的收费项目。")],
            kinds=kinds,
        )


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
