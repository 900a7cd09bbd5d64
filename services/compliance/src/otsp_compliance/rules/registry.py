"""What a rule is: a named function on facts, with the head that says what it means to people."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from types import ModuleType
from typing import Final, Self, TypeVar

from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Breach, Fault, MissingData, Outcome, Placed
from otsp_compliance.rules.scopes import ALL, Scope
from otsp_compliance.rules.sources import Citation

T = TypeVar("T")

Check = Callable[[Facts], Iterable[Outcome]]


class Severity(StrEnum):
    """B blocks, B* blocks unless an exception is asked for and granted, W must be acknowledged."""

    BLOCKING = "B"
    OVERRIDABLE = "B*"
    WARNING = "W"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHead:
    """What is said about a rule; calling it on the check defines the rule.

    In force while effective_from <= as_of < effective_to; without effective_from it waits for its
    publication. `parameters` names the fields of Parameters and of the region that the check reads.
    """

    id: str
    version: int = 1
    severity: Severity
    message_zh: str
    remedy_zh: str
    basis: tuple[Citation, ...]
    effective_from: date | None
    effective_to: date | None = None
    applies: Scope = ALL
    parameters: tuple[str, ...] = ()

    def __call__(self, check: Check) -> "RuleDefinition":
        return RuleDefinition(self, check)

    def in_force(self, as_of: date) -> bool:
        """Whether this version is the law on that day."""
        if self.effective_from is None or as_of < self.effective_from:
            return False
        return self.effective_to is None or as_of < self.effective_to

    @property
    def family(self) -> str:
        """The letters before the number."""
        return self.id.split("-")[0]


@dataclass(frozen=True, slots=True)
class RuleDefinition:
    """A head and its check."""

    head: RuleHead
    check: Check

    def outcomes(self, facts: Facts) -> Iterator[Outcome]:
        """All breaches and gaps; a gap that ends the check is the last outcome."""
        try:
            if self.head.applies(facts):
                yield from self.check(facts)
        except MissingData as gap:
            yield gap


rule = RuleHead
"""The decorator: @rule(id="LIC-001", severity=…, …)."""


def each(
    select: Callable[[Facts], Iterable[Placed[T]]],
) -> Callable[[Callable[[Facts, T], Iterable[Fault]]], Check]:
    """Turns a judgement of one object into a check of all that `select` names.

    An object that cannot be judged leaves a gap and does not hide its neighbours' breaches.
    """

    def over(judge: Callable[[Facts, T], Iterable[Fault]]) -> Check:
        def check(facts: Facts) -> Iterator[Outcome]:
            for placed in select(facts):
                try:
                    for fault in judge(facts, placed.value):
                        yield placed.breach(fault)
                except MissingData as gap:
                    yield placed.gap(gap)

        return check

    return over


each_institution: Final = each(lambda facts: (Placed((), "/institution", facts.institution),))
each_legal_rep: Final = each(lambda facts: (Placed((), "/institution/legal_rep", facts.legal_rep),))
each_licence: Final = each(lambda facts: (Placed((), "/licence", facts.licence),))
each_certificate: Final = each(lambda facts: (facts.primary_certificate,))
each_party: Final = each(lambda facts: (Placed((), "/party", facts.party),))
each_supervision: Final = each(lambda facts: (Placed((), "/funds/supervision", facts.supervision),))
each_contract: Final = each(lambda facts: (Placed((), "/funds/contract", facts.contract),))
each_fee_item: Final = each(lambda facts: facts.fee_items)
each_employed: Final = each(lambda facts: facts.employed)
each_instructor: Final = each(lambda facts: facts.teaching_and_research)
each_material: Final = each(lambda facts: facts.materials)
each_material_in_use: Final = each(lambda facts: facts.materials_in_use)
each_site: Final = each(lambda facts: facts.sites)
each_system: Final = each(lambda facts: facts.systems)
each_course: Final = each(lambda facts: facts.courses)
each_class: Final = each(lambda facts: facts.classes)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All versions of all rules, ordered by id and first day; those without a day stand last."""

    rules: tuple[RuleDefinition, ...]

    def __post_init__(self) -> None:
        for earlier, later in pairwise(self.rules):
            if earlier.head.id != later.head.id or later.head.effective_from is None:
                continue
            until = earlier.head.effective_to
            if until is None or until > later.head.effective_from:
                raise ValueError(f"two versions of {later.head.id} are in force on one day")

    @classmethod
    def of(cls, rules: Iterable[RuleDefinition]) -> Self:
        """The rules as they are written; a version has one text."""
        found = sorted(rules, key=lambda one: (one.head.id, one.head.version))
        for earlier, later in pairwise(found):
            if (earlier.head.id, earlier.head.version) == (later.head.id, later.head.version):
                raise ValueError(f"{later.head.id} has version {later.head.version} twice")
        return cls(tuple(sorted(found, key=_by_first_day)))

    def versions(self, rule_id: str) -> tuple[RuleDefinition, ...]:
        """Every version of a rule; none for an id that no rule has."""
        return tuple(one for one in self.rules if one.head.id == rule_id)

    def in_force(self, as_of: date) -> tuple[RuleDefinition, ...]:
        """The rules by which that day is judged, one version of each."""
        return tuple(one for one in self.rules if one.head.in_force(as_of))


def collect(modules: Iterable[ModuleType]) -> Catalogue:
    """The catalogue of the rules that stand in the modules."""
    found = [
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, RuleDefinition)
    ]
    return Catalogue.of(found)


def _by_first_day(one: RuleDefinition) -> tuple[str, date, int]:
    return one.head.id, one.head.effective_from or date.max, one.head.version


__all__ = [
    "Breach",
    "Catalogue",
    "Check",
    "RuleDefinition",
    "RuleHead",
    "Severity",
    "collect",
    "each",
    "rule",
]
