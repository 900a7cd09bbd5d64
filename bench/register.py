"""P11: the public look-up among 240,000 institutions, beside its own SQL run by the driver alone.

Ours is the time from a request to its answer within this process, the whole way through the seam.
The floor is each statement that ours sent, sent again by psycopg with the same parameters, rows
fetched. Both look up the same things in the same order. The rate is that of the service as
`otsp api` runs it, with the client on the same machine.
"""

import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any, LiteralString
from urllib.parse import urlencode

import psycopg
from sqlalchemy import event

from bench.distribution import NATION, Distribution, Drawn
from bench.figures import Figure, Part, tell_spread
from bench.fill import bar, on_the_samples_day, platform_at
from bench.load import Plan
from bench.names import brand, sounds_of
from bench.nation import populate
from bench.options import Options
from bench.rounds import alternate, scratch_folder, send
from otsp_chassis.collector import spare_what_stays
from otsp_local.console import StepFailed
from otsp_local.environment import ROOT
from otsp_local.keys import PlatformKeys
from otsp_local.ports import LOOPBACK, free_port
from otsp_local.processes import ProcessFolder, Program
from otsp_local.settings import inherited_environment
from otsp_testkit import Client, ServiceKit

GOAL, RATE = 2.0, 200.0
CALLS = 100
"""Look-ups of a round, of which 95 in a hundred are as fast as is told, or faster."""
REGISTER = "/api/compliance/v1/public/register"
_MADE = ("compliance.institution_ref", "compliance.register_entry")
Query = Mapping[str, str]
Statement = tuple[LiteralString, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Register:
    """The service over its full register, and somebody without an account."""

    kit: ServiceKit
    keys: PlatformKeys
    folder: Path
    public: Client
    approved: Sequence[Drawn]

    def look_up(self, query: Query) -> None:
        answer = self.public.get(REGISTER, query=dict(query))
        if answer.status != 200 or not answer.json["items"]:
            raise StepFailed(f"{query}: {answer.content.decode()}")

    def statements(self, queries: Sequence[Query]) -> list[Statement]:
        """What each look-up sends to the database."""
        sent: list[Statement] = []

        def hear(*told: Any) -> None:  # noqa: ANN401 - as SQLAlchemy calls it
            sent.append((told[2], told[3]))

        engine = self.kit.runtime.database.autocommit
        event.listen(engine, "before_cursor_execute", hear)
        for query in queries:
            self.look_up(query)
        event.remove(engine, "before_cursor_execute", hear)
        if len(sent) != len(queries):
            raise StepFailed(f"{len(queries)} look-ups sent {len(sent)} statements")
        return sent


def measure_register(options: Options) -> Figure:
    """The ratio is that of the two p95; the rate is answered look-ups a second."""
    size = options.part_of(NATION, least=400)
    with _register(size) as register:
        spare_what_stays()
        queries = _queries(register.approved)
        statements = register.statements(queries)
        with psycopg.connect(register.kit.runtime.settings.database_url, autocommit=True) as driver:
            asks = {
                "ours": partial(_p95, register.look_up, queries),
                "sql": partial(_p95, partial(_run, driver), statements),
            }
            runs = alternate(asks, rounds=options.rounds)
        rate = _rate(register, queries, count=options.requests)
    for name, each in runs.items():
        tell_spread(f"{name} p95 ms", each)
    ours, bare = median(runs["ours"]), median(runs["sql"])
    parts = [Part("over_sql", ours / bare, GOAL), Part("per_second", rate, RATE, at_least=True)]
    seen = {
        "ours_p95_ms": ours,
        "sql_p95_ms": bare,
        "institutions": float(size),
        "in_the_register": float(len(register.approved)),
    }
    return Figure.of("P11", parts, seen)


def _queries(approved: Sequence[Drawn]) -> list[Query]:
    """By two characters, a whole name, pinyin, initials, number, place: equally often."""
    drawn = random.Random(11)  # noqa: S311 - the same mix in every run
    kinds: tuple[Callable[[Drawn], Query], ...] = (
        lambda one: {"q": brand(one.number)[:2]},
        lambda one: {"q": brand(one.number), "region": one.region_code},
        lambda one: {"q": brand(one.number)},
        lambda one: {"q": "".join(sounds_of(brand(one.number)))},
        lambda one: {"q": "".join(sound[0] for sound in sounds_of(brand(one.number)))},
        lambda one: {"q": one.uscc},
        lambda one: {"region": one.region_code, "stage": "junior"},
    )
    return [kinds[call % len(kinds)](drawn.choice(approved)) for call in range(CALLS)]


def _run(driver: psycopg.Connection, statement: Statement) -> None:
    driver.execute(*statement).fetchall()


def _p95(ask: Callable[[Any], None], what: Sequence[Any]) -> float:
    """In milliseconds."""
    times = []
    for each in what:
        began = time.perf_counter()
        ask(each)
        times.append((time.perf_counter() - began) * 1000)
    return quantiles(times, n=20)[-1]


def _rate(register: Register, queries: Sequence[Query], *, count: int) -> float:
    port = free_port()
    program = Program(
        name="compliance",
        arguments=[
            sys.executable, "-m", "gunicorn", "-c", "python:otsp_chassis.gunicorn_conf",
            "otsp_chassis.service:application('otsp_compliance')",
        ],
        environment={
            **inherited_environment(),
            "OTSP_ENV": "production",
            "OTSP_COMPLIANCE_DATABASE_URL": str(register.kit.runtime.settings.database_url),
            "OTSP_IDENTITY_PUBLIC_KEYS": str(register.keys.identity_public),
            "OTSP_PII_KEYS": str(register.keys.pii),
            "OTSP_COMPLIANCE_RECEIPT_PUBLIC_KEYS": str(register.keys.receipt_public),
            "OTSP_COMPLIANCE_RECEIPT_SIGNING_KEY": str(register.keys.receipt_private),
            "OTSP_FILES_DIR": str(register.folder / "files"),
            "OTSP_COMPLIANCE_PORTAL_URL": "https://portal.example.test",
            "OTSP_BIND": f"{LOOPBACK}:{port}",
            "OTSP_METRICS_PORT": str(free_port()),
            "OTSP_THREADS": "8",
        },
        directory=ROOT,
        ready_url=f"http://{LOOPBACK}:{port}/readyz",
    )  # fmt: skip
    processes = ProcessFolder(register.folder)
    try:
        processes.start(program)
        processes.await_ready([program], seconds=60)
        seen = send(Plan(port, [f"{REGISTER}?{urlencode(each)}" for each in queries], count))
        return seen.count / seen.seconds
    finally:
        processes.stop(processes.names())


@contextmanager
def _register(size: int) -> Iterator[Register]:
    """As many as are approved of institutions all over the nation."""
    folder = scratch_folder()
    try:
        with on_the_samples_day(), platform_at(folder, fsync=True) as entered:
            platform, everybody = entered.platform, Distribution(size)
            shown = bar(time.monotonic())
            nation = populate(platform, entered.patterns, everybody, only=_MADE, progress=shown)
            kit = platform.kits["compliance"]
            approved = [one for one in nation.drawn if one.state == "approved"]
            yield Register(kit, entered.keys, folder, kit.anonymous(), approved)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
