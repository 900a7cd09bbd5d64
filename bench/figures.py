"""A measured figure: ours over a floor, the goal, whether it is met."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from otsp_local.console import say

_MOST, _LEAST = "_goal", "_least"
"""What a part's limit is called in `figures`: not to be exceeded, or to be reached."""


@dataclass(frozen=True, slots=True)
class Part:
    """One side of a goal: a measured value that must not exceed its limit, or must reach it."""

    name: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


@dataclass(frozen=True, slots=True)
class Figure:
    """What is printed. `ratio` and `goal` are the first part's; `met` speaks for all parts."""

    id: str
    ratio: float
    goal: float
    met: bool
    figures: dict[str, float]

    @classmethod
    def of(cls, figure_id: str, parts: Sequence[Part], seen: Mapping[str, float]) -> "Figure":
        """`seen` are the absolute figures behind the ratios; they only show what was there."""
        told = dict(seen)
        for part in parts:
            told[part.name] = part.value
            told[f"{part.name}{_LEAST if part.at_least else _MOST}"] = part.limit
        return cls(
            id=figure_id,
            ratio=round(parts[0].value, 3),
            goal=parts[0].limit,
            met=all(part.is_met for part in parts),
            figures={name: round(value, 4) for name, value in told.items()},
        )


def print_json(figure: Figure) -> None:
    print(json.dumps(asdict(figure)), flush=True)


def print_table(figure: Figure) -> None:
    verdict = "met" if figure.met else "MISSED"
    print(f"{figure.id:<4} {figure.ratio:>7.3f}  goal {figure.goal:<6g} {verdict}", flush=True)
    for name, value in figure.figures.items():
        if not name.endswith((_MOST, _LEAST)):
            print(f"       {name:<34} {value:>10.4f}{_goal_of(figure, name)}", flush=True)


def _goal_of(figure: Figure, name: str) -> str:
    for suffix, sign in ((_MOST, "≤"), (_LEAST, "≥")):
        if f"{name}{suffix}" in figure.figures:
            return f"   (goal {sign} {figure.figures[name + suffix]:g})"
    return ""


def tell_spread(name: str, values: Sequence[float]) -> None:
    """On stderr: what lies behind a median."""
    say(f"  {name:<28} {min(values):9.4f} … {max(values):9.4f}  ({len(values)} runs)")
