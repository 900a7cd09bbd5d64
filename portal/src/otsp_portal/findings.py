"""What a check found, as people read it: one numbered list, in groups of what has to be done.

The numbers are the order of the answer of the API, place by place; `?from=…&finding=…` names one of
them, on the page that cures it, whatever was cured meanwhile.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from otsp_portal.cures import Cure, Known, cure_of, kinds_of
from otsp_portal.gateway_client import Api

Json = Any

_GROUPS: Final = (
    ("must", "必须整改", "bad", "改好以后才能提交。"),
    ("except", "可申请例外", "bad", "改好以后才能提交；确有客观原因的，可以在核对资料时申请例外。"),
    ("excused", "已申请例外", "info", "由审核部门逐项决定是否同意。"),
    ("warn", "提醒", "warn", "不影响提交，提交时须逐项确认已知悉。"),
)
_LISTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "certificates": ("institution", "certificates", "certificate_id"),
    "funds/fee_items": ("institution", "funds/fee-items", "fee_item_id"),
    "staff": ("staff", "staff", "staff_id"),
    "materials": ("materials", "materials", "material_id"),
    "sites": ("courses", "sites", "site_id"),
    "systems": ("courses", "systems", "system_id"),
    "courses": ("courses", "courses", "course_id"),
    "classes": ("courses", "classes", "class_id"),
}
_MOST_READ: Final = 100


@dataclass(frozen=True, slots=True)
class Item:
    """One place at which one rule is broken."""

    number: int
    group: str
    finding: Json
    breach: Json
    cure: Cure
    name: str

    @property
    def message(self) -> str:
        return str(self.finding["message_zh"])

    @property
    def rule_id(self) -> str:
        return str(self.finding["rule_id"])

    @property
    def place(self) -> str:
        """What the finding is about: an object by its name, a field by its label."""
        label = self.cure.label or self.breach["detail_zh"] or ""
        return "，".join(each for each in (self.name, label) if each)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What, as it is and as it should be, how to cure it, and why."""
        return [("涉及", self.place), *self.differences, *self.law]

    @property
    def differences(self) -> list[tuple[str, str]]:
        return [("现在", self.breach["found_zh"]), ("要求", self.breach["required_zh"])]

    @property
    def law(self) -> list[tuple[str, str]]:
        return [
            ("改法", self.finding["remedy_zh"]),
            ("依据", "；".join(self.finding["basis"])),
            ("理由", self.finding["exception_reason"] or ""),
        ]


@dataclass(frozen=True, slots=True)
class Found:
    """A rule that is broken, with all its places."""

    items: Sequence[Item]

    @property
    def first(self) -> Item:
        return self.items[0]

    @property
    def rest(self) -> Sequence[Item]:
        return self.items[1:]


@dataclass(frozen=True, slots=True)
class Group:
    """Findings with which the same has to be done."""

    key: str
    title: str
    tone: str
    note: str
    found: Sequence[Found]


def read_known(asked: Api, institution_id: str, findings: Json) -> Known:
    """Names of the objects that the findings are about, and where they lie: one round of calls."""
    pointers = [breach["pointer"] for _group, each in _all(findings) for breach in each["breaches"]]
    return known_of(asked, institution_id, kinds_of(pointers))


def known_of(asked: Api, institution_id: str, kinds: set[str]) -> Known:
    wanted = [_LISTS[kind] for kind in sorted(kinds & set(_LISTS))]
    if not wanted:
        return {}
    calls: list[Callable[[], Json]] = [
        partial(asked.get, f"/api/{service}/v1/institutions/{institution_id}/{path}",
                limit=_MOST_READ)
        for service, path, _name in wanted
    ]  # fmt: skip
    answers = asked.together(*calls)
    return {
        each[name]: each
        for (_service, _path, name), answer in zip(wanted, answers, strict=True)
        for each in answer["items"]
    }


def items_of(findings: Json, known: Known | None = None) -> list[Item]:
    """All places in order, numbered from 1."""
    told = known or {}
    places = [
        (group, each, breach) for group, each in _all(findings) for breach in each["breaches"]
    ]
    return [
        Item(number, group, each, breach, _cure(breach, told), _name(breach, told))
        for number, (group, each, breach) in enumerate(places, 1)
    ]


def grouped(items: Sequence[Item]) -> list[Group]:
    """The groups that have something, the weightiest first."""
    groups = []
    for key, title, tone, note in _GROUPS:
        rules: dict[str, list[Item]] = {}
        for item in items:
            if item.group == key:
                rules.setdefault(item.rule_id, []).append(item)
        if rules:
            groups.append(Group(key, title, tone, note, [Found(each) for each in rules.values()]))
    return groups


def next_after(items: Sequence[Item], number: int) -> Item | None:
    """The next one that stands on another page: what is on this page was shown at its field."""
    here = next((each.cure.path for each in items if each.number == number), "")
    return next((each for each in items if each.number > number and each.cure.path != here), None)


def _all(findings: Json) -> Iterator[tuple[str, Json]]:
    for name in ("blocking", "excused", "warnings", "data"):
        for finding in findings[name]:
            yield _group_of(finding), finding


def _group_of(finding: Json) -> str:
    if finding["exception_reason"] is not None:
        return "excused"
    if not finding["blocking"]:
        return "warn"
    return "except" if finding["severity"] == "B*" else "must"


def _cure(breach: Json, known: Known) -> Cure:
    object_ids = breach["object_ids"]
    if not object_ids and breach["pointer"].startswith("/certificates/"):
        object_ids = [
            object_id
            for object_id, each in known.items()
            if "certificate_id" in each and each["is_primary"]
        ]
    return cure_of(breach["pointer"], object_ids, known)


def _name(breach: Json, known: Known) -> str:
    for object_id in breach["object_ids"]:
        found = known.get(object_id, {})
        name = found.get("name") or found.get("title")
        if name:
            return f"“{name}”"
    return ""
