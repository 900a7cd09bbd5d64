"""P12: what authorities and institutions wait for among 1,000, 10,000 and 100,000 institutions.

Three platforms of six databases, each on a durable server of its own, stand at once, filled with
institutions of domain.md §6's sizes (bench/nation.py), and each round asks all of them
everything. Measured is the time from a request to its answer within this process: the whole way
through the seam to PostgreSQL and back; for a submission and a decision until every event that
came of it has been handled by all six.
"""

import random
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import psycopg
import yaml

from bench.distribution import Distribution, Filers
from bench.figures import Figure, Part, tell_spread
from bench.fill import Entered, bar, on_the_samples_day, platform_at
from bench.names import brand
from bench.nation import Nation, populate
from bench.options import Options
from bench.patterns import APPLICATIONS, CASES, REGION
from bench.rounds import alternate, scratch_folder
from otsp_chassis.collector import spare_what_stays
from otsp_local.console import StepFailed
from otsp_local.environment import ROOT
from otsp_testkit import Client, PlatformKit
from otsp_testkit.client import Answered

GOAL = 1.3
SIZES = (1_000, 10_000, 100_000)
CALLS, FILINGS = 20, 3
"""Of each kind in a round, which tells their median; of submissions and of decisions."""
LIST = "/api/institution/v1/institutions"
COUNTIES = ("330106", "330102", "330105", "330108", "330109", "330203", "330205", "330212")
ASKED = ("read", "list", "find", "save")
KINDS = (*ASKED, "submit", "decide")


@dataclass(slots=True)
class Place:
    """A platform of so many institutions, and those who ask."""

    platform: PlatformKit
    nation: Nation
    authority_id: UUID
    filers: list[UUID]
    reviewer: Client = field(init=False)
    seen: list[UUID] = field(init=False)
    own: Client = field(init=False)

    def __post_init__(self) -> None:
        kit = self.platform.kits["institution"]
        self.reviewer = kit.as_authority(region="330000", level="province")
        drawn = zip(self.nation.ids, self.nation.drawn, strict=True)
        self.seen = [known for known, one in drawn if one.region_code.startswith("33")]
        self.own = kit.as_institution(self.filers.pop())

    def read(self, _: int) -> float:
        known = random.choice(self.seen)  # noqa: S311
        return _timed(lambda: self.reviewer.get(f"{LIST}/{known}"))

    def list(self, number: int) -> float:
        query = {"region": COUNTIES[number % len(COUNTIES)], "limit": 20}
        return _timed(lambda: self.reviewer.get(LIST, query=query))

    def find(self, number: int) -> float:
        one = self.nation.drawn[number * 37 % len(self.nation.drawn)]
        sought = (brand(one.number), "xinguangwenhua", "hzxgwhpx", one.uscc)[number % 4]
        return _timed(lambda: self.reviewer.get(LIST, query={"q": sought, "limit": 20}))

    def save(self, number: int) -> float:
        place = _place_of(self.own)
        changed = _facts(self.own.get(place).json) | {
            "intro": f"简介 {number} {time.monotonic_ns()}"
        }

        def ask() -> Answered:
            return self.own.put(place, changed, if_match=self.own.get(place).version)

        return _timed(ask)

    def submit(self, _: int) -> float:
        """From the request until all that came of it is over; the case is then open."""
        began = time.perf_counter()
        self._file()
        return (time.perf_counter() - began) * 1000

    def decide(self, _: int) -> float:
        """The approval of an accepted case, until the register and everybody know."""
        filed = self._file()
        case = f"{CASES}/{filed['case_id']}"
        compliance = self.platform.kits["compliance"]
        _good(self._as("reviewer").post(f"{case}/acceptance", {}))
        self.platform.settle()
        head, body = (
            self._as("region_admin"),
            {"decision": "approve", "warnings_read": filed["warnings"]},
        )
        began = time.perf_counter()
        told = _good(head.post(f"{case}/decisions", body | {"reason": None})).json
        self.platform.settle()
        spent = (time.perf_counter() - began) * 1000
        if told["state"] != "decided" or any(compliance.set_aside()):
            raise StepFailed(f"not approved: {told}")
        return spent

    def _file(self) -> dict[str, Any]:
        institution_id = self.filers.pop()
        own = self.platform.kits["compliance"].as_institution(institution_id)
        body = {"institution_id": str(institution_id), "kind": "initial"}
        filed = _good(own.post(APPLICATIONS, body)).json["application_id"]
        self.platform.settle()
        path = f"{APPLICATIONS}/{filed}"
        seen: dict[str, Any] = own.get(path).json
        if seen["state"] == "awaiting_acknowledgement":
            read = {"rule_ids": seen["to_acknowledge"]}
            _good(own.post(f"{path}/acknowledgements", read))
            self.platform.settle()
            seen = own.get(path).json
        if seen["state"] != "submitted":
            raise StepFailed(f"not submitted: {seen}")
        return seen

    def _as(self, role: str) -> Client:
        kit = self.platform.kits["compliance"]
        return kit.as_authority(role, region=REGION, authority_id=self.authority_id)


def measure_growth(options: Options) -> Figure:
    """The ratio of a kind is that of the largest to the smallest; the figure's is the worst."""
    sizes = [options.part_of(size, least=20) for size in SIZES]
    calls = options.part_of(CALLS, least=1)
    filings = options.part_of(FILINGS, least=1)
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        wanted = 2 * filings * (options.rounds + 1) + 1
        standing: dict[int, Entered] = {}
        for size in sizes:  # carried over from the first while that has nothing but its patterns
            (folder / str(size)).mkdir()
            like = standing.get(sizes[0])
            one = platform_at(folder / str(size), fsync=True, like=like)
            standing[size] = stack.enter_context(one)
        places = {size: _place(one, size, filers=wanted) for size, one in standing.items()}
        spare_what_stays()
        asks = {
            f"{kind} among {size:,}": partial(
                _milliseconds, getattr(place, kind), calls if kind in ASKED else filings
            )
            for size, place in places.items()
            for kind in KINDS
        }
        runs = alternate(asks, rounds=options.rounds)
    told = {}
    for name, each in runs.items():
        tell_spread(f"{name} ms", each)
        told[name] = median(each)
    growth = {
        kind: told[f"{kind} among {sizes[-1]:,}"] / told[f"{kind} among {sizes[0]:,}"]
        for kind in KINDS
    }
    parts = [Part("growth", max(growth.values()), GOAL)]
    parts += [Part(f"{kind}_growth", value, GOAL) for kind, value in growth.items()]
    return Figure.of("P12", parts, {f"{name}, ms": value for name, value in told.items()})


def _milliseconds(ask: Callable[[int], float], calls: int) -> float:
    return median(ask(number) for number in range(calls))


def _timed(ask: Callable[[], Answered]) -> float:
    began = time.perf_counter()
    answered = ask()
    spent = (time.perf_counter() - began) * 1000
    _good(answered)
    return spent


def _good(answered: Answered) -> Answered:
    if answered.status not in (200, 201, 202):
        raise StepFailed(f"{answered.status}: {answered.content.decode()}")
    return answered


@contextmanager
def _folder() -> Iterator[Path]:
    folder = scratch_folder()
    try:
        with on_the_samples_day():
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place(entered: Entered, size: int, *, filers: int) -> Place:
    """Evenly over eight counties: each list is of a page or more at every size."""
    platform, patterns = entered.platform, entered.patterns
    everybody = Distribution(size, counties=dict.fromkeys(COUNTIES, 1.0))
    nation = populate(platform, patterns, everybody, progress=bar(time.monotonic()))
    ready = populate(platform, patterns, Filers(filers, counties={REGION: 1.0}, first=size))
    return Place(platform, nation, authority_of(platform), ready.ids)


def authority_of(platform: PlatformKit) -> UUID:
    with psycopg.connect(platform.kits["auth"].owner_url) as connection:
        found = connection.execute(
            "SELECT authority_id FROM authority"
            " WHERE region_code = %s AND department = 'education'",
            (REGION,),
        ).fetchone()
    assert found is not None
    return UUID(str(found[0]))


def _place_of(own: Client) -> str:
    assert own.principal is not None
    return f"{LIST}/{own.principal.institution_id}"


def _facts(known: Mapping[str, Any]) -> dict[str, Any]:
    """Of sample A, what the operation takes; its name is the institution's own."""
    samples = yaml.safe_load((ROOT / "docs" / "samples.yaml").read_text(encoding="utf-8"))
    facts: Mapping[str, Any] = samples[0]["institution"]
    taken = ("categories", "delivery_modes", "stages", "legal_nature", "website", "scale")
    told = {name: facts[name] for name in taken if name in facts}
    return told | {"name": known["name"], "region_code": REGION}
