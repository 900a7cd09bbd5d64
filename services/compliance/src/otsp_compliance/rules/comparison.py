"""Findings in order for whoever has to cure them: by part of the file, beside the last ones.

Two findings are the same when the same rule is broken by the same object; an institution's own
facts have no object, their place in the file stands for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

PARTS_ZH: Final[Mapping[str, str]] = {
    "institution": "机构基本信息",
    "licence": "办学许可证",
    "certificates": "机构证照",
    "party": "党建情况",
    "other_docs": "其他资料",
    "funds": "资金管理",
    "staff": "从业人员",
    "materials": "培训材料",
    "sites": "办学点",
    "systems": "业务系统",
    "courses": "培训课程与班级",
    "rectifications": "整改任务",
    "region": "地区参数",
    "closing": "注销申请",
}
"""The parts of a snapshot in the order in which an institution fills them in."""

_OWNERS: Final[Mapping[str, str]] = {
    "staff": "staff",
    "materials": "materials",
    "sites": "courses",
    "systems": "courses",
    "courses": "courses",
    "rectifications": "compliance",
    "region": "compliance",
    "closing": "compliance",
}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One rule broken by one object: what a check is compared by."""

    rule_id: str
    object_id: str | None
    pointer: str | None
    severity: str
    message_zh: str

    @property
    def key(self) -> tuple[str, str]:
        """The rule and the object, or the place of what is no object."""
        return self.rule_id, self.object_id or self.pointer or ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came, what went, and what stayed since another check."""

    new: Sequence[Fault]
    cured: Sequence[Fault]
    remaining: Sequence[Fault]


def compare(before: Iterable[Fault], now: Iterable[Fault]) -> Comparison:
    """Each list in the order of rules and objects."""
    was = {fault.key: fault for fault in before}
    has = {fault.key: fault for fault in now}
    return Comparison(
        new=_sorted(has[key] for key in has.keys() - was.keys()),
        cured=_sorted(was[key] for key in was.keys() - has.keys()),
        remaining=_sorted(has[key] for key in has.keys() & was.keys()),
    )


def part_of(pointer: str) -> str:
    """The part of the file in which a finding is cured; the institution's where none is told."""
    part = pointer.lstrip("/").partition("/")[0]
    return part if part in PARTS_ZH else "institution"


def owner_of(part: str) -> str:
    """The service that has the part."""
    return _OWNERS.get(part, "institution")


def _sorted(faults: Iterable[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda one: one.key)
