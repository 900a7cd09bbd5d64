"""P12: what authorities and institutions wait for among 1,000, 10,000 and 100,000 institutions.

Three databases of the institution service, each on a durable server of its own, stand at once, and
each round asks all of them everything. Measured is the time from a request to its answer within
this process: the whole way through the seam to PostgreSQL and back.
"""

import random
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import psycopg
import yaml

from bench.figures import Figure, Part, tell_spread
from bench.options import Options
from bench.rounds import alternate, scratch_folder
from otsp_chassis.collector import spare_what_stays
from otsp_chassis.ids import new_id
from otsp_chassis.search import terms, text_of
from otsp_contracts.values import organisation_check_digit, uscc_check_digit
from otsp_institution.app import service
from otsp_local.console import StepFailed, step
from otsp_local.environment import ROOT
from otsp_local.postgres import LocalPostgres
from otsp_testkit import Client, ServiceKit
from otsp_testkit.client import Answered
from otsp_testkit.keys import write_key_files

GOAL = 1.3
SIZES = (1_000, 10_000, 100_000)
CALLS = 20
"""Of each kind in a round, which tells their median."""
LIST = "/api/institution/v1/institutions"
COUNTIES = ("330106", "330102", "330105", "330108", "330109", "330203", "330205", "330212")
_FIRST, _SECOND = "新启行星博青知远春弘明致思格敏卓", "光明知河雅藤行航晖毅德远源致学越"
_KINDS = ("文化", "艺术", "科技", "体育", "语言", "美术", "音乐", "舞蹈")
_SOUGHT = ("新光文化", "xinguangwenhua", "hzxgwhpx")
"""By characters, by pinyin, by initials; the number beside them."""
_PLACE = """
CREATE TEMP TABLE place (institution_id uuid, name text, region_code text, uscc text,
  search_text text, search_terms text[])
"""
_COPY = "COPY place FROM STDIN"
_SPREAD = """
INSERT INTO institution SELECT (jsonb_populate_record(template, to_jsonb(place)
  || jsonb_build_object('registration_status', 'approved'))).*
FROM place CROSS JOIN institution AS template
"""
Ask = Callable[[int], Answered]


@dataclass(frozen=True, slots=True)
class Nation:
    """One database of so many institutions, and the two who ask."""

    reviewer: Client
    own: Client
    institution_ids: Sequence[UUID]

    def read(self, _: int) -> Answered:
        return self.reviewer.get(f"{LIST}/{random.choice(self.institution_ids)}")  # noqa: S311

    def list(self, number: int) -> Answered:
        county = COUNTIES[number % len(COUNTIES)]
        return self.reviewer.get(LIST, query={"region": county, "limit": 20})

    def find(self, number: int) -> Answered:
        sought = [*_SOUGHT, _uscc(7)][number % (len(_SOUGHT) + 1)]
        found = self.reviewer.get(LIST, query={"q": sought, "limit": 20})
        if not found.json["items"]:
            raise StepFailed(f"nobody is found by {sought}")
        return found

    def save(self, number: int) -> Answered:
        place = _place_of(self.own)
        known = self.own.get(place)
        changed = _facts() | {"intro": f"简介 {number} {time.monotonic_ns()}"}
        return self.own.put(place, changed, if_match=known.version)


def measure_growth(options: Options) -> Figure:
    """The ratio of a kind is that of the largest to the smallest; the figure's is the worst."""
    sizes = [options.part_of(size, least=20) for size in SIZES]
    calls = options.part_of(CALLS, least=1)
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        nations = {size: stack.enter_context(_nation(folder, size)) for size in sizes}
        spare_what_stays()
        asks = {
            f"{kind} among {size:,}": partial(_milliseconds, getattr(nation, kind), calls)
            for size, nation in nations.items()
            for kind in ("read", "list", "find", "save")
        }
        runs = alternate(asks, rounds=options.rounds)
    told = {}
    for name, each in runs.items():
        tell_spread(f"{name} ms", each)
        told[name] = median(each)
    growth = {
        kind: told[f"{kind} among {sizes[-1]:,}"] / told[f"{kind} among {sizes[0]:,}"]
        for kind in ("read", "list", "find", "save")
    }
    parts = [Part("growth", max(growth.values()), GOAL)]
    parts += [Part(f"{kind}_growth", value, GOAL) for kind, value in growth.items()]
    return Figure.of("P12", parts, {f"{name}, ms": value for name, value in told.items()})


def _milliseconds(ask: Ask, calls: int) -> float:
    times = []
    for number in range(calls):
        began = time.perf_counter()
        answered = ask(number)
        times.append((time.perf_counter() - began) * 1000)
        if answered.status not in (200, 201):
            raise StepFailed(f"{answered.status}: {answered.content.decode()}")
    return median(times)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = scratch_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _nation(whole: Path, size: int) -> Iterator[Nation]:
    folder = whole / str(size)
    folder.mkdir()
    postgres = LocalPostgres(folder / "postgres", fsync=True)
    try:
        with step(f"{size:,} institutions"):
            postgres.start()
            kit = ServiceKit(
                service,
                postgres,
                keys=write_key_files(folder),
                files_dir=folder / "files",
                settings={"log_level": "WARNING"},
            )
            own = kit.as_institution(new_id())
            entered = own.put(_place_of(own), _facts())
            if entered.status != 201:
                raise StepFailed(entered.content.decode())
            known = _spread(kit.owner_url, size)
        yield Nation(kit.as_authority(region="330000", level="province"), own, known)
        kit.close()
    finally:
        postgres.erase()


def _spread(owner_url: str, size: int) -> list[UUID]:
    """So many more like the one that was entered, each with a name, number and county."""
    known = [new_id() for _ in range(size)]
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(_PLACE)
        with connection.cursor().copy(_COPY) as copy:
            for number, institution_id in enumerate(known):
                name, county = _name(number), COUNTIES[number % len(COUNTIES)]
                copy.write_row((institution_id, name, county, _uscc(number), *_found_by(name)))
        connection.execute(_SPREAD)
        connection.execute("VACUUM ANALYZE institution")
    return known


def _name(number: int) -> str:
    """Two thousand brands: of a hundred thousand institutions some fifty share one."""
    first, second = _FIRST[number % 16], _SECOND[number // 16 % 16]
    return f"杭州{first}{second}{_KINDS[number // 256 % 8]}培训学校"


@cache
def _found_by(name: str) -> tuple[str, list[str]]:
    return text_of(name), terms(name)


def _uscc(number: int) -> str:
    organisation = f"{number:08d}"
    first_17 = f"91330106{organisation}{organisation_check_digit(organisation)}"
    return first_17 + uscc_check_digit(first_17)


def _place_of(own: Client) -> str:
    assert own.principal is not None
    return f"{LIST}/{own.principal.institution_id}"


def _facts() -> dict[str, Any]:
    """Of sample A, what the operation takes."""
    samples = yaml.safe_load((ROOT / "docs" / "samples.yaml").read_text(encoding="utf-8"))
    facts: Mapping[str, Any] = samples[0]["institution"]
    taken = ("name", "categories", "delivery_modes", "stages", "legal_nature", "website", "scale")
    return {name: facts[name] for name in taken if name in facts} | {"region_code": "330106"}
