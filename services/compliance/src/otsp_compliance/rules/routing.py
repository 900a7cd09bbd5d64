"""Who reviews: the ordered steps of a case, resolved from the routing rules of its region.

Pure: the rules and authorities in force are handed in. The caller freezes the answer into the
case; later changes of the rules do not move it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from otsp_contracts.snapshots import InstitutionFacts

NATION: Final = "000000"
ROUTING_FALLBACK: Final = "ROUTING_FALLBACK"
_MUNICIPALITIES: Final = frozenset({"11", "12", "31", "50"})
_EDUCATION: Final = "education"


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


_CLIMB: Final = tuple(Level)
_CATEGORIES: Final = ("subject", "nonsubject")
_DELIVERIES: Final = ("offline", "online")
_SECTOR: Final[Mapping[str | None, str]] = {
    "sports": "sports",
    "culture_arts": "culture_tourism",
    "science_tech": "science_tech",
}
"""The department of a non-subject type; for every other type it is education."""


class Unroutable(Exception):
    """No active education authority stands above the region: the case has nobody to go to."""

    def __init__(self, region_code: str, level: Level) -> None:
        super().__init__(f"no active education authority for {region_code} from {level} upward")
        self.region_code = region_code
        self.level = level


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A supervising department. `region_code` is that of its county, city or province."""

    authority_id: str
    name: str
    level: str
    department: str
    region_code: str
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRule:
    """How one kind of training is reviewed in one region; `nonsubject_type` null means any.

    In force while effective_from <= day < effective_to.
    """

    rule_id: str
    region_code: str
    category: str
    delivery: str
    nonsubject_type: str | None = None
    mode: Mode = Mode.EDU_ONLY
    level: Level
    delegate_level: Level | None = None
    effective_from: date
    effective_to: date | None = None
    basis_doc: str | None = None

    def covers(self, category: str, delivery: str, *, kind: str | None, on_date: date) -> bool:
        """Whether it speaks of this kind of training on that day."""
        return (
            (self.category, self.delivery) == (category, delivery)
            and self.nonsubject_type in (None, kind)
            and self.effective_from <= on_date
            and (self.effective_to is None or on_date < self.effective_to)
        )


@dataclass(frozen=True, slots=True)
class RoutedInstitution:
    """What routing must know of an institution.

    `region_code` is the county of the registered address, for online training that of registration.
    """

    region_code: str
    categories: frozenset[str]
    delivery_modes: frozenset[str]
    primary_nonsubject_type: str | None = None

    @classmethod
    def of(cls, facts: InstitutionFacts) -> "RoutedInstitution":
        """What a snapshot says; an only non-subject type is the primary one."""
        types = facts.nonsubject_types
        only = types[0] if len(types) == 1 else None
        return cls(
            facts.region_code or "",
            frozenset(facts.categories),
            frozenset(facts.delivery_modes),
            facts.primary_nonsubject_type or only,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One review. `fallback` is ROUTING_FALLBACK when education stands in for a sector department.

    `rule_id` says by which rule; `opinion_from` is the sector authority that may be heard.
    """

    authority_id: str
    purpose: str
    rule_id: str
    fallback: str | None = None
    opinion_from: str | None = None


def resolve(
    institution: RoutedInstitution,
    rules: Iterable[RoutingRule],
    authorities: Iterable[Authority],
    *,
    on_date: date,
) -> tuple[Step, ...]:
    """The ordered review steps; both parts of a mixed institution must approve.

    `rules` are those of the regions; the national defaults need not be among them. Raises
    Unroutable.
    """
    in_use = [*rules, *NATIONAL_RULES]
    offices = _Offices(authorities, institution.region_code)
    steps: dict[tuple[str, str], Step] = {}
    for category in (one for one in _CATEGORIES if one in institution.categories):
        kind = institution.primary_nonsubject_type if category == "nonsubject" else None
        for delivery in (one for one in _DELIVERIES if one in institution.delivery_modes):
            rule = _best(
                (
                    one
                    for one in in_use
                    if one.covers(category, delivery, kind=kind, on_date=on_date)
                ),
                institution.region_code,
            )
            for step in _steps(rule, kind, offices):
                steps.setdefault((step.authority_id, step.purpose), step)
    return tuple(steps.values())


def delegated_levels(
    region_code: str, rules: Iterable[RoutingRule], *, on_date: date
) -> tuple[str, ...]:
    """The level to which the province has handed online subject training on that day, if any.

    LIC-012 accepts licences of that level too.
    """
    rule = _best(
        (
            one
            for one in (*rules, *NATIONAL_RULES)
            if one.covers("subject", "online", kind=None, on_date=on_date)
        ),
        region_code,
    )
    return (rule.delegate_level.value,) if rule.delegate_level else ()


def refusals(rule: RoutingRule) -> tuple[str, ...]:
    """Why a region may not have this rule, in Chinese; empty when it may."""
    reasons = []
    if rule.category == "subject":
        fixed = Level.PROVINCE if rule.delivery == "online" else Level.COUNTY
        if rule.level is not fixed:
            reasons.append("学科类审核层级由全国统一规定，不能修改")
        if rule.mode is not Mode.EDU_ONLY or rule.nonsubject_type is not None:
            reasons.append("学科类只能由教育部门审核")
    if rule.delegate_level is not None and (rule.category, rule.delivery) != ("subject", "online"):
        reasons.append("只有线上学科类可以由省级委托下级审核")
    if rule.delegate_level is Level.PROVINCE:
        reasons.append("只能向下级委托")
    if rule.effective_to is not None and rule.effective_to <= rule.effective_from:
        reasons.append("失效日期应晚于生效日期")
    return tuple(reasons)


def chain(region_code: str, level: Level) -> tuple[tuple[Level, str], ...]:
    """The regions above a county from a level upward, itself first.

    Municipalities and counties directly under a province (xx90xx) have no city.
    """
    has_city = region_code[:2] not in _MUNICIPALITIES and region_code[2:4] != "90"
    codes = {
        Level.COUNTY: region_code,
        Level.CITY: region_code[:4] + "00",
        Level.PROVINCE: region_code[:2] + "0000",
    }
    return tuple(
        (one, codes[one])
        for one in _CLIMB[_CLIMB.index(level) :]
        if one is not Level.CITY or has_city
    )


class _Offices:
    """The active authorities, found by climbing from a county."""

    def __init__(self, authorities: Iterable[Authority], region_code: str) -> None:
        self._region_code = region_code
        self._by_seat = {
            (one.department, one.level, one.region_code): one for one in authorities if one.active
        }

    def find(self, department: str, level: Level) -> Authority | None:
        """The first active one of the department from the level upward."""
        seats = ((department, *seat) for seat in chain(self._region_code, level))
        return next((self._by_seat[seat] for seat in seats if seat in self._by_seat), None)

    def get_education(self, level: Level) -> Authority:
        found = self.find(_EDUCATION, level)
        if found is None:
            raise Unroutable(self._region_code, level)
        return found


def _best(covering: Iterable[RoutingRule], region_code: str) -> RoutingRule:
    """The most specific region wins, then an exact type over any, then the latest."""
    specific = (region_code, region_code[:4] + "00", region_code[:2] + "0000", NATION)
    return min(
        (one for one in covering if one.region_code in specific),
        key=lambda one: (
            specific.index(one.region_code),
            one.nonsubject_type is None,
            -one.effective_from.toordinal(),
        ),
    )


def _steps(rule: RoutingRule, kind: str | None, offices: _Offices) -> Iterable[Step]:
    level = rule.delegate_level or rule.level
    sector = _SECTOR.get(kind, _EDUCATION)
    if rule.mode in (Mode.SECTOR_ONLY, Mode.SECTOR_THEN_EDU):
        found = offices.find(sector, level)
        yield Step(
            authority_id=(found or offices.get_education(level)).authority_id,
            purpose=rule.category,
            rule_id=rule.rule_id,
            fallback=None if found else ROUTING_FALLBACK,
        )
    if rule.mode is Mode.SECTOR_ONLY:
        return
    consults = rule.mode is Mode.EDU_WITH_OPTIONAL_OPINION and sector != _EDUCATION
    heard = offices.find(sector, level) if consults else None
    yield Step(
        authority_id=offices.get_education(level).authority_id,
        purpose=rule.category,
        rule_id=rule.rule_id,
        opinion_from=heard.authority_id if heard else None,
    )


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
