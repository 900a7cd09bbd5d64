"""Who reviews, and why: the ordered steps of a case, resolved from the routing rules of its region.

Pure: the rules and authorities in force are handed in. The caller freezes the answer into the
case; later changes of the rules do not move it.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from otsp_compliance.rules.routing_rules import (
    SECTOR,
    Choice,
    Level,
    Mode,
    Part,
    RoutingRule,
    choose,
)
from otsp_contracts import regions
from otsp_contracts.snapshots import InstitutionFacts

ROUTING_FALLBACK: Final = "ROUTING_FALLBACK"
_EDUCATION: Final = "education"
_CLIMB: Final = tuple(Level)
_CATEGORIES: Final = ("subject", "nonsubject")
_DELIVERIES: Final = ("offline", "online")


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

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "RoutedInstitution":
        """What `document` wrote down."""
        return cls(
            document["region_code"],
            frozenset(document["categories"]),
            frozenset(document["delivery_modes"]),
            document["primary_nonsubject_type"],
        )

    def document(self) -> dict[str, Any]:
        """As plain data, in a fixed order."""
        return {
            "region_code": self.region_code,
            "categories": sorted(self.categories),
            "delivery_modes": sorted(self.delivery_modes),
            "primary_nonsubject_type": self.primary_nonsubject_type,
        }

    @property
    def is_mixed(self) -> bool:
        """Subject and non-subject training (R5)."""
        return self.categories.issuperset(_CATEGORIES)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Subject before non-subject (R5), offline before online (R6)."""
        return tuple(
            Part(
                category,
                delivery,
                self.primary_nonsubject_type if category == "nonsubject" else None,
            )
            for category in _CATEGORIES
            if category in self.categories
            for delivery in _DELIVERIES
            if delivery in self.delivery_modes
        )


@dataclass(frozen=True, slots=True)
class Seat:
    """Where an authority was looked for; null when no active one sits there."""

    department: str
    level: Level
    region_code: str
    authority: Authority | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Why a step goes where it goes, for one part of the training.

    `matrix` are the rows of §1.4 that speak of the part. `is_dropped`: the part has no step of its
    own, this subject step covers it (R5). `looked_at` ends with the seat that was found.
    """

    part: Part
    matrix: tuple[str, ...]
    choice: Choice
    department: str
    looked_at: tuple[Seat, ...] = ()
    is_fallback: bool = False
    is_dropped: bool = False


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
    grounds: tuple[Ground, ...] = ()


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
    offered, offices = list(rules), _Offices(authorities, institution.region_code)
    steps: dict[tuple[str, str], Step] = {}
    dropped: list[Ground] = []
    for part in institution.parts:
        choice = choose(part, offered, institution.region_code, on=on_date)
        ground = Ground(
            part=part,
            matrix=_matrix(part, institution),
            choice=choice,
            department=SECTOR.get(part.kind, _EDUCATION),
        )
        if choice.rule.drops_when_mixed and institution.is_mixed:
            dropped.append(dataclasses.replace(ground, is_dropped=True))
            continue
        for step in _steps(ground, offices):
            key = (step.authority_id, step.purpose)
            known = steps.get(key)
            steps[key] = _joined(known, step) if known else step
    return tuple(_covering(step, dropped) for step in steps.values())


def delegation(
    region_code: str, rules: Iterable[RoutingRule], *, on_date: date
) -> RoutingRule | None:
    """The rule by which the province has handed online subject training down on that day."""
    part = Part("subject", "online", None)
    rule = choose(part, rules, region_code, on=on_date).rule
    return rule if rule.delegate_level else None


def delegated_levels(
    region_code: str, rules: Iterable[RoutingRule], *, on_date: date
) -> tuple[str, ...]:
    """The level to which the province has handed online subject training on that day, if any.

    LIC-012 accepts licences of that level too.
    """
    rule = delegation(region_code, rules, on_date=on_date)
    return (rule.reviews_at.value,) if rule else ()


def chain(region_code: str, level: Level) -> tuple[tuple[Level, str], ...]:
    """The regions above a county from a level upward, itself first.

    Municipalities and counties directly under a province (xx90xx) have no city.
    """
    codes = {
        Level.COUNTY: region_code,
        Level.CITY: region_code[:4] + "00",
        Level.PROVINCE: region_code[:2] + "0000",
    }
    return tuple(
        (one, codes[one])
        for one in _CLIMB[_CLIMB.index(level) :]
        if one is not Level.CITY or regions.has_city_level(region_code)
    )


class _Offices:
    """The active authorities by where they sit, seen from one county."""

    def __init__(self, authorities: Iterable[Authority], region_code: str) -> None:
        self._region_code = region_code
        self._by_seat = {
            (one.department, one.level, one.region_code): one for one in authorities if one.active
        }

    def look(self, department: str, level: Level) -> tuple[Seat, ...]:
        """The seats of the department from the level upward, to the first that is taken."""
        seats = []
        for at, region_code in chain(self._region_code, level):
            found = self._by_seat.get((department, at, region_code))
            seats.append(Seat(department, at, region_code, found))
            if found is not None:
                break
        return tuple(seats)

    def find(self, department: str, level: Level) -> Authority | None:
        return self.look(department, level)[-1].authority

    def look_for_education(self, level: Level) -> tuple[tuple[Seat, ...], Authority]:
        seats = self.look(_EDUCATION, level)
        found = seats[-1].authority
        if found is None:
            raise Unroutable(self._region_code, level)
        return seats, found


def _steps(ground: Ground, offices: _Offices) -> Iterator[Step]:
    rule = ground.choice.rule
    level, sector = rule.reviews_at, ground.department
    if rule.mode in (Mode.SECTOR_ONLY, Mode.SECTOR_THEN_EDU):
        yield _sector_step(ground, offices)
    if rule.mode is Mode.SECTOR_ONLY:
        return
    consults = rule.mode is Mode.EDU_WITH_OPTIONAL_OPINION and sector != _EDUCATION
    heard = offices.find(sector, level) if consults else None
    seats, education = offices.look_for_education(level)
    yield Step(
        authority_id=education.authority_id,
        purpose=rule.category,
        rule_id=rule.rule_id,
        opinion_from=heard.authority_id if heard else None,
        grounds=(dataclasses.replace(ground, department=_EDUCATION, looked_at=seats),),
    )


def _sector_step(ground: Ground, offices: _Offices) -> Step:
    """The sector department from its level upward; if it has none, education at that level (R7)."""
    rule = ground.choice.rule
    seats = offices.look(ground.department, rule.reviews_at)
    found = seats[-1].authority
    is_fallback = found is None
    if found is None:
        education, found = offices.look_for_education(rule.reviews_at)
        seats += education
    return Step(
        authority_id=found.authority_id,
        purpose=rule.category,
        rule_id=rule.rule_id,
        fallback=ROUTING_FALLBACK if is_fallback else None,
        grounds=(dataclasses.replace(ground, looked_at=seats, is_fallback=is_fallback),),
    )


def _joined(known: Step, again: Step) -> Step:
    """One authority reviews once for one purpose, for all the reasons that led to it."""
    return dataclasses.replace(known, grounds=(*known.grounds, *again.grounds))


def _covering(step: Step, dropped: Sequence[Ground]) -> Step:
    """The subject steps stand for the non-subject parts of the same delivery that were dropped."""
    deliveries = {ground.part.delivery for ground in step.grounds}
    covered = [one for one in dropped if one.part.delivery in deliveries]
    if step.purpose != "subject" or not covered:
        return step
    return dataclasses.replace(step, grounds=(*step.grounds, *covered))


def _matrix(part: Part, institution: RoutedInstitution) -> tuple[str, ...]:
    """The rows of §1.4 that speak of the part."""
    if part.category == "subject":
        row = "R1" if part.delivery == "online" else "R2"
    elif part.kind == "other":
        row = "R7"
    else:
        row = "R4" if part.delivery == "online" else "R3"
    mixed = ("R5",) if institution.is_mixed else ()
    both = ("R6",) if len(institution.delivery_modes) > 1 else ()
    return (row, *mixed, *both)
