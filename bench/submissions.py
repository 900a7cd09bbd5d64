"""P5, P6: submissions of a median dossier beside the bare scatter–gather on the same servers."""

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles
from uuid import UUID

import psycopg

from bench.figures import Figure, Part, tell_spread
from bench.load import Plan, run
from bench.options import Options
from bench.peers import bare_gathering
from bench.rounds import TICK_SECONDS, alternate, cpu_seconds, send
from bench.town import Town, standing
from bench.watch import Watch, Watched, watching
from otsp_chassis.ids import new_id

APPLICATIONS = "/api/compliance/v1/applications"
PAUSE_MS = (40.0, 90.0)
"""After a submission, so that what it leads to elsewhere is over before the next."""
MOST_BURSTS = 5
ACCOUNTS = ("python", "broker", "postgres")


@dataclass(frozen=True, slots=True)
class Run:
    """Some submissions of one side: what each took, how many a second, CPU ms of each account."""

    watched: Watched
    cpu_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Side:
    """Ours or the floor: where it is watched, whose processes count as its own, how it files."""

    watch: Watch
    processes: str
    file: Callable[[int], None]


def measure_single(options: Options) -> Figure:
    """P5: one at a time, on machines that do nothing else for the platform."""
    each = max(options.requests // 250, 1)
    town = options.stands.of(standing)
    town.settle(each * (options.rounds + 1))
    runs = _alternately(town, rounds=options.rounds, file=lambda side: _single(side, each))
    times = {
        name: [ms for run in made for ms in run.watched.milliseconds] for name, made in runs.items()
    }
    for name, found in times.items():
        tell_spread(f"{name} ms", found)
    p50 = {name: median(found) for name, found in times.items()}
    seen = _cpu(runs)
    for name, found in times.items():
        seen[f"{name}_p50_ms"] = p50[name]
        seen[f"{name}_p95_ms"] = quantiles(found, n=20)[18] if len(found) > 1 else found[0]
    return Figure.of("P5", [Part("over_bare", p50["ours"] / p50["bare"], 2.0)], seen)


def measure_burst(options: Options) -> Figure:
    """P6: a hundred at once."""
    count = max(options.requests // 15, 2)
    rounds = min(options.rounds, MOST_BURSTS)
    town = options.stands.of(standing)
    town.settle(count * (rounds + 1))
    runs = _alternately(town, rounds=rounds, file=lambda side: _burst(side, count))
    rates = {name: [run.watched.per_second for run in made] for name, made in runs.items()}
    for name, found in rates.items():
        tell_spread(f"{name} a second", found)
    rate = {name: median(found) for name, found in rates.items()}
    seen = _cpu(runs)
    for name, made in runs.items():
        seen[f"{name}_per_second"] = rate[name]
        seen[f"{name}_p50_ms"] = median(median(run.watched.milliseconds) for run in made)
    part = Part("rate_over_bare", rate["ours"] / rate["bare"], 0.5, at_least=True)
    return Figure.of("P6", [part], seen)


def _alternately(
    town: Town, *, rounds: int, file: Callable[[Side], Watched]
) -> dict[str, list[Run]]:
    with (
        watching(town.compliance_url) as ours,
        watching(town.coordinator_url) as bare,
        psycopg.connect(town.coordinator_url, autocommit=True) as submitter,
    ):
        sides = {
            "ours": Side(ours, "ours", partial(_file, town)),
            "bare": Side(bare, "bare", partial(_submit, submitter)),
        }
        variants = {name: partial(_accounted, town, side, file) for name, side in sides.items()}
        return alternate(variants, rounds=rounds)


def _accounted(town: Town, side: Side, file: Callable[[Side], Watched]) -> Run:
    pids = town.pids()
    accounts = dict(
        zip(ACCOUNTS, (pids[side.processes], pids["broker"], pids["postgres"]), strict=True)
    )
    before = {name: sum(map(cpu_seconds, found)) for name, found in accounts.items()}
    watched = file(side)
    count = len(watched.submitted)
    spent = {
        name: (sum(map(cpu_seconds, found)) - before[name]) * 1000 / count
        for name, found in accounts.items()
    }
    return Run(watched, spent)


def _single(side: Side, count: int) -> Watched:
    side.watch.forget()
    for number in range(1, count + 1):
        side.file(1)
        side.watch.await_submitted(number)
        _rest()
    return side.watch.await_submitted(count)


def _burst(side: Side, count: int) -> Watched:
    side.watch.forget()
    side.file(count)
    watched = side.watch.await_submitted(count)
    _rest()
    return watched


def _rest() -> None:
    time.sleep(random.uniform(*PAUSE_MS) / 1000)  # noqa: S311 - think time


def _file(town: Town, count: int) -> None:
    """POST, each as its own institution's administrator, on at most 16 connections."""
    institutions = town.institutions(count)
    plan = Plan(
        town.api_port,
        [APPLICATIONS],
        count,
        bodies=[_body(each) for each in institutions],
        identities=[town.identity_of(each) for each in institutions],
    )
    if count > 1:
        send(plan)
    else:
        run(plan)


def _body(institution_id: UUID) -> str:
    return json.dumps({"institution_id": str(institution_id), "kind": "initial"})


def _submit(connection: psycopg.Connection, count: int) -> None:
    for _ in range(count):
        bare_gathering.submit(connection, new_id())


def _cpu(runs: Mapping[str, list[Run]]) -> dict[str, float]:
    """CPU of one submission, by whose it is, and all of ours over all of the floor's."""
    whole = {name: median(sum(run.cpu_ms.values()) for run in made) for name, made in runs.items()}
    told = {
        f"{name}_{account}_cpu_ms": median(run.cpu_ms[account] for run in made)
        for name, made in runs.items()
        for account in ACCOUNTS
    }
    return {"cpu_over_bare": whole["ours"] / max(whole["bare"], TICK_SECONDS * 1000)} | told
