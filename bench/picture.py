"""`./dev bench picture RESULTS.json PICTURE.svg`: the growth curves of P12's JSON line.

An SVG of our own, without a library: a few lines and words, legible on light and on dark pages.
Every kind stands as its time over its time among the fewest, so that flat means: does not grow.
"""

import argparse
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 60, 620, 50, 360
ROOM = 18
"""Least distance of two words at the right edge."""
HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#6a6ad0")
_FIGURE = re.compile(r"(\w+) among ([\d,]+), ms")
_STYLE = """
text { font: 13px sans-serif; fill: #222 } .axis { stroke: #888 } .goal { stroke: #888 }
.paper { fill: #fff } line, polyline { fill: none; stroke-width: 2 } .goal { stroke-dasharray: 6 5 }
@media (prefers-color-scheme: dark) { text { fill: #eee } .paper { fill: #1c1c1e } }
"""
Curve = Sequence[tuple[int, float]]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench picture", description=__doc__)
    parser.add_argument("results", type=Path, help="what `./dev bench P12 --json` printed")
    parser.add_argument("picture", type=Path)
    chosen = parser.parse_args(arguments)
    lines = chosen.results.read_text(encoding="utf-8").splitlines()
    told = next(each for each in map(json.loads, lines) if each["id"] == "P12")
    chosen.picture.parent.mkdir(parents=True, exist_ok=True)
    chosen.picture.write_text(drawn(curves_of(told["figures"]), told["goal"]), encoding="utf-8")
    return 0


def curves_of(figures: Mapping[str, float]) -> dict[str, Curve]:
    """Of each kind, how many institutions and how many times as long as among the fewest."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for name, value in figures.items():
        if told := _FIGURE.fullmatch(name):
            found[told[1]][int(told[2].replace(",", ""))] = value
    return {
        kind: [(size, times[size] / times[min(times)]) for size in sorted(times)]
        for kind, times in found.items()
    }


def drawn(curves: Mapping[str, Curve], goal: float) -> str:
    """The whole file."""
    sizes = sorted({size for curve in curves.values() for size, _ in curve})
    most = max(goal, *(ratio for curve in curves.values() for _, ratio in curve)) * 1.1
    told = "".join(_parts(curves, sizes=sizes, most=most, goal=goal))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n'
        f"<title>Time of a request by the number of institutions</title>\n"
        f"<style>{_STYLE}</style>\n"
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>\n{told}</svg>\n'
    )


def _parts(
    curves: Mapping[str, Curve], *, sizes: Sequence[int], most: float, goal: float
) -> Iterator[str]:
    def across(size: int) -> float:
        whole = math.log(sizes[-1] / sizes[0]) or 1
        return LEFT + (RIGHT - LEFT) * math.log(size / sizes[0]) / whole

    def down(ratio: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * ratio / most

    yield _word(LEFT, 28, "Time over the time among the fewest institutions (P12)")
    yield _line("axis", (LEFT, BOTTOM, RIGHT, BOTTOM))
    yield _line("axis", (LEFT, TOP, LEFT, BOTTOM))
    yield _line("goal", (LEFT, down(goal), RIGHT, down(goal)))
    yield _word(LEFT + 6, down(goal) - 6, f"goal: at most {goal:g}")
    for tick in range(int(most * 2) + 1):
        yield _word(LEFT - 10, down(tick / 2) + 4, f"{tick / 2:g}", anchor="end")
    for size in sizes:
        yield _word(across(size), BOTTOM + 22, f"{size:,}", anchor="middle")
    yield _word((LEFT + RIGHT) / 2, HEIGHT - 14, "institutions", anchor="middle")
    order = sorted(enumerate(curves.items()), key=lambda each: -each[1][1][-1][1])
    at = apart([down(curve[-1][1]) + 4 for _, (_, curve) in order], lowest=BOTTOM - 4)
    for (place, (kind, curve)), beside in zip(order, at, strict=True):
        points = " ".join(f"{across(size):.1f},{down(ratio):.1f}" for size, ratio in curve)
        yield f'<polyline points="{points}" stroke="{HUES[place % len(HUES)]}"/>\n'
        yield _word(RIGHT + 12, beside, f"{kind} {curve[-1][1]:.2f}", hue=HUES[place % len(HUES)])


def apart(wanted: Sequence[float], *, lowest: float) -> list[float]:
    """Heights near those wanted, from the top down, with room between them and above the axis."""
    found = list(accumulate(wanted, lambda above, here: max(here, above + ROOM)))
    ceiling = lowest
    for place in reversed(range(len(found))):
        found[place] = min(found[place], ceiling)
        ceiling = found[place] - ROOM
    return found


def _word(
    across: float, down: float, text: str, *, anchor: str = "start", hue: str | None = None
) -> str:
    mark = f'<tspan style="fill: {hue}">■ </tspan>' if hue else ""
    return f'<text x="{across:.1f}" y="{down:.1f}" text-anchor="{anchor}">{mark}{text}</text>\n'


def _line(name: str, ends: tuple[float, float, float, float]) -> str:
    x1, y1, x2, y2 = ends
    return f'<line class="{name}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>\n'
