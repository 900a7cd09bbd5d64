"""Rates, medians and suppressed cells of counted sums; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from otsp_compliance.rules.statistics.figures import Figure, Rate, Sum, Unit

_WHOLE = 10_000
_FEW = 2
"""Up to so many persons a cell might tell of somebody."""

Value = int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of a figure: its sums by name, and how often something took how many days."""

    key: str
    sums: Mapping[str, Value]
    days: Mapping[int, int]

    def values(self, figure: Figure) -> list[Value]:
        """As its measures are told, in their order; None where there is none or it is hidden."""
        rates = (rate_of(rate, self.sums) for rate in figure.rates)
        median = [median_of(self.days)] if figure.median else []
        return [*(self.sums[each.name] for each in figure.sums), *rates, *median]


def rate_of(rate: Rate, sums: Mapping[str, Value]) -> Value:
    """Rounded half up; none of nothing, nor of what is hidden."""
    part, whole = sums[rate.part], sums[rate.whole]
    if part is None or not whole:
        return None
    share = (2 * part * _WHOLE + whole) // (2 * whole)
    return _WHOLE - share if rate.is_reduction else share


def median_of(days: Mapping[int, int]) -> Value:
    """The lower one of two in the middle."""
    middle = (sum(days.values()) + 1) // 2
    seen = 0
    for day in sorted(days):
        seen += days[day]
        if seen >= middle > 0:
            return day
    return None


def suppress(figure: Figure, cells: Sequence[Cell], total: Cell) -> tuple[list[Cell], Cell]:
    """For whoever is outside the jurisdiction: no cell of one or two persons is told.

    Where one is hidden the total is too, or it would be what the others leave of it.
    """
    hidden = {
        each.name: [index for index, cell in enumerate((*cells, total)) if _is_few(cell, each)]
        for each in figure.sums
        if each.unit is Unit.PERSONS
    }
    veiled = [
        _without(cell, [name for name, at in hidden.items() if index in at])
        for index, cell in enumerate(cells)
    ]
    return veiled, _without(total, [name for name, at in hidden.items() if at])


def _is_few(cell: Cell, each: Sum) -> bool:
    value = cell.sums[each.name]
    return value is not None and 0 < value <= _FEW


def _without(cell: Cell, names: Sequence[str]) -> Cell:
    return replace(cell, sums={**cell.sums, **dict.fromkeys(names)})
