"""Promises as error budgets: recorded ratios, and alerts on how fast a budget burns.

Two windows each (Site Reliability Workbook, chapter 5): the long one says that it matters, the
short one that it goes on. Few events make wild ratios: below the guard a ratio alerts nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from otsp_local.monitoring.model import Alert, Group, Place, Recorded, Severity

WINDOWS = ("5m", "30m", "1h", "6h", "3d")
DAYS = 30
FAST = ((14.4, "1h", "5m"), (6.0, "6h", "30m"))
"""2 % of a month's budget in an hour, or 5 % in six."""
SLOW = ((1.0, "3d", "6h"),)
"""10 % in three days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """`bad` is the share of bad events over `{window}`; `guard` holds where there were enough."""

    name: str
    told: str
    objective: float
    bad: str
    by: tuple[str, ...]
    guard: str | None
    fast: Severity
    panel: str
    where: str

    @property
    def budget(self) -> float:
        return round(1 - self.objective, 6)

    def ratio(self, window: str) -> str:
        return f"otsp:{self.name.lower()}_bad:ratio_{window}"


def group_of(promise: Promise) -> Group:
    """Its recorded ratios, the share of the month's budget that is left, and its two alerts."""
    # Of nothing the ratio is NaN, which no comparison lets through.
    recorded = [
        Recorded(promise.ratio(window), f"({promise.bad.replace('{window}', window)}) > -1")
        for window in WINDOWS
    ]
    month = f"avg_over_time({promise.ratio('30m')}[{DAYS}d])"
    left = f"1 - {month} / {promise.budget:g}"
    recorded.append(Recorded(f"otsp:{promise.name.lower()}_budget_left:ratio_{DAYS}d", left))
    return Group(f"otsp-promise-{promise.name.lower()}", [*recorded, *_alerts(promise)])


def _alerts(promise: Promise) -> Iterator[Alert]:
    of = f" of {{{{ $labels.{promise.by[0]} }}}}" if promise.by else ""
    yield _alert(promise, "Fast", FAST, summary=f"{promise.told}{of}: the budget goes in days")
    yield _alert(promise, "Slow", SLOW, summary=f"{promise.told}{of}: the budget will not last")


def _alert(
    promise: Promise, pace: str, pairs: tuple[tuple[float, str, str], ...], *, summary: str
) -> Alert:
    def burns(factor: float, long: str, short: str) -> str:
        limit = f"{factor:g} * {promise.budget:g}"
        both = f"{promise.ratio(long)} > {limit} and {promise.ratio(short)} > {limit}"
        return f"({both})"

    told = " or ".join(burns(*pair) for pair in pairs)
    guarded = f"({told}) and {promise.guard}" if promise.guard else told
    return Alert(
        name=f"{promise.name}Burn{pace}",
        severity=promise.fast if pace == "Fast" else "ticket",
        expr=guarded,
        wait="2m" if pace == "Fast" else "1h",
        summary=summary,
        description=(
            f"Promised are {promise.objective * 100:g} % in {DAYS} days; "
            f"now {{{{ $value | humanizePercentage }}}} go wrong."
        ),
        place=Place(promise.where, promise.panel),
    )
