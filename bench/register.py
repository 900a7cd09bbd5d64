"""P11: the public look-up over 240,000 institutions, beside its own SQL run by the driver alone.

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
from functools import cache, partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any, LiteralString, cast
from urllib.parse import urlencode

import psycopg
from sqlalchemy import event

from bench.figures import Figure, Part, tell_spread
from bench.load import Plan
from bench.options import Options
from bench.rounds import alternate, scratch_folder, send
from otsp_chassis.collector import spare_what_stays
from otsp_chassis.ids import new_id
from otsp_chassis.search import terms, text_of
from otsp_compliance.app import service
from otsp_contracts.values import organisation_check_digit, uscc_check_digit
from otsp_local.console import StepFailed, step
from otsp_local.environment import ROOT
from otsp_local.ports import LOOPBACK, free_port
from otsp_local.postgres import LocalPostgres
from otsp_local.processes import ProcessFolder, Program
from otsp_local.settings import inherited_environment
from otsp_testkit import Client, ServiceKit
from otsp_testkit.keys import KeyFiles, write_key_files

GOAL, RATE = 2.0, 200.0
INSTITUTIONS = 240_000
CALLS = 100
"""Look-ups of a round, of which 95 in a hundred are as fast as is told, or faster."""
REGISTER = "/api/compliance/v1/public/register"
_CITIES = "杭州 宁波 成都 武汉 南京 长沙 西安 济南 福州 合肥 昆明 沈阳 青岛 厦门 郑州".split()  # noqa: SIM905
_FIRST, _SECOND = "新启行星博青知远春弘明致思格敏卓", "光明知河雅藤行航晖毅德远源致学越"
_KINDS = ("文化", "艺术", "科技", "体育", "语言", "美术", "音乐", "舞蹈")
_COUNTIES = ("330106", "330203", "510107", "420106", "320106", "430102", "610113", "370102")
_LINES = "CREATE TEMP TABLE line (institution_id uuid, name text, region_code text, uscc text, {})"
_TERMS = "search_text text, search_terms text[]"
_REFS = """
INSERT INTO institution_ref SELECT institution_id, 1, name, region_code, '{subject}', '{offline}',
  '{}', NULL, '{junior}', 'nonprofit', 'approved', 'compliant', false FROM line
"""
_ENTRIES = """
INSERT INTO register_entry (institution_id, name, uscc, region_code, categories, delivery_modes,
  nonsubject_types, stages, licence_no, licence_valid_to, detail, decision_id, approved_on,
  search_text, search_terms)
SELECT institution_id, name, uscc, region_code, '{subject}', '{offline}', '{}', '{junior}',
  '教民' || region_code || lpad((row_number() OVER ())::text, 7, '0') || '号', '2029-08-31', '{}',
  institution_id, '2026-01-01', search_text, search_terms FROM line
"""
Query = Mapping[str, str]
Statement = tuple[LiteralString, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Register:
    """The service over its full register, and somebody without an account."""

    kit: ServiceKit
    keys: KeyFiles
    folder: Path
    public: Client

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
    size = options.part_of(INSTITUTIONS, least=4_096)
    with _register(size) as register:
        spare_what_stays()
        queries = _queries(size)
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
    seen = {"ours_p95_ms": ours, "sql_p95_ms": bare, "institutions": float(size)}
    return Figure.of("P11", parts, seen)


def _queries(size: int) -> list[Query]:
    """By two characters, a whole name, pinyin, initials, number, place: equally often."""
    drawn = random.Random(11)  # noqa: S311 - the same mix in every run
    kinds: tuple[Callable[[int], Query], ...] = (
        lambda number: {"q": _name(number)[2:4]},
        lambda number: {"q": _name(number)[2:6], "region": _COUNTIES[number % len(_COUNTIES)]},
        lambda number: {"q": _name(number)[2:6]},
        lambda _: {"q": "xinguangwenhua"},
        lambda _: {"q": "hzxgwh"},
        lambda number: {"q": _uscc(number)},
        lambda number: {"region": _COUNTIES[number % len(_COUNTIES)], "stage": "junior"},
    )
    return [kinds[call % len(kinds)](drawn.randrange(size)) for call in range(CALLS)]


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
    folder = scratch_folder()
    postgres = LocalPostgres(folder / "postgres", fsync=True)
    try:
        keys = write_key_files(folder)
        with step(f"{size:,} institutions"):
            postgres.start()
            kit = ServiceKit(
                service,
                postgres,
                keys=keys,
                files_dir=folder / "files",
                settings={"log_level": "WARNING"},
            )
            _spread(kit.owner_url, size)
        yield Register(kit, keys, folder, kit.anonymous())
        kit.close()
    finally:
        postgres.erase()
        shutil.rmtree(folder, ignore_errors=True)


def _spread(owner_url: str, size: int) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(cast("LiteralString", _LINES.format(_TERMS)))
        with connection.cursor().copy("COPY line FROM STDIN") as copy:
            for number in range(size):
                name, county = _name(number), _COUNTIES[number % len(_COUNTIES)]
                copy.write_row((new_id(), name, county, _uscc(number), *_found_by(name)))
        connection.execute(_REFS)
        connection.execute(_ENTRIES)
        connection.execute("VACUUM ANALYZE institution_ref, register_entry")


def _name(number: int) -> str:
    """Thirty thousand names: of a quarter of a million some eight share one."""
    first, second = _FIRST[number % 16], _SECOND[number // 16 % 16]
    city = _CITIES[number // 2048 % len(_CITIES)]
    return f"{city}{first}{second}{_KINDS[number // 256 % 8]}培训学校"


@cache
def _found_by(name: str) -> tuple[str, list[str]]:
    return text_of(name), terms(name)


def _uscc(number: int) -> str:
    organisation = f"{number:08d}"
    first_17 = f"52330106{organisation}{organisation_check_digit(organisation)}"
    return first_17 + uscc_check_digit(first_17)
