"""What a person may ask to have put right, and by when it is answered (个人信息保护法 §46, §50)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from otsp_contracts.values import FieldError
from otsp_staff.rules.labels import LABELS

ANSWERED_WITHIN: Final = 15
"""Working days. The law says in good time; fifteen is what this platform promises."""

FIELDS: Final[Mapping[str, str]] = LABELS["staff"][1]
"""Pointer → label of every field that is told to the person."""


def faults(items: Sequence[Mapping[str, Any] | None]) -> Iterator[FieldError]:
    """Fields that there are, each once; items and pointers that the schema refused are left out."""
    seen: set[str] = set()
    for number, item in enumerate(items):
        place, pointer = f"/items/{number}/pointer", (item or {}).get("pointer")
        if pointer is None:
            continue
        if pointer not in FIELDS:
            yield FieldError(
                place, "unknown_field", "没有这一项信息，请从查询结果中选择要更正的项目。"
            )
        elif pointer in seen:
            yield FieldError(place, "repeated", "同一项信息只能填写一次，请合并后提交。")
        seen.add(pointer)
