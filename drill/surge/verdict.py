"""The judgement of one surge or soak, told as text, as JSON and as a page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drill.checker.found import Report
from drill.surge import calm, leaks, page
from drill.surge.calm import LoudLine
from drill.surge.hold import Held, begun_at
from drill.surge.leaks import Leak
from drill.surge.outcome import Outcome
from drill.topology import TARGETS

SURGE, SOAK = "surge", "soak"
SHOWN = 20
MOST_BLIND_SECONDS = 60.0
"""Twelve samples that were not taken: the sampler has ended, or the machine had no time for it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A surge is judged by rate and checker, a soak by what grew and what was written too."""

    what: str
    outcome: Outcome
    report: Report
    leaks: Sequence[Leak]
    loud: Sequence[LoudLine]
    ended: Sequence[str]
    """Processes that were not there in every sample."""
    blind_s: float
    """The longest time without a sample."""
    load: tuple[float, float]

    @classmethod
    def of(cls, what: str, held: Held, folder: Path) -> "Verdict":
        outcome = held.outcome
        return cls(
            what=what,
            outcome=outcome,
            report=held.report,
            leaks=leaks.find(held.samples, rate=outcome.filed_rate, until=held.loaded_until),
            ended=_ended(held.samples),
            blind_s=leaks.blind_seconds(held.samples, until=held.loaded_until),
            loud=calm.search(folder / "logs"),
            load=held.load,
        )

    @property
    def is_held(self) -> bool:
        return not self.outcome.faults and self.report.is_well and not self.ended

    @property
    def is_well(self) -> bool:
        is_quiet = not self.leaks and not self.loud and self.blind_s <= MOST_BLIND_SECONDS
        return self.is_held and (self.what == SURGE or is_quiet)

    def as_dict(self) -> dict[str, Any]:
        return {
            "what": self.what, "is_well": self.is_well, **self.outcome.as_dict(),
            "checker": self.report.as_dict(), "growing": [str(each) for each in self.leaks],
            "warnings": [str(each) for each in self.loud], "ended": list(self.ended),
            "blind_s": round(self.blind_s, 1), "load_average": self.load,
        }  # fmt: skip

    def __str__(self) -> str:
        told = [str(self.outcome), str(self.report)]
        told += [f"  {each.kind} ({each.invariant}): {each.what}" for each in self.report.findings]
        told += [f"  {name} ended by itself" for name in self.ended]
        if self.blind_s > MOST_BLIND_SECONDS:
            told.append(f"  nothing was sampled for {self.blind_s:.0f} s")
        told.append(f"growing {len(self.leaks)} warnings {len(self.loud)}")
        told += [f"  {each}" for each in self.leaks[:SHOWN]]
        told += [f"  {each}" for each in self.loud[:SHOWN]]
        told.append("load average before and after: {:.1f} {:.1f}".format(*self.load))
        return "\n".join(told)

    def write(self, held: Held, folder: Path) -> None:
        """`report.json` and `timeline.html`."""
        told = self.as_dict()
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        (folder / "report.json").write_text(text, encoding="utf-8")
        begun = begun_at(folder / "journal.jsonl")
        moments = {
            name: [
                moment - begun
                for each in self.outcome.filings
                if (moment := getattr(each, f"{name}_at")) is not None
            ]
            for name in (page.ACCEPTED, page.SUBMITTED, page.DECIDED)
        }
        told |= {"text": str(self)}
        page.write(told, held.samples, moments=moments, file=folder / "timeline.html")


def _ended(samples: Sequence[Mapping[str, Any]]) -> list[str]:
    return [name for name in TARGETS if any(name not in each["processes"] for each in samples)]
