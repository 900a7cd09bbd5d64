"""How many institutions of which size lie where: the figures of domain.md §6, drawn with a seed.

Sizes come from quantile functions, drawn once in every N-th part of the scale, so that means hold
for small numbers too. One rank decides staff, materials and classes together: who has three hundred
people has many classes. Nothing here knows a table.
"""

import math
import random
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from bench.names import school_name, uscc_of
from otsp_contracts import regions

NATION = 240_000
COUNTIES = 2_844
"""County units of 2022; 240,000 institutions over them are 84 in the mean."""
COUNTY_SIGMA = 1.11
"""Of a log-normal county: p99 of 600 over the mean of 84."""
KINDS: Mapping[str, int] = {"subject": 124_263, "nonsubject": 109_900}
"""Offline and online subject institutions of 2021-07, non-subject ones of 2022-04."""
STATES: Mapping[str, float] = {"approved": 0.87, "open": 0.13}
"""Of the non-subject institutions of 2022-04 that had passed; the others wait for a decision."""
Quantiles = Sequence[tuple[float, float]]
STAFF: Quantiles = ((0, 5), (0.5, 6), (0.8, 8), (0.95, 14), (0.98, 29), (0.988, 300), (1, 330))
MATERIALS: Quantiles = ((0, 2), (0.5, 4), (0.8, 5), (0.95, 11), (0.98, 30), (0.988, 400), (1, 420))
CLASSES: Quantiles = (
    (0, 6),
    (0.5, 11.5),
    (0.8, 14.5),
    (0.95, 15),
    (0.98, 24),
    (0.988, 200),
    (1, 210),
)
"""Mean 12 and p99 300; mean 10 and p99 400; mean 15 and p99 200. A log-normal cannot have a p99 of
twenty-five times its mean: one in a hundred is very large, the others are smaller than the mean."""
FEE_ITEMS = (3, 9)
SITES = (1,) * 15 + (2,) * 4 + (3,)
"""Mean 1.3."""
TEACHERS_FIRST, PEOPLE, BOOKS, COURSES, LESSONS = 4, 12, 10, 8, 15
"""What a copy of the pattern has; bench/patterns.py enters one."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One institution. `county` is the position of its county among the nation's."""

    number: int
    kind: str
    state: str
    county: int
    region_code: str
    name: str
    uscc: str
    staff: int
    materials: int
    courses: int
    classes: int
    fee_items: int
    sites: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """`counties` are codes with weights; without any, as many as keep the nation's density."""

    institutions: int
    seed: int = 1
    counties: Mapping[str, float] | None = None

    def county_weights(self) -> Mapping[str, float]:
        if self.counties is not None:
            return self.counties
        drawn = random.Random(f"counties {self.seed}")  # noqa: S311 - the same nation for a seed
        count = min(max(round(self.institutions * COUNTIES / NATION), 1), COUNTIES)
        codes = drawn.sample(_all_counties(), count)
        return {code: drawn.lognormvariate(0, COUNTY_SIGMA) for code in codes}

    def __iter__(self) -> Iterator[Drawn]:
        drawn = random.Random(f"institutions {self.seed}")  # noqa: S311
        weights = self.county_weights()
        counties = drawn.choices(
            range(len(weights)), weights=list(weights.values()), k=self.institutions
        )
        kinds = _shared_out(drawn, self.institutions, KINDS)
        states = _shared_out(drawn, self.institutions, STATES)
        codes = list(weights)
        for number, rank in enumerate(_ranks(drawn, self.institutions)):
            staff, materials, courses, classes = sizes_at(rank)
            code = codes[counties[number]]
            yield Drawn(
                number=number,
                kind=kinds[number],
                state=states[number],
                county=counties[number],
                region_code=code,
                name=school_name(number, code),
                uscc=uscc_of(number, code),
                staff=staff,
                materials=materials,
                courses=courses,
                classes=classes,
                fee_items=drawn.randint(*FEE_ITEMS),
                sites=drawn.choice(SITES),
            )


def sizes_at(rank: float) -> tuple[int, int, int, int]:
    """Staff, materials, courses, classes of an institution larger than that part of all.

    A class needs its course and its teacher, a course its materials, all in the same copy of the
    pattern: two classes a course, four teachers and two materials a copy. With these quantiles
    there are enough at every rank.
    """
    staff, materials, classes = (
        round(quantile(points, rank)) for points in (STAFF, MATERIALS, CLASSES)
    )
    whole, rest = divmod(classes, LESSONS)
    return staff, materials, whole * COURSES + math.ceil(rest / 2), classes


def quantile(points: Quantiles, rank: float) -> float:
    """Between two points in equal ratios."""
    place = min(bisect_right([at for at, _ in points], rank), len(points) - 1)
    (before, low), (after, high) = points[place - 1], points[place]
    return low * math.pow(high / low, (rank - before) / (after - before))


def _ranks(drawn: random.Random, count: int) -> Iterator[float]:
    parts = list(range(count))
    drawn.shuffle(parts)
    return ((part + drawn.random()) / count for part in parts)


def _shared_out(drawn: random.Random, count: int, shares: Mapping[str, float]) -> list[str]:
    """As many of each as it has a share, in any order."""
    whole, told, reached = sum(shares.values()), list[str](), 0.0
    for name, share in shares.items():
        reached += share
        told += [name] * (round(count * reached / whole) - len(told))
    drawn.shuffle(told)
    return told


@cache
def _all_counties() -> list[str]:
    cities = [city for province in regions.children() for city in regions.children(province.code)]
    below = [county for city in cities for county in regions.children(city.code)]
    return sorted({each.code for each in (*cities, *below) if regions.is_lowest(each.code)})


@dataclass(frozen=True, slots=True)
class Filers(Distribution):
    """Institutions of one size that have not filed: those that a measurement submits."""

    first: int = 0

    def __iter__(self) -> Iterator[Drawn]:
        [code] = self.county_weights()
        for number in range(self.first, self.first + self.institutions):
            yield Drawn(
                number=number, kind="subject", state="ready", county=0, region_code=code,
                name=school_name(number, code), uscc=uscc_of(number, code), staff=PEOPLE,
                materials=BOOKS, courses=COURSES, classes=LESSONS, fee_items=1, sites=1,
            )  # fmt: skip
