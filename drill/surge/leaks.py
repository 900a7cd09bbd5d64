"""Whether what a process holds grows with what it does: the rule by which a soak is judged.

The slope is Theil and Sen's, the median of the slopes between all pairs of points: an outlier or a
step does not move it. Found is what grows faster than its tolerance even by the lower end of the
slope's 95 % interval, and by more in all than chance gives. What a process held a moment ago it
mostly holds still, so that a count which only wanders looks like so many points that agree: the
interval is widened by what neighbours have in common (Hamed and Rao 1998). The first part, in which
pools open and caches fill, is not looked at.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import median
from typing import Any

Sample = Mapping[str, Any]
WARM_UP = 1 / 3
POINTS = 120
"""A longer series is told by medians of so many stretches."""
FEWEST = 4
"""Of so few, all slopes between them must be beyond the tolerance."""
_Z = 1.96
_FEWEST_LAGGED = 20
"""Points below which chance alone makes neighbours alike."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What may grow: so much a thousand submissions, or so little in all."""

    a_thousand: float
    in_all: float


@dataclass(frozen=True, slots=True)
class Rule:
    """Of one measure. `exceptions` are by the name of the process."""

    unit: str
    tolerance: Tolerance
    exceptions: Mapping[str, Tolerance]

    def of(self, name: str) -> Tolerance:
        return self.exceptions.get(name, self.tolerance)


FILLING = Tolerance(100_000, 100_000)
"""PostgreSQL: each backend keeps the catalogue and up to a hundred plans, and fills that up."""
UNROLLED = Tolerance(200_000, 550_000)
"""RabbitMQ keeps in memory what its write-ahead log holds, which is rolled at 512 MB."""
OPENING = Tolerance(500, 500)
"""PostgreSQL: each backend opens the files of a table when it first reads it."""
FEW = Tolerance(1, 3)
RULES: dict[str, Rule] = {
    "memory": Rule("kB", Tolerance(6_000, 8_000), {"postgres": FILLING, "rabbitmq": UNROLLED}),
    "threads": Rule("threads", FEW, {}),
    "handles": Rule("handles", FEW, {"postgres": OPENING}),
    "connections": Rule("connections", FEW, {}),
    "pool": Rule("connections lent out", FEW, {}),
    "broker": Rule("connections or channels", FEW, {}),
}


@dataclass(frozen=True, slots=True)
class Slope:
    """A second."""

    middle: float
    lower: float


@dataclass(frozen=True, slots=True)
class Leak:
    """What grows, whose, how fast a submission and by how much over what was looked at."""

    measure: str
    name: str
    a_submission: float
    in_all: float

    def __str__(self) -> str:
        unit = RULES[self.measure].unit
        return (
            f"{self.measure} of {self.name}: {self.a_submission:+.3g} {unit} a submission,"
            f" {self.in_all:+.0f} after the warm-up"
        )


Series = Sequence[tuple[float, float]]


def find(samples: Sequence[Sample], *, rate: float, until: float) -> list[Leak]:
    """`rate`: submissions a second; `until`: when the load was over, after which nothing counts."""
    loaded = [each for each in samples if each["t"] <= until]
    found = []
    for (measure, name), series in sorted(series_of(loaded).items()):
        leak = judge(measure, name, series, rate=rate)
        if leak is not None:
            found.append(leak)
    return found


def blind_seconds(samples: Sequence[Sample], *, until: float) -> float:
    """For how long at most nothing was looked at: what was not seen did not grow either."""
    moments: list[float] = [each["t"] for each in samples if each["t"] <= until]
    if not moments:
        return until
    return max(after - before for before, after in pairwise([*moments, until]))


def judge(measure: str, name: str, series: Series, *, rate: float) -> Leak | None:
    warm = _after_warm_up(series)
    if len(warm) < FEWEST:
        return None
    slope = slope_of(_thinned(warm))
    tolerance = RULES[measure].of(name)
    in_all = slope.middle * (warm[-1][0] - warm[0][0])
    if slope.lower / rate * 1000 <= tolerance.a_thousand or in_all <= tolerance.in_all:
        return None
    return Leak(measure, name, slope.middle / rate, in_all)


def slope_of(series: Series) -> Slope:
    """Theil and Sen's, with Kendall's interval, widened by what neighbours have in common."""
    slopes = sorted(
        (after - before) / (later - earlier)
        for (earlier, before), (later, after) in combinations(series, 2)
        if later > earlier
    )
    count, middle = len(series), median(slopes)
    spread = count * (count - 1) * (2 * count + 5) / 18
    width = _Z * math.sqrt(spread * _repetition([v - middle * t for t, v in series]))
    lower = max(int((len(slopes) - width) / 2), 0)
    return Slope(middle, slopes[lower])


def _repetition(values: Sequence[float]) -> float:
    """By how much Kendall's variance is larger than of points that know nothing of each other;
    1 for those. Of the values' ranks, with the lags that are beyond chance.
    """
    count = len(values)
    ranks = _ranks(values)
    mean = sum(ranks) / count
    apart = [rank - mean for rank in ranks]
    whole = sum(each * each for each in apart)
    if whole == 0 or count < _FEWEST_LAGGED:
        return 1
    common = 0.0
    for lag in range(1, count // 4):
        alike = sum(a * b for a, b in zip(apart, apart[lag:], strict=False)) / whole
        if abs(alike) > _Z / math.sqrt(count):
            common += (count - lag) * (count - lag - 1) * (count - lag - 2) * alike
    return max(1 + 2 / (count * (count - 1) * (count - 2)) * common, 1)


def _ranks(values: Sequence[float]) -> list[float]:
    """Equal ones share the middle of theirs."""
    places: dict[float, list[int]] = {}
    for place, value in enumerate(sorted(values)):
        places.setdefault(value, []).append(place)
    return [(places[value][0] + places[value][-1]) / 2 for value in values]


def series_of(samples: Iterable[Sample]) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """By measure and name; a sample that lacks something is no point of its series."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for sample in samples:
        for measure, name, value in _figures(sample):
            found.setdefault((measure, name), []).append((sample["t"], value))
    return found


def _figures(sample: Sample) -> Iterator[tuple[str, str, float]]:
    for name, held in sample["processes"].items():
        yield "memory", name, held["own_kb"]
        yield "threads", name, held["threads"]
        yield "handles", name, held["handles"]
    for measure, key in (("connections", "connections"), ("pool", "pools"), ("broker", "broker")):
        for name, count in sample.get(key, {}).items():
            yield measure, name, count


def _after_warm_up(series: Series) -> Series:
    if not series:
        return series
    begun, ended = series[0][0], series[-1][0]
    return [each for each in series if each[0] >= begun + (ended - begun) * WARM_UP]


def _thinned(series: Series) -> Series:
    if len(series) <= POINTS:
        return series
    size = math.ceil(len(series) / POINTS)
    stretches = [series[first : first + size] for first in range(0, len(series), size)]
    return [(median(t for t, _ in each), median(v for _, v in each)) for each in stretches]
