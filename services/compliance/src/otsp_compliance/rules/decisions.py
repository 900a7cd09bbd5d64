"""What a decision on an application must say (domain specification §3.4)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from otsp_contracts.values import FieldError

OUTCOMES: Final[Mapping[str, str]] = {
    "approve": "approved",
    "return": "returned",
    "reject": "rejected",
}
APPEAL_ZH: Final = (
    "如不服本决定，可以自知道本决定之日起六十日内依法申请行政复议，"
    "或者自知道本决定之日起六个月内依法提起行政诉讼。"
)
"""行政复议法 §20, 行政诉讼法 §46; owed with every refusal (行政许可法 §38)."""


def appeal_of(outcome: str) -> str | None:
    return None if outcome == "approved" else APPEAL_ZH


def unfit_approval(
    *,
    excused: Collection[str],
    overrides: Mapping[str, str],
    warnings: Collection[str],
    warnings_read: Collection[str],
) -> Iterator[FieldError]:
    """Every rule from which the institution asked to be excused is overridden with a reason, and
    every warning is read; nothing else is.
    """
    for rule_id in sorted(set(excused) - overrides.keys()):
        yield FieldError(
            "/overrides",
            "override_missing",
            f"机构就 {rule_id} 申请了例外：同意须逐项说明理由，不同意则应退回或不予通过。",
        )
    for rule_id in sorted(overrides.keys() - set(excused)):
        yield FieldError(
            "/overrides", "not_excused", f"机构没有就 {rule_id} 申请例外，不能作例外处理。"
        )
    for rule_id in sorted(set(warnings) - set(warnings_read)):
        yield FieldError(
            "/warnings_read", "warning_unread", f"提示 {rule_id} 尚未阅知，请阅知后再作决定。"
        )
    for rule_id in sorted(set(warnings_read) - set(warnings)):
        yield FieldError("/warnings_read", "not_found", f"本申请没有提示 {rule_id}。")


def needs_four_eyes(reviewer_count: int | None) -> bool:
    """An authority with one reviewer cannot have a second one look."""
    return reviewer_count is not None and reviewer_count >= 2
