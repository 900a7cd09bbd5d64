"""A surge or a soak as a picture: what waits and what is held over time, one page, no scripts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from drill.surge.leaks import RULES, series_of
from drill.surge.outcome import waiting
from drill.timeline import LEFT, STYLE, WIDTH, Scale, axis

Series = Sequence[tuple[float, float]]
Lines = dict[str, Series]
CHART = 90
COLOURS = ("#1b5e20", "#b3261e", "#0277bd", "#5e35b1", "#b26a00", "#00695c", "#4e342e", "#303f9f")
ACCEPTED, SUBMITTED, DECIDED = "accepted", "submitted", "decided"


def write(
    told: Mapping[str, Any],
    samples: Sequence[Mapping[str, Any]],
    *,
    moments: Mapping[str, Iterable[float]],
    file: Path,
) -> None:
    """`moments`: by what happened, in seconds since the journal was begun."""
    charts = list(_charts(moments, samples))
    last = max([1.0, *(t for _, lines in charts for series in lines.values() for t, _ in series)])
    scale, height = Scale(last), CHART * len(charts) + 40
    drawing = [*axis(scale, height)]
    for number, (title, lines) in enumerate(charts):
        drawing += _chart(title, lines, scale, top=CHART * number)
    svg = (
        f'<svg role="img" aria-label="Load, backlog and holdings over time"'
        f' width="{LEFT + WIDTH + 40}" height="{height}">{"".join(drawing)}</svg>'
    )
    name = str(told["what"])
    kind = "good" if told["is_well"] else "bad"
    text = escape(f"{told['text']}")
    file.write_text(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{name}</title>"
        f'<style>{STYLE}</style><h1>{name}</h1><p class="{kind}"><code>{text}</code></p>'
        f"{svg}</html>\n",
        encoding="utf-8",
    )


def _charts(
    moments: Mapping[str, Iterable[float]], samples: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, Lines]]:
    yield "a second, over 10 s", {name: _rate(each) for name, each in moments.items()}
    yield (
        "what waits",
        {
            name: [(each["t"], waiting(each)[name]) for each in samples]
            for name in ("outbox", "inbox", "queues", "gathering", "open")
        },
    )
    yield (
        "oldest in an outbox, s",
        {"age": [(each["t"], waiting(each)["outbox_age_s"]) for each in samples]},
    )
    found = series_of(samples)
    for measure, rule in RULES.items():
        lines: Lines = {name: series for (of, name), series in found.items() if of == measure}
        yield f"{measure}, {rule.unit}", lines


def _rate(moments: Iterable[float]) -> Series:
    counts: dict[int, int] = {}
    for moment in moments:
        counts[int(moment // 10)] = counts.get(int(moment // 10), 0) + 1
    if not counts:
        return []
    return [(slot * 10 + 5, counts.get(slot, 0) / 10) for slot in range(max(counts) + 1)]


def _chart(title: str, lines: Mapping[str, Series], scale: Scale, *, top: int) -> Iterator[str]:
    most = max([value for series in lines.values() for _, value in series], default=0) or 1
    base = top + CHART - 8
    yield f'<text x="4" y="{top + 24}">{escape(title)}</text>'
    yield f'<text x="4" y="{top + 40}">at most {most:,.4g}</text>'
    yield f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{base}" y2="{base}" stroke="#9e9e9e"/>'
    for number, (name, series) in enumerate(lines.items()):
        points = " ".join(
            f"{scale.x(t)},{base - value / most * (CHART - 26):.1f}" for t, value in series
        )
        last = f"{series[-1][1]:,.4g}" if series else ""
        yield (
            f'<polyline points="{points}" fill="none" stroke="{COLOURS[number % len(COLOURS)]}">'
            f"<title>{escape(name)}, in the end {last}</title></polyline>"
        )
