"""What is refused at the field (domain specification §4.6), and the guards of §3.6.

What a rule judges is never refused (D16). The checks receive a request body less the fields
that its schema refused, so any may be absent.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from otsp_contracts.values import FieldError

Fields = Mapping[str, Any]
"""A request body: its schema knows the types."""

_HISTORY = (
    "internal_review",
    "external_review",
    "reviewed_file_id",
    "used_from",
    "used_until",
    "retain_until",
    "purged_on",
)
"""What only a material entered as existing may bring along; others get it step by step."""

_WHOLE = {"title": "材料名称", "file_id": "材料文件", "category": "材料类别", "form": "材料形式"}
"""What a review is a review of."""


def check_new_material(fields: Fields) -> Iterator[FieldError]:
    """V-02; a new material is a draft without a history."""
    yield from _in_order(fields, "used_from", "used_until")
    if fields.get("existing"):
        return
    if fields.get("status") not in {None, "draft"}:
        detail = "新增材料只能为草稿；登记已有的材料请标明 existing。"
        yield FieldError("/status", "not_initial", detail)
    for name in _HISTORY:
        if fields.get(name) is not None:
            detail = "新增材料没有审核和使用记录；登记已有的材料请标明 existing。"
            yield FieldError(f"/{name}", "not_initial", detail)


def check_internal_result(fields: Fields, today: date) -> Iterator[FieldError]:
    """V-14."""
    yield from _days_to_come(fields, ("reviewed_on",), today)


def check_adoption(fields: Fields, today: date) -> Iterator[FieldError]:
    """V-14."""
    yield from _days_to_come(fields, ("used_from", "filed_on"), today)


def check_archiving(fields: Fields, today: date) -> Iterator[FieldError]:
    """V-14."""
    yield from _days_to_come(fields, ("used_until",), today)


def incomplete(values: Mapping[str, object]) -> Iterator[FieldError]:
    """A review needs something to review: a name, a content, and what kind of thing it is."""
    for name, label in _WHOLE.items():
        if values.get(name) is None:
            yield FieldError(f"/{name}", "required", f"提交审核前须填写{label}。")


def not_separated(
    reviewer_ids: Iterable[str], author_ids: Iterable[str | None]
) -> Iterator[FieldError]:
    """编审分离: nobody reviews what he wrote."""
    authors = set(author_ids)
    for index, reviewer_id in enumerate(reviewer_ids):
        if reviewer_id in authors:
            detail = "编写人员不得审核自己编写的材料，请更换审核人员。"
            yield FieldError(f"/reviewer_ids/{index}", "reviewer_is_author", detail)


def ends_before_use(used_from: date | None, used_until: date) -> Iterator[FieldError]:
    if used_from is not None and used_until < used_from:
        yield FieldError("/used_until", "before_start", "停用日期不能早于启用日期。")


def _days_to_come(fields: Fields, names: Sequence[str], today: date) -> Iterator[FieldError]:
    """V-14 for what is being done now; a fact that is entered is told as a doubt instead."""
    for name in names:
        day = fields.get(name)
        if day is not None and date.fromisoformat(day) > today:
            yield FieldError(f"/{name}", "in_the_future", "日期不能晚于今天。")


def _in_order(fields: Fields, first: str, last: str) -> Iterator[FieldError]:
    """V-02."""
    begins, ends = fields.get(first), fields.get(last)
    if begins and ends and date.fromisoformat(ends) < date.fromisoformat(begins):
        yield FieldError(f"/{last}", "before_start", "结束日期不能早于开始日期。")
