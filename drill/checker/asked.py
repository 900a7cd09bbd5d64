"""What the clients asked and were told, read from the journal."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = Any


@dataclass(slots=True)
class Asked:
    """One command under one Idempotency-Key, with all its attempts."""

    key: str
    do: str
    facts: Mapping[str, Json]
    attempts: int = 0
    unknown: int = 0
    status: int | None = None
    """None: whoever asked was never told."""
    told: Mapping[str, Json] = field(default_factory=dict)
    answered_at: float = 0.0
    """Seconds since 1970."""

    @property
    def is_acknowledged(self) -> bool:
        return self.status is not None and self.status < 300

    @property
    def was_unknown(self) -> bool:
        return self.unknown > 0 or self.status is None

    def is_edit(self) -> bool:
        return self.do.startswith("edit_")


@dataclass(frozen=True, slots=True)
class Journal:
    """All of them, in the order in which they were intended."""

    commands: list[Asked]
    planted: frozenset[str]
    """Ids of events that were made so that nobody can handle them."""
    keys: str
    """How the keys of this drill begin."""
    unreadable: int
    """Messages that are no events."""
    over_at: float
    """When the last fault was undone and the last command answered; seconds since 1970."""
    faults: Mapping[str, int]

    def acknowledged(self, *does: str) -> Iterator[Asked]:
        return (each for each in self.commands if each.do in does and each.is_acknowledged)

    @property
    def institutions(self) -> set[str]:
        """Those that asked for anything."""
        told = (each.facts.get("institution_id") for each in self.commands)
        return {each for each in told if each is not None}


def read(file: Path) -> Journal:
    return digest(json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())


def digest(lines: Iterable[Mapping[str, Json]]) -> Journal:
    """The lines of a journal as they stand, in their order."""
    begun, over_at, faults = 0.0, 0.0, Counter[str]()
    commands: dict[str, Asked] = {}
    planted: set[str] = set()
    unreadable, keys = 0, ""
    for line in lines:
        match line["event"]:
            case "begun":
                begun, keys = line["at"] - line["t"], line["keys"]
            case "intended":
                commands[line["key"]] = Asked(line["key"], line["do"], line)
            case "fault":
                faults[line["do"]] += 1
            case "fault_over":
                over_at = begun + line["t"]
            case "planted":
                planted.add(line["event_id"])
            case "planted_unreadable":
                unreadable += 1
            case "sent" | "unknown" | "answered":
                _note(commands[line["key"]], line, begun)
                over_at = begun + line["t"]
    return Journal(
        commands=list(commands.values()),
        planted=frozenset(planted),
        keys=keys,
        unreadable=unreadable,
        over_at=over_at,
        faults=faults,
    )


def _note(asked: Asked, line: Mapping[str, Json], begun: float) -> None:
    match line["event"]:
        case "sent":
            asked.attempts += 1
        case "unknown":
            asked.unknown += 1
        case "answered":
            asked.status = line["status"]
            asked.told = line.get("told") or {}
            asked.answered_at = begun + line["t"]
