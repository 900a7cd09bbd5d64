"""Charges that follow from others, and when none may be added."""

from collections.abc import Mapping
from datetime import date

HALTING_LABELS_ZH: Mapping[str, str] = {
    "for_profit_to_nonprofit": "营转非",
    "filing_to_approval": "备案转审批",
}
"""Rectifications (整改) over which enrolment and charging stand still until they are done."""


def is_new_charge(*, publicized_on: date | None, issued_on: date | None) -> bool:
    """Whether a charge is published while a rectification is open, not entered as one that was
    published before it. A day that nobody told is no proof.
    """
    return publicized_on is None or issued_on is None or publicized_on >= issued_on


def unit_price_fen(amount_fen: int | None, lesson_count: int | None) -> int | None:
    """Of one lesson (每课时单价), half a fen rounded up; None while it cannot be told."""
    if amount_fen is None or lesson_count is None:
        return None
    return (2 * amount_fen + lesson_count) // (2 * lesson_count)
