"""What a surge came to: figures from journal, databases and samples, and whether the rate was held.

Nothing here looks at a platform; tests give it journals that were made up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from drill.checker.asked import Asked, Journal

LATE_SECONDS = 10.0
"""A submission is to be there so long after its planned moment, nineteen times of twenty."""
UNDECIDED_SECONDS = 30.0
"""So many seconds' worth of submissions may be undecided when the last is due."""
DECISIONS = frozenset({"approve", "return", "reject"})
KINDS = ("api", "worker", "gateway", "postgres", "rabbitmq")
Sample = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spread:
    """Of moments, in seconds."""

    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    longest: float = 0.0

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        found = sorted(values)
        if not found:
            return cls()
        last = len(found) - 1
        p50, p95, p99 = (found[min(int(share * len(found)), last)] for share in (0.5, 0.95, 0.99))
        return cls(p50, p95, p99, found[-1])

    def as_dict(self) -> dict[str, float]:
        told = {"p50_s": self.p50, "p95_s": self.p95, "p99_s": self.p99, "max_s": self.longest}
        return {name: round(value, 3) for name, value in told.items()}

    def __str__(self) -> str:
        return " ".join(f"{name[:-2]} {value:.2f}" for name, value in self.as_dict().items())


@dataclass(frozen=True, slots=True)
class Filing:
    """One submission: moments in seconds since 1970; None: it never came to that."""

    planned_at: float
    accepted_at: float | None
    submitted_at: float | None
    decided_at: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts are of what was planned within the time; `whole` includes every lateness."""

    rate: float
    seconds: float
    filings: Sequence[Filing]
    refused: int
    cpu_ms: Mapping[str, float]
    """Of each kind of process, a submission."""
    most_waiting: Mapping[str, float]

    @property
    def end(self) -> float:
        """When the one after the last would be due."""
        return min((each.planned_at for each in self.filings), default=0.0) + self.seconds

    @property
    def planned(self) -> int:
        return round(self.rate * self.seconds)

    @property
    def submitted(self) -> int:
        return sum(each.submitted_at is not None for each in self.filings)

    @property
    def decided(self) -> int:
        return sum(each.decided_at is not None for each in self.filings)

    @property
    def held_rate(self) -> float:
        """Submissions that were there when the time was over, a second."""
        return self._until_end("submitted_at") / self.seconds

    @property
    def filed_rate(self) -> float:
        """What the platform was in truth asked for."""
        return max(len(self.filings), 1) / self.seconds

    @property
    def decided_rate(self) -> float:
        return self._until_end("decided_at") / self.seconds

    @property
    def faults(self) -> list[str]:
        """Why the rate was not held; nothing when it was."""
        late = Spread.of(_waits(self.filings, "planned_at", "submitted_at")).p95
        undecided = self.planned - self._until_end("decided_at")
        missing = self.planned - self.submitted
        told = [
            (self.refused > 0, f"{self.refused} were refused"),
            (missing > 0, f"{missing} were never submitted"),
            (late > LATE_SECONDS, f"p95 from planned to submitted is {late:.1f} s"),
            (
                undecided > self.rate * UNDECIDED_SECONDS,
                f"{undecided} were undecided when the last was due",
            ),
        ]
        return [what for is_so, what in told if is_so]

    def as_dict(self) -> dict[str, Any]:
        return {
            "rate": self.rate, "seconds": self.seconds,
            "planned": self.planned, "filed": len(self.filings),
            "submitted": self.submitted, "decided": self.decided, "refused": self.refused,
            "held_rate": round(self.held_rate, 2), "decided_rate": round(self.decided_rate, 2),
            "is_held": not self.faults, "not_held": self.faults,
            "accepted_to_submitted": self._spread("accepted_at", "submitted_at").as_dict(),
            "planned_to_accepted": self._spread("planned_at", "accepted_at").as_dict(),
            "planned_to_submitted": self._spread("planned_at", "submitted_at").as_dict(),
            "submitted_to_decided": self._spread("submitted_at", "decided_at").as_dict(),
            "cpu_ms_a_submission": {kind: round(ms, 1) for kind, ms in self.cpu_ms.items()},
            "most_waiting": dict(self.most_waiting),
        }  # fmt: skip

    def __str__(self) -> str:
        cpu = " ".join(f"{kind} {ms:.0f}" for kind, ms in self.cpu_ms.items())
        waiting = " ".join(f"{name} {count:g}" for name, count in self.most_waiting.items())
        verdict = "held" if not self.faults else "not held: " + "; ".join(self.faults)
        counts = (
            f"planned {self.planned} filed {len(self.filings)} submitted {self.submitted}"
            f" decided {self.decided} refused {self.refused}"
            f" at {self.rate:g}/s for {self.seconds:.0f} s"
        )
        told = [
            counts,
            f"accepted to submitted, s: {self._spread('accepted_at', 'submitted_at')}",
            f"planned to accepted, s:   {self._spread('planned_at', 'accepted_at')}",
            f"planned to submitted, s:  {self._spread('planned_at', 'submitted_at')}",
            f"submitted to decided, s:  {self._spread('submitted_at', 'decided_at')}",
            f"CPU ms a submission: {cpu}",
            f"most that waited: {waiting}",
            f"submitted {self.held_rate:.2f}/s, decided {self.decided_rate:.2f}/s: {verdict}",
        ]
        return "\n".join(told)

    def _spread(self, since: str, until: str) -> Spread:
        return Spread.of(_waits(self.filings, since, until))

    def _until_end(self, moment: str) -> int:
        moments = [getattr(each, moment) for each in self.filings]
        return sum(each is not None and each <= self.end for each in moments)


def filings_of(journal: Journal, submitted_at: Mapping[str, float]) -> list[Filing]:
    """`submitted_at`: application → when its gathering ended well."""
    decided = {
        str(each.facts["application_id"]): each.answered_at
        for each in journal.commands
        if each.do in DECISIONS and each.is_acknowledged
    }
    return [_filing(each, submitted_at, decided) for each in journal.commands if each.do == "file"]


def outcome_of(
    journal: Journal,
    submitted_at: Mapping[str, float],
    samples: Sequence[Sample],
    *,
    rate: float,
    seconds: float,
) -> Outcome:
    filings = filings_of(journal, submitted_at)
    filed = [each for each in journal.commands if each.do == "file"]
    return Outcome(
        rate=rate,
        seconds=seconds,
        filings=filings,
        refused=sum(each.status is not None and not each.is_acknowledged for each in filed),
        cpu_ms=_cpu_ms(samples, len(filings)),
        most_waiting=_most_waiting(samples),
    )


def waiting(sample: Sample) -> dict[str, float]:
    """What waits in a sample, over all services."""
    backlog = sample["backlog"]
    sums = {name: sum(backlog[name].values()) for name in ("outbox", "inbox", "queues")}
    whole = backlog["whole"]
    more = {"gathering": whole["gathering"], "open": whole["open"]}
    return {**sums, "outbox_age_s": whole["oldest_s"], **more}


def _filing(asked: Asked, submitted: Mapping[str, float], decided: Mapping[str, float]) -> Filing:
    application_id = str(asked.told.get("application_id")) if asked.is_acknowledged else ""
    return Filing(
        planned_at=float(asked.facts["planned_at"]),
        accepted_at=asked.answered_at if asked.is_acknowledged else None,
        submitted_at=submitted.get(application_id),
        decided_at=decided.get(application_id),
    )


def _waits(filings: Iterable[Filing], since: str, until: str) -> Iterable[float]:
    for each in filings:
        begun, ended = getattr(each, since), getattr(each, until)
        if begun is not None and ended is not None:
            yield max(ended - begun, 0.0)


def _cpu_ms(samples: Sequence[Sample], count: int) -> dict[str, float]:
    """Between samples, so that a process that was started anew is not counted backwards."""
    spent = dict.fromkeys(KINDS, 0.0)
    for before, after in pairwise(samples):
        for name, held in after["processes"].items():
            past = before["processes"].get(name, held)
            spent[_kind_of(name)] += max(held["cpu_s"] - past["cpu_s"], 0.0)
    return {kind: seconds * 1000 / max(count, 1) for kind, seconds in spent.items()}


def _kind_of(name: str) -> str:
    kind = name.partition("-")[0]
    return kind if kind in KINDS else "gateway"


def _most_waiting(samples: Sequence[Sample]) -> dict[str, float]:
    most: dict[str, float] = {}
    for sample in samples:
        for name, count in waiting(sample).items():
            most[name] = max(most.get(name, 0.0), count)
    return most
