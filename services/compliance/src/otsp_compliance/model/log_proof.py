"""What the transparency log is made of, and how anybody proves that it is whole.

    entry   names its position, the digest of the entry before, the day, and the decision
    digest  = SHA-256( RFC 8785 of the entry );  that before the first is FIRST
    head    = JWS (Ed25519, `typ` otsp-log-head) of {log, day, size, sha256, signed_at}

A head covers all entries that were logged on its day or before. Each day has one.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal

from otsp_chassis.canonical import digest_of
from otsp_chassis.signing import BadSignature, PublicKeys, UnknownKey

KIND = "otsp-log-head"
LOG = "otsp transparency log"
FIRST = hashlib.sha256(LOG.encode()).hexdigest()
MOST_FAULTS = 100

What = Literal[
    "entry_changed", "entry_removed", "chain_broken", "entry_misdated", "malformed",
    "head_forged", "key_unknown", "head_removed", "head_contradicted", "tail_cut",
    "history_replaced",
]  # fmt: skip
Json = Any


@dataclass(frozen=True, slots=True)
class Fault:
    """`at` is a position, or a day."""

    what: What
    at: str


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log went at the end of `day`."""

    day: date
    size: int
    sha256: str

    def as_document(self, signed_at: str) -> dict[str, Json]:
        return {
            "log": LOG,
            "day": self.day.isoformat(),
            "size": self.size,
            "sha256": self.sha256,
            "signed_at": signed_at,
        }


@dataclass(slots=True)
class Report:
    """`head` is the last one that holds; `unsigned` entries came after it."""

    entries: int = 0
    heads: int = 0
    head: Head | None = None
    unsigned: int = 0
    fault_count: int = 0
    faults: list[Fault] = field(default_factory=list)

    def add(self, what: What, at: object) -> None:
        self.fault_count += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(what, str(at)))


def verify_log(
    entries: Iterable[Json], heads: Iterable[Json], keys: PublicKeys, *, kept: Head | None = None
) -> Report:
    """Entries and heads as they are published, in their order; `kept` was noted down before."""
    report = Report()
    signed = [head for each in heads if (head := _read_head(each, keys, report))]
    _examine_days(signed, report)
    _Walk(report, [*signed, *([kept] if kept else [])], kept).follow(entries)
    report.heads = len(signed)
    report.head = signed[-1] if signed else None
    report.unsigned = max(report.entries - report.head.size, 0) if report.head else report.entries
    return report


def _read_head(told: Json, keys: PublicKeys, report: Report) -> Head | None:
    """From what was signed alone; what is shown beside it must be the same."""
    day = told.get("day") if isinstance(told, dict) else None
    try:
        document = keys.verify(told["jws"], KIND)
        head = Head(date.fromisoformat(document["day"]), document["size"], document["sha256"])
        if document["log"] != LOG or (told["day"], told["size"], told["sha256"]) != (
            document["day"], head.size, head.sha256,
        ):  # fmt: skip
            raise BadSignature
    except UnknownKey:
        report.add("key_unknown", day)
    except (BadSignature, KeyError, TypeError, ValueError, AttributeError):
        report.add("head_forged", day)
    else:
        return head
    return None


def _examine_days(heads: list[Head], report: Report) -> None:
    """One a day, and none is smaller than the one before."""
    for before, head in pairwise(heads):
        next_day = before.day + timedelta(days=1)
        if head.day != next_day:
            report.add("head_removed", next_day)
        if head.size < before.size:
            report.add("head_contradicted", head.day)


class _Walk:
    """Along the entries, past every head."""

    def __init__(self, report: Report, heads: list[Head], kept: Head | None) -> None:
        self._report, self._kept = report, kept
        self._heads = sorted(heads, key=lambda head: (head.size, head.day))
        self._position, self._sha256, self._day = 0, FIRST, date.min
        self._closed = date.min
        """The day of the last head that was passed: what comes after it belongs to a later one."""

    def follow(self, entries: Iterable[Json]) -> None:
        self._pass_heads()
        for told in entries:
            try:
                self._step(told["entry"], told["sha256"])
            except (KeyError, TypeError, ValueError, AttributeError):
                self._report.add("malformed", self._position + 1)
                self._position += 1
            self._pass_heads()
        self._report.entries = self._position
        for head in self._heads:
            self._report.add("tail_cut", self._position + 1)
            if head is self._kept:
                self._report.add("history_replaced", head.day)

    def _step(self, entry: Mapping[str, Json], sha256: str) -> None:
        position, day = int(entry["position"]), date.fromisoformat(entry["logged_on"])
        if position != self._position + 1:
            self._report.add("entry_removed", self._position + 1)
        elif entry["previous_sha256"] != self._sha256:
            self._report.add("chain_broken", position)
        if digest_of(entry) != sha256:
            self._report.add("entry_changed", position)
        if day < self._day or day <= self._closed:
            self._report.add("entry_misdated", position)
        self._position, self._sha256, self._day = position, sha256, day

    def _pass_heads(self) -> None:
        """Those that end here, or should have."""
        while self._heads and self._heads[0].size <= self._position:
            head = self._heads.pop(0)
            self._closed = max(self._closed, head.day)
            if head.size != self._position or head.sha256 != self._sha256:
                is_kept = head is self._kept
                self._report.add("history_replaced" if is_kept else "head_contradicted", head.day)
            elif self._day > head.day:
                self._report.add("entry_misdated", self._position)
