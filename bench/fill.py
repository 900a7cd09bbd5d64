"""`./dev bench fill --institutions N [--seed S]`: fill six databases, tell what they take.

One JSON object: seconds, what the drawn sizes came to, bytes an institution in each service, and
bytes of what is not copied (history, audit trail, snapshots) as entering, filing and approving the
patterns left them. The databases are removed at the end.
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import psycopg
from psycopg.sql import SQL, Identifier

from bench.distribution import KINDS, NATION, Distribution
from bench.median import offset_days
from bench.nation import Nation, Progress, populate
from bench.patterns import NOT_MADE, Pattern, enter_patterns
from bench.platform import platform_of
from bench.rounds import scratch_folder
from bench.twins import carry_over
from otsp_chassis import clock
from otsp_local.console import say
from otsp_local.keys import PlatformKeys
from otsp_local.postgres import LocalPostgres
from otsp_testkit import PlatformKit

WIDTH = 30
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
SIZES = ("staff", "materials", "courses", "classes", "fee_items", "sites")


@dataclass(frozen=True, slots=True)
class Entered:
    """A platform and the patterns in it."""

    platform: PlatformKit
    patterns: list[Pattern]
    keys: PlatformKeys


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench fill", description=__doc__)
    parser.add_argument("--institutions", type=int, default=1_000, help=f"up to {NATION:,}")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    if not 1 <= chosen.institutions <= NATION:
        parser.error(f"--institutions must be 1 to {NATION}")
    folder = scratch_folder()
    try:
        with on_the_samples_day(), platform_at(folder, fsync=False) as entered:
            told = _filled(entered, Distribution(chosen.institutions, chosen.seed))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(told), flush=True)
    return 0


@contextmanager
def on_the_samples_day() -> Iterator[None]:
    """The business day that the patterns are as of."""
    clock.set_offset(offset_days())
    try:
        yield
    finally:
        clock.set_offset(0)


@contextmanager
def platform_at(folder: Path, *, fsync: bool, like: Entered | None = None) -> Iterator[Entered]:
    """Six migrated databases on a server of their own, with a pattern of each kind and state.

    With `like`, what was entered there is carried over.
    """
    postgres = LocalPostgres(folder / "postgres", fsync=fsync)
    keys = PlatformKeys(folder / "keys") if like is None else like.keys
    try:
        postgres.start()
        keys.ensure()
        with entered_on(postgres, keys, folder, like=like) as entered:
            yield entered
    finally:
        postgres.erase()


@contextmanager
def entered_on(
    postgres: LocalPostgres, keys: PlatformKeys, folder: Path, *, like: Entered | None = None
) -> Iterator[Entered]:
    """The same on a server that runs, whose databases are empty or not there."""
    settings = {"clock_offset_days": offset_days()}
    platform = platform_of(postgres, keys, folder, settings=settings)
    if like is None:
        patterns = enter_patterns(platform, folder, KINDS)
    else:
        carry_over(like.platform, postgres)
        patterns = like.patterns
    yield Entered(platform, patterns, keys)
    for kit in platform.kits.values():
        kit.close()


def bar(begun: float) -> Progress:
    """On stderr, one line that is written over."""

    def show(done: int, whole: int) -> None:
        spent = time.monotonic() - begun
        filled = WIDTH * done // whole
        left = spent / done * (whole - done)
        sys.stderr.write(
            f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {done:,} of {whole:,}, {left:,.0f} s left "
        )
        if done == whole:
            say(f"\n{whole:,} institutions in {spent:.0f} s; counting")
        sys.stderr.flush()

    return show


def _filled(entered: Entered, distribution: Distribution) -> dict[str, object]:
    platform, patterns = entered.platform, entered.patterns
    before = Nation(platform, patterns).bytes_by_service()
    begun = time.monotonic()
    nation = populate(platform, patterns, distribution, progress=bar(begun))
    seconds, count = time.monotonic() - begun, distribution.institutions
    after = nation.bytes_by_service()
    grown = {
        service: {
            table: (size - before[service][table]) / count
            for table, size in tables.items()
            if size > before[service][table]
        }
        for service, tables in after.items()
    }
    return {
        "institutions": count,
        "seed": distribution.seed,
        "seconds": round(seconds, 1),
        "load": round(os.getloadavg()[0], 1),
        "means": {
            name: round(mean(getattr(one, name) for one in nation.drawn), 2) for name in SIZES
        },
        "p99": {each: _p99(_drawn(nation, each)) for each in SIZES},
        "counties": len({one.region_code for one in nation.drawn}),
        "bytes_each": {name: round(sum(tables.values())) for name, tables in grown.items()},
        "largest_tables": {
            f"{service}.{table}": round(size)
            for service, tables in grown.items()
            for table, size in sorted(tables.items(), key=lambda told: -told[1])[:3]
        },
        "bytes_not_copied_each": _not_copied(platform, patterns),
    }


def _drawn(nation: Nation, name: str) -> list[int]:
    return [getattr(one, name) for one in nation.drawn]


def _p99(values: list[int]) -> int:
    return sorted(values)[min(int(len(values) * 0.99), len(values) - 1)]


def _not_copied(platform: PlatformKit, patterns: list[Pattern]) -> dict[str, int]:
    """Bare rows, without indexes, over the institutions that the patterns are."""
    entered = len({each.kind for each in patterns})
    told = {}
    for name, kit in platform.kits.items():
        with psycopg.connect(kit.owner_url) as connection:
            there = {table for (table,) in connection.execute(_TABLES)}
            for table in sorted(there & {*NOT_MADE["*"], *NOT_MADE.get(name, ())}):
                select = SQL("SELECT coalesce(sum(pg_column_size(t.*)), 0) FROM {} t")
                row = connection.execute(select.format(Identifier(table))).fetchone()
                told[f"{name}.{table}"] = round((row or (0,))[0] / entered)
    return told
