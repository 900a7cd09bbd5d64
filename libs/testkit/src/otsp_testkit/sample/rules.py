"""The sample's one cross-field check."""

from collections.abc import Iterator
from typing import Any

from otsp_contracts.values import FieldError

LABELS = {"item": ("物品", {"/kind": "种类"})}


def check_item(fields: dict[str, Any]) -> Iterator[FieldError]:
    opened, closed = fields.get("opened_on"), fields.get("closed_on")
    if opened and closed and closed < opened:
        yield FieldError("/closed_on", "before_opening", "结束日期不能早于开始日期。")


def check_shout(value: str) -> tuple[str, str] | None:
    """The sample's own format."""
    return None if value.isupper() else ("not_shouted", "应为大写。")
