"""What a figure is: sums that add up over institutions, and what is worked out of sums."""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What is counted. PERSONS are suppressed where they are few."""

    COUNT = "count"
    PERSONS = "persons"
    FEN = "fen"
    CENTI_M2 = "centi_m2"
    BASIS_POINTS = "bp"
    DAYS = "days"


class Dimension(StrEnum):
    """By what a figure is split. RULE and AUTHORITY belong to one figure each."""

    REGION = "region"
    CATEGORY = "category"
    DELIVERY = "delivery"
    NONSUBJECT_TYPE = "nonsubject_type"
    STAGE = "stage"
    NATURE = "nature"
    MONTH = "month"
    RULE = "rule"
    AUTHORITY = "authority"


OF_INSTITUTIONS = frozenset(Dimension) - {Dimension.RULE, Dimension.AUTHORITY}


@dataclass(frozen=True, slots=True)
class Sum:
    """A number that adds up: over institutions, hence over regions."""

    name: str
    label_zh: str
    unit: Unit = Unit.COUNT


@dataclass(frozen=True, slots=True)
class Rate:
    """A part of a whole in basis points; of nothing there is none. `is_reduction`: what is gone."""

    name: str
    label_zh: str
    part: str
    whole: str
    is_reduction: bool = False

    @property
    def unit(self) -> Unit:
        return Unit.BASIS_POINTS


@dataclass(frozen=True, slots=True)
class Median:
    """Of days that took something: the lower one of two in the middle."""

    name: str
    label_zh: str

    @property
    def unit(self) -> Unit:
        return Unit.DAYS


Measure = Sum | Rate | Median


@dataclass(frozen=True, slots=True)
class Figure:
    """`number` is that of §5.1; `definition_zh` and `source_zh` are what its readers are told."""

    number: int
    name: str
    name_zh: str
    definition_zh: str
    source_zh: str
    sums: tuple[Sum, ...]
    rates: tuple[Rate, ...] = ()
    median: Median | None = None
    dimensions: frozenset[Dimension] = OF_INSTITUTIONS

    @property
    def measures(self) -> tuple[Measure, ...]:
        """In the order in which they are told."""
        return (*self.sums, *self.rates, *([self.median] if self.median else []))
