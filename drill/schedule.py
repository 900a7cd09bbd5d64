"""Which faults, when, on whom: drawn from a seed, kept in a file, and replayed from it."""

import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from drill.topology import (
    APIS,
    BROKER,
    DATABASE,
    EDGE,
    GATEWAY,
    POSTGRES,
    RABBIT,
    TARGETS,
    WORKERS,
    wire_name,
)
from otsp_local.programs import SERVICES

KILL, QUIT, PAUSE = "kill", "quit", "pause"
RESET, HALF_CLOSE, BLACK_HOLE, LATENCY = "reset", "half_close", "black_hole", "latency"
CLOCK, POISON, DISK_FULL = "clock", "poison", "disk_full"
DISK = "disk"
LONG_ENOUGH = 60.0
"""A drill of so many seconds has the rarer faults too, one of each for every five minutes."""
SECTION_AWAY = 25.0
"""So long that its part of a snapshot is asked for again and again, and comes in time."""
ON_WIRES = (RESET, HALF_CLOSE, BLACK_HOLE, LATENCY)
QUIET_BEFORE, QUIET_AFTER = 3.0, 3.0


@dataclass(frozen=True, slots=True)
class Fault:
    """`at` counts from the first fault-free second of the load; `seconds` is how long it lasts."""

    at: float
    do: str
    target: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """All faults of one drill, in the order of their beginning."""

    seed: int
    seconds: float
    faults: Sequence[Fault]

    def write(self, file: Path) -> None:
        told = {"seed": self.seed, "seconds": self.seconds}
        lines = ",\n  ".join(json.dumps(asdict(each)) for each in self.faults)
        file.write_text(json.dumps(told)[:-1] + f', "faults": [\n  {lines}\n]}}\n', "utf-8")

    @classmethod
    def read(cls, file: Path) -> "Schedule":
        told = json.loads(file.read_text("utf-8"))
        return cls(told["seed"], told["seconds"], [Fault(**each) for each in told["faults"]])


def draw(seed: int, seconds: float, kills: int) -> Schedule:
    """Every kind of process is killed before any a second time; a pause or a spoilt wire for
    every second kill.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    faults = [_kill(chance, target) for target in _targets(chance, kills)]
    faults += [_pause(chance) for _ in range(kills // 8)]
    faults += [_on_a_wire(chance, number) for number in range(kills * 3 // 8)]
    faults += _rarer(chance, seconds)
    moments = sorted(chance.uniform(QUIET_BEFORE, seconds - QUIET_AFTER) for _ in faults)
    chance.shuffle(faults)
    timed = [
        Fault(round(at, 2), each.do, each.target, each.seconds)
        for at, each in zip(moments, faults, strict=True)
    ]
    return Schedule(seed, seconds, timed)


def _rarer(chance: random.Random, seconds: float) -> list[Fault]:
    """An owner of a section away for long, a wrong clock, poison, a full disk."""
    if seconds < LONG_ENOUGH:
        return []
    owners = [f"worker-{service}" for service in SERVICES if service not in ("auth", "compliance")]
    times = 1 + int(seconds // 300)
    return [
        fault
        for _ in range(times)
        for fault in (
            Fault(0, KILL, chance.choice(owners), SECTION_AWAY),
            Fault(0, CLOCK, chance.choice((*APIS, *WORKERS)), round(chance.uniform(5, 15), 1)),
            Fault(0, POISON, RABBIT),
            Fault(0, DISK_FULL, DISK, round(chance.uniform(4, 10), 1)),
        )
    ]


def broker_away(schedule: Schedule, seconds: float) -> Schedule:
    """The same with the broker down for a stretch in its middle; nothing else is killed then."""
    middle = schedule.seconds / 2
    moved = [
        replace(each, at=each.at if each.at < middle else round(each.at + seconds, 2))
        for each in schedule.faults
    ]
    away = Fault(middle, KILL, RABBIT, seconds)
    faults = sorted([*moved, away], key=lambda each: each.at)
    return Schedule(schedule.seed, schedule.seconds + seconds, faults)


def _targets(chance: random.Random, kills: int) -> list[str]:
    found: list[str] = []
    while len(found) < kills:
        found += chance.sample(TARGETS, len(TARGETS))
    return found[:kills]


def _kill(chance: random.Random, target: str) -> Fault:
    """Half of them stay away for a while."""
    do = chance.choice((KILL, QUIT)) if target == POSTGRES else KILL
    is_short = target in (POSTGRES, GATEWAY, RABBIT) or chance.random() < 0.5
    return Fault(0, do, target, 0.0 if is_short else round(chance.uniform(1, 10), 1))


def _pause(chance: random.Random) -> Fault:
    target = chance.choice((*APIS, *WORKERS, GATEWAY, RABBIT, POSTGRES))
    return Fault(0, PAUSE, target, round(chance.uniform(1, 6), 1))


def _on_a_wire(chance: random.Random, number: int) -> Fault:
    do = ON_WIRES[number % len(ON_WIRES)]
    pair = (BROKER, DATABASE, EDGE)[number // len(ON_WIRES) % 3]
    wire = wire_name(pair, chance.choice(SERVICES))
    return Fault(0, do, wire, 0.0 if do == RESET else round(chance.uniform(2, 10), 1))
