"""Routing rules: what a region may say, and which rule holds for one kind of training."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from otsp_compliance.rules.inheritance import NATION
from otsp_compliance.rules.periods import Period
from otsp_contracts import regions


class Level(StrEnum):
    """Levels of reviewing authorities, lowest first."""

    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"


class Mode(StrEnum):
    """Which departments take part in a non-subject review."""

    EDU_ONLY = "edu_only"
    SECTOR_ONLY = "sector_only"
    SECTOR_THEN_EDU = "sector_then_edu"
    EDU_WITH_OPTIONAL_OPINION = "edu_with_optional_opinion"


class Why(StrEnum):
    """Why another rule on the same training was not the one."""

    WIDER_REGION = "wider_region"
    ANY_TYPE = "any_type"
    EARLIER = "earlier"
    OTHER_TYPE = "other_type"
    NOT_YET = "not_yet_in_force"
    NO_LONGER = "no_longer_in_force"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRule:
    """How one kind of training is reviewed in one region; `nonsubject_type` null means any.

    In force while effective_from <= day < effective_to. `drops_when_mixed`: an institution with
    subject training too has no step for this part, its subject review is enough (R5).
    """

    rule_id: str
    region_code: str
    category: str
    delivery: str
    nonsubject_type: str | None = None
    mode: Mode = Mode.EDU_ONLY
    level: Level
    delegate_level: Level | None = None
    drops_when_mixed: bool = False
    effective_from: date
    effective_to: date | None = None
    basis_doc: str | None = None

    @property
    def period(self) -> Period:
        """The days on which it holds."""
        return Period(self.effective_from, self.effective_to)

    @property
    def reviews_at(self) -> Level:
        """The level that it names, or that the province handed the review down to."""
        return self.delegate_level or self.level

    @property
    def set_at(self) -> str:
        """The level of the region that it comes from: national, province, city or county."""
        return "national" if self.region_code == NATION else regions.level(self.region_code)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an institution's training that is reviewed for itself.

    `kind` is the non-subject type, null for subject training.
    """

    category: str
    delivery: str
    kind: str | None


@dataclass(frozen=True, slots=True)
class Alternative:
    """A rule on the same training that did not hold, and why."""

    rule: RoutingRule
    why: Why


@dataclass(frozen=True, slots=True)
class Choice:
    """The rule that holds for a part, and those that do not."""

    rule: RoutingRule
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a region may not have a rule, at the field that is to blame."""

    field: str
    code: str
    detail_zh: str


def choose(part: Part, rules: Iterable[RoutingRule], region_code: str, *, on: date) -> Choice:
    """The most specific region wins, then an exact type over any, then the latest.

    `rules` may hold those of other regions; the national ones need not be among them.
    """
    specific = (region_code, region_code[:4] + "00", region_code[:2] + "0000", NATION)
    on_it = [
        one
        for one in (*rules, *NATIONAL_RULES)
        if (one.category, one.delivery) == (part.category, part.delivery)
        and one.region_code in specific
    ]
    held = [one for one in on_it if one.nonsubject_type in (None, part.kind)]
    best = min(
        (one for one in held if one.period.covers(on)),
        key=lambda one: (
            specific.index(one.region_code),
            one.nonsubject_type is None,
            -one.effective_from.toordinal(),
        ),
    )
    others = [one for one in on_it if one is not best]
    others.sort(key=lambda one: (specific.index(one.region_code), one.effective_from))
    return Choice(
        best, tuple(Alternative(one, _why_not(one, best, kind=part.kind, on=on)) for one in others)
    )


def _why_not(rule: RoutingRule, best: RoutingRule, *, kind: str | None, on: date) -> Why:
    if rule.nonsubject_type not in (None, kind):
        return Why.OTHER_TYPE
    if on < rule.effective_from:
        return Why.NOT_YET
    if not rule.period.covers(on):
        return Why.NO_LONGER
    if rule.region_code != best.region_code:
        return Why.WIDER_REGION
    return Why.ANY_TYPE if rule.nonsubject_type != best.nonsubject_type else Why.EARLIER


def objections(rule: RoutingRule) -> tuple[Objection, ...]:
    """Everything for which a region may not have this rule; nothing when it may."""
    found = _about_subject(rule) if rule.category == "subject" else _about_nonsubject(rule)
    return (*found, *_about_any(rule))


def overlaps(rules: Sequence[RoutingRule]) -> Iterator[tuple[int, int]]:
    """Pairs of places, the earlier in the list first: rules of the same training and days."""
    for place, rule in enumerate(rules):
        for before in range(place):
            if _subject_of(rules[before]) == _subject_of(rule) and rules[before].period.overlaps(
                rule.period
            ):
                yield before, place


def national_level(category: str, delivery: str, kind: str | None) -> Level:
    """At which level the nation has this training reviewed."""
    return choose(Part(category, delivery, kind), (), NATION, on=date.max).rule.level


def _subject_of(rule: RoutingRule) -> tuple[str, str, str | None]:
    return rule.category, rule.delivery, rule.nonsubject_type


def _about_subject(rule: RoutingRule) -> Iterator[Objection]:
    is_online = rule.delivery == "online"
    is_province = rule.region_code != NATION and rule.region_code.endswith("0000")
    if rule.region_code != NATION and not is_online:
        yield Objection(
            "category",
            "not_configurable",
            "线下学科类固定由区县教育部门审核（R2），地区不能另行设定。",
        )
        return
    if is_online and not is_province and (rule.delegate_level or rule.region_code != NATION):
        yield Objection(
            "category",
            "only_province_delegates",
            "线上学科类只能由省级决定是否委托下级审核（R1），请由省级教育部门设定。",
        )
    fixed = Level.PROVINCE if is_online else Level.COUNTY
    if rule.level is not fixed:
        told = (
            "省级教育部门审核（R1），下放请填写委托层级" if is_online else "区县教育部门审核（R2）"
        )
        yield Objection("level", "fixed_level", f"学科类审核层级由全国统一规定：由{told}。")
    if rule.mode is not Mode.EDU_ONLY:
        yield Objection("mode", "education_only", "学科类只能由教育部门审核。")
    if rule.nonsubject_type is not None:
        yield Objection("nonsubject_type", "not_applicable", "学科类没有非学科类别，请删去该项。")
    if rule.delegate_level is not None and not is_online:
        yield Objection("delegate_level", "not_delegable", "只有线上学科类可以由省级委托下级审核。")
    if rule.delegate_level is Level.PROVINCE:
        yield Objection("delegate_level", "not_downward", "只能向下级（地市、区县）委托。")
    if rule.drops_when_mixed:
        yield Objection(
            "drops_when_mixed",
            "not_applicable",
            "可以免去的是非学科类部分的审核（R5），不是学科类。",
        )


def _about_nonsubject(rule: RoutingRule) -> Iterator[Objection]:
    if rule.delegate_level is not None:
        yield Objection("delegate_level", "not_delegable", "只有线上学科类可以由省级委托下级审核。")


def _about_any(rule: RoutingRule) -> Iterator[Objection]:
    if rule.region_code[:2] in regions.MUNICIPALITIES:
        for field, level in (("level", rule.level), ("delegate_level", rule.delegate_level)):
            if level is Level.CITY:
                yield Objection(field, "no_city_level", "直辖市没有地市级，请填写省级或区县级。")
    if rule.effective_to is not None and rule.effective_to <= rule.effective_from:
        yield Objection("effective_to", "reversed", "失效日期应晚于生效日期。")


def _national(
    name: str, category: str, delivery: str, *, level: Level, kind: str | None = None
) -> RoutingRule:
    return RoutingRule(
        rule_id=name,
        region_code=NATION,
        category=category,
        delivery=delivery,
        nonsubject_type=kind,
        level=level,
        effective_from=date.min,
    )


NATIONAL_RULES: Final = (
    _national("R1", "subject", "online", level=Level.PROVINCE),
    _national("R2", "subject", "offline", level=Level.COUNTY),
    _national("R3", "nonsubject", "offline", level=Level.COUNTY),
    _national("R4", "nonsubject", "online", level=Level.PROVINCE),
    _national("R7", "nonsubject", "offline", level=Level.COUNTY, kind="other"),
    _national("R7", "nonsubject", "online", level=Level.COUNTY, kind="other"),
)
"""What holds where a region says nothing. R5 and R6 are the order in which `resolve` asks."""

SECTOR: Final[Mapping[str | None, str]] = {
    "sports": "sports",
    "culture_arts": "culture_tourism",
    "science_tech": "science_tech",
}
"""The department of a non-subject type; for every other type it is education."""
