"""What a delegation must be."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from otsp_contracts.values import FieldError

LONGEST = timedelta(days=92)
"""Whoever is away for longer is replaced, not stood in for."""


def check_delegation(fields: Mapping[str, Any]) -> Iterator[FieldError]:
    """Cover names who is away; lent rights are always one's own."""
    away = fields.get("from_account_id")
    if fields.get("kind") == "leave_cover" and away is None:
        yield FieldError("/from_account_id", "required", "替班必须指定请假的审核员。")
    if fields.get("kind") == "administration" and away is not None:
        detail = "只能委托自己的管理权限，请删除此项。"
        yield FieldError("/from_account_id", "not_wanted", detail)
    if away is not None and away == fields.get("to_account_id"):
        yield FieldError("/to_account_id", "same_person", "替班人不能是请假人本人。")
    begins, ends = fields.get("valid_from"), fields.get("valid_to")
    if begins is None or ends is None:
        return
    length = datetime.fromisoformat(ends) - datetime.fromisoformat(begins)
    if length <= timedelta(0):
        yield FieldError("/valid_to", "before_begin", "结束时间应晚于开始时间。")
    elif length > LONGEST:
        yield FieldError("/valid_to", "too_long", f"一次最长 {LONGEST.days} 天，请缩短时间。")
