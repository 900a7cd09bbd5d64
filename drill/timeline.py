"""The drill as a picture: one self-contained page, no scripts. Load above, faults below."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

Line = Mapping[str, Any]
LEFT, WIDTH, LANE, CHART = 170, 1100, 18, 110
TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
COLOURS = {
    "kill": "#b3261e", "quit": "#8c1d18", "pause": "#b26a00", "reset": "#5e35b1",
    "half_close": "#7b1fa2", "black_hole": "#303f9f", "latency": "#0277bd",
    "clock": "#00695c", "disk_full": "#4e342e", "poison": "#558b2f",
}  # fmt: skip
OTHER = "#455a64"
STYLE = """
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color: #1c1b1f; background: #fff }
table { border-collapse: collapse } td, th { padding: .15rem .8rem .15rem 0; text-align: left }
svg text { font: 11px system-ui, sans-serif; fill: #1c1b1f } .good { color: #1b5e20 }
.bad { color: #b3261e; font-weight: 600 } code { white-space: pre-wrap }
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One fault: on whom, which, from when to when."""

    target: str
    do: str
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Scale:
    """Seconds to pixels."""

    seconds: float

    def x(self, at: float) -> float:
        return round(LEFT + at / self.seconds * WIDTH, 1)


def write(journal: Path, report: Mapping[str, Any], file: Path) -> None:
    lines = [json.loads(each) for each in journal.read_text(encoding="utf-8").splitlines()]
    file.write_text(_page(lines, report), encoding="utf-8")


def _page(lines: Sequence[Line], report: Mapping[str, Any]) -> str:
    scale = Scale(max(float(lines[-1]["t"]), 1.0))
    bars = list(_bars(lines, scale.seconds))
    lanes = sorted({bar.target for bar in bars})
    height = CHART * 2 + LANE * len(lanes) + 60
    drawing = [
        *axis(scale, height),
        *_rates(lines, scale),
        *_lanes(lanes, bars, scale),
    ]
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Drill</title>"
        f"<style>{STYLE}</style><h1>Drill {report.get('seed', '')}</h1>{_verdict(report)}"
        f'<svg role="img" aria-label="Load and faults over time" width="{LEFT + WIDTH + 40}"'
        f' height="{height}">{"".join(drawing)}</svg>{_legend(bars)}{_findings(report)}</html>\n'
    )


def _bars(lines: Iterable[Line], end: float) -> Iterator[Bar]:
    """A fault that was not undone lasts to the end."""
    begun: dict[tuple[str, str], list[float]] = {}
    for line in lines:
        if line["event"] == "fault":
            begun.setdefault((line["target"], line["do"]), []).append(line["t"])
        elif line["event"] == "fault_over":
            since = begun[line["target"], line["do"]].pop(0)
            yield Bar(line["target"], line["do"], since, line["t"])
    for (target, do), left in begun.items():
        yield from (Bar(target, do, since, end) for since in left)


def axis(scale: Scale, height: int) -> Iterator[str]:
    tick = next((each for each in TICKS if scale.seconds / each <= 14), TICKS[-1])
    for number in range(int(scale.seconds / tick) + 1):
        x = scale.x(number * tick)
        yield f'<line x1="{x}" x2="{x}" y1="0" y2="{height - 20}" stroke="#e0e0e0"/>'
        yield f'<text x="{x}" y="{height - 6}" text-anchor="middle">{number * tick} s</text>'


def _rates(lines: Sequence[Line], scale: Scale) -> Iterator[str]:
    """Two charts of bars a second: submissions acknowledged, attempts that were not answered."""
    filings = {
        line["key"] for line in lines if line["event"] == "intended" and line["do"] == "file"
    }
    acknowledged = Counter(
        int(line["t"])
        for line in lines
        if line["event"] == "answered" and line["status"] == 202 and line["key"] in filings
    )
    unknown = Counter(int(line["t"]) for line in lines if line["event"] == "unknown")
    yield from _chart("submissions acknowledged", acknowledged, scale, top=0)
    yield from _chart("attempts not answered", unknown, scale, top=CHART)


def _chart(name: str, counts: Mapping[int, int], scale: Scale, *, top: int) -> Iterator[str]:
    most = max(counts.values(), default=1)
    base, colour = top + CHART - 10, "#1b5e20" if top == 0 else "#b3261e"
    yield f'<text x="4" y="{top + 24}">{name}</text>'
    yield f'<text x="4" y="{top + 40}">a second, at most {most}</text>'
    yield f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{base}" y2="{base}" stroke="#9e9e9e"/>'
    width = max(WIDTH / scale.seconds - 0.3, 0.7)
    for second, count in sorted(counts.items()):
        tall = count / most * (CHART - 26)
        yield (
            f'<rect x="{scale.x(second)}" y="{base - tall:.1f}" width="{width:.1f}"'
            f' height="{tall:.1f}" fill="{colour}"/>'
        )


def _lanes(lanes: Sequence[str], bars: Iterable[Bar], scale: Scale) -> Iterator[str]:
    top = CHART * 2 + 14
    for number, target in enumerate(lanes):
        y = top + LANE * number
        yield f'<text x="4" y="{y + 12}">{escape(target)}</text>'
        yield f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y + 16}" y2="{y + 16}" stroke="#eee"/>'
    for bar in bars:
        y = top + LANE * lanes.index(bar.target) + 2
        wide = max(scale.x(bar.until) - scale.x(bar.since), 3)
        told = f"{bar.do} {bar.target}, {bar.since:.1f} to {bar.until:.1f} s"
        yield (
            f'<rect x="{scale.x(bar.since)}" y="{y}" width="{wide:.1f}" height="{LANE - 6}"'
            f' fill="{COLOURS.get(bar.do, OTHER)}"><title>{escape(told)}</title></rect>'
        )


def _verdict(report: Mapping[str, Any]) -> str:
    word = "nothing was lost" if report["is_well"] else "something is wrong"
    names = ("attempted", "acknowledged", "unknown", "recovered", "refused", "lost", "duplicated",
             "stuck", "mismatched", "out_of_order", "kills", "faults")  # fmt: skip
    head = "".join(f"<th>{name}" for name in names)
    row = "".join(f"<td>{report[name]}" for name in names)
    kind = "good" if report["is_well"] else "bad"
    return f'<p class="{kind}">{word}<table><tr>{head}<tr>{row}</table>'


def _legend(bars: Iterable[Bar]) -> str:
    kinds = sorted({bar.do for bar in bars})
    return "<p>" + " ".join(
        f'<span style="color:{COLOURS.get(kind, OTHER)}">■</span> {escape(kind)}' for kind in kinds
    )


def _findings(report: Mapping[str, Any]) -> str:
    told = [f"{each['kind']} ({each['invariant']}): {each['what']}" for each in report["findings"]]
    return "" if not told else "<h2>Findings</h2><code>" + escape("\n".join(told)) + "</code>"
