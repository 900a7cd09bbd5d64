"""The states of a material (domain specification §3.6), as data."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple


class Step(NamedTuple):
    """Where an action leads, and who takes it: the institution or an authority."""

    to: str
    by: str


_OURS, _THEIRS = "institution", "authority"

STEPS: Mapping[tuple[str, str], Step] = {
    ("draft", "submit"): Step("internal_review", _OURS),
    ("internal_review", "pass_inside"): Step("internal_passed", _OURS),
    ("internal_review", "fail_inside"): Step("internal_failed", _OURS),
    ("internal_passed", "request_outside"): Step("external_pending", _OURS),
    ("internal_passed", "sample"): Step("external_pending", _THEIRS),
    ("internal_passed", "adopt"): Step("in_use", _OURS),
    ("external_pending", "pass_outside"): Step("in_use", _THEIRS),
    ("external_pending", "fail_outside"): Step("external_failed", _THEIRS),
    ("external_pending", "close_outside"): Step("internal_passed", _THEIRS),
    # Entered as existing and in use, its outside review catches up while it is used. One that is
    # rejected is in use in fact until it is archived or suspended: MAT-002 names it, where a
    # status changed silently would hide it from the rules.
    ("in_use", "request_outside"): Step("in_use", _OURS),
    ("in_use", "sample"): Step("in_use", _THEIRS),
    ("in_use", "pass_outside"): Step("in_use", _THEIRS),
    ("in_use", "fail_outside"): Step("in_use", _THEIRS),
    ("in_use", "close_outside"): Step("in_use", _THEIRS),
    # No way leads back from a suspension: what was put right is another content, a new version.
    ("in_use", "suspend"): Step("suspended", _THEIRS),
    ("suspended", "pass_outside"): Step("suspended", _THEIRS),
    ("suspended", "fail_outside"): Step("suspended", _THEIRS),
    ("suspended", "close_outside"): Step("suspended", _THEIRS),
    ("in_use", "archive"): Step("archived", _OURS),
    ("suspended", "archive"): Step("archived", _OURS),
    ("archived", "purge"): Step("purged", _OURS),
}
"""(status, action) → step. What is not here is refused."""

STATUS_LABELS_ZH: Mapping[str, str] = {
    "draft": "草稿",
    "internal_review": "内部审核中",
    "internal_passed": "内审通过",
    "internal_failed": "内审不通过",
    "external_pending": "待外审",
    "external_failed": "外审不通过",
    "in_use": "在用",
    "suspended": "停用整改",
    "archived": "已停用存档",
    "purged": "已销毁",
}

EDITABLE = frozenset(STATUS_LABELS_ZH) - {"archived", "purged"}
"""Here the description may be corrected; the content may change in a draft only."""

ACTIONS_BY_DECISION: Mapping[str, str] = {"approved": "pass_outside", "rejected": "fail_outside"}
"""Decisions of an external review case; any other (returned, withdrawn, lapsed) closes it."""

KEPT_YEARS = 3
REMINDED_BEFORE = timedelta(days=30)
"""How long before its end an institution is told that a material need not be kept any more."""


def needs_authority(category: str | None, form: str | None, *, required: bool | None) -> bool:
    """Every basic subject material, and what was picked for a spot check (抽查)."""
    return bool(required) or is_basic_subject(category, form)


def is_basic_subject(category: str | None, form: str | None) -> bool:
    return category == "subject" and form == "basic"


def retained_until(used_until: date) -> date:
    """Three years on; a leap day is kept until the first of March."""
    year = used_until.year + KEPT_YEARS
    try:
        return used_until.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def last_purgeable(today: date) -> date:
    """What was to be kept until then or before may go: the last day of keeping is a whole day."""
    return today - timedelta(days=1)
