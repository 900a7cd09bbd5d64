"""P9: a list of materials as a workbook, beside the fast writer alone and the usual one.

Every run is a process of its own; what is measured begins when everything is imported. The floor
and the peer read the same rows by a cursor of the server too.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from uuid import UUID

import psycopg

from bench.figures import Figure, Part, tell_spread
from bench.options import Options
from bench.rounds import CLIENT_CORES, SERVER_CORES, alternate, on_cores, scratch_folder
from otsp_chassis.ids import new_id
from otsp_chassis.migrate import upgrade
from otsp_local.console import StepFailed, step
from otsp_local.environment import ROOT
from otsp_local.postgres import LocalPostgres
from otsp_local.settings import inherited_environment
from otsp_testkit.keys import write_key_files

GOAL_RATIO, LEAST_SPEEDUP, GOAL_MB = 1.3, 4.0, 40.0
FLAT_MB = 8.0
"""How much more the ten times longer list may hold: less than a thousandth of it."""
ROWS, TIMES = 100_000, 10
SERVICE = "materials"
_SECONDS = 600
_SEED = """
INSERT INTO material (material_id, institution_id, status, title, version_no, category,
  subject_code, stage, kind, form, origin, isbn, delivery, authors, internal_reviewer_ids,
  internal_result, internal_reviewed_on, external_result, external_reviewed_on, used_from,
  used_until, created_at, updated_at, version, search_text, search_terms)
SELECT gen_random_uuid(), %s, (array['in_use', 'archived'])[1 + mod(n, 2)],
  '初中数学同步讲义 第' || n || '册', 1 + mod(n, 9), 'subject', 'math', 'junior', 'handout',
  'basic', 'published', '978' || lpad(n::text, 10, '0'), '{}', '[]', '{}',
  'pass', date '2024-01-01' + mod(n, 300), 'pass', date '2024-02-01' + mod(n, 300),
  date '2024-09-01', date '2025-01-15', now(), now(), 1, '', '{}'
FROM generate_series(1, %s) AS n
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One workbook; CPU is that of the process that wrote it."""

    seconds: float
    cpu_seconds: float
    growth_mb: float


def measure_exports(options: Options) -> Figure:
    """The longer list is written once; it is there for its memory."""
    rows = options.part_of(ROWS, least=1_000)
    with _standing({"list": rows, "long list": rows * TIMES}) as (task, lists):
        of_the_list = partial(_written, task, institution=lists["list"])
        runs = alternate(
            {name: partial(of_the_list, name) for name in ("ours", "bare", "xlsxwriter")},
            rounds=options.rounds,
        )
        long = _written(task, "ours", institution=lists["long list"])
    for name, each in runs.items():
        tell_spread(f"{name} CPU s", [run.cpu_seconds for run in each])
    cpu = {name: median(run.cpu_seconds for run in each) for name, each in runs.items()}
    growth = max(run.growth_mb for run in runs["ours"])
    parts = [
        Part("over_bare", cpu["ours"] / cpu["bare"], GOAL_RATIO),
        Part(
            "speedup_over_xlsxwriter", cpu["xlsxwriter"] / cpu["ours"], LEAST_SPEEDUP, at_least=True
        ),
        Part("peak_growth_mb", max(growth, long.growth_mb), GOAL_MB),
        Part("growth_of_the_long_list_mb", long.growth_mb - growth, FLAT_MB),
    ]
    seen = {f"{name}_cpu_s": value for name, value in cpu.items()}
    seen |= {f"{name}_s": median(run.seconds for run in each) for name, each in runs.items()}
    seen |= {
        f"{name}_growth_mb": max(run.growth_mb for run in each)
        for name, each in runs.items()
        if name != "ours"
    }
    return Figure.of("P9", parts, seen | {"rows": float(rows), "long_list_s": long.seconds})


def _written(task: Mapping[str, str], writer: str, *, institution: UUID) -> Run:
    with on_cores(SERVER_CORES):
        done = subprocess.run(
            [sys.executable, "-m", "bench.peers.sheet_writers"],
            input=json.dumps({**task, "writer": writer, "institution": str(institution)}),
            cwd=ROOT, env=inherited_environment(), capture_output=True, text=True,
            check=False, timeout=_SECONDS,
        )  # fmt: skip
    if done.returncode != 0:
        raise StepFailed(f"{writer} ended early:\n{done.stderr.strip()}")
    return Run(**json.loads(done.stdout))


@contextmanager
def _standing(sizes: Mapping[str, int]) -> Iterator[tuple[Mapping[str, str], Mapping[str, UUID]]]:
    """A database of the service with a list of each size, and what a writer is told."""
    folder = scratch_folder()
    postgres = LocalPostgres(folder / "postgres", fsync=True)
    lists = {name: new_id() for name in sizes}
    try:
        with on_cores(CLIENT_CORES):
            postgres.start()
        database = postgres.ensure_service_databases([SERVICE])[SERVICE]
        upgrade(f"otsp_{SERVICE}", database.owner_url)
        with (
            step(f"entering {sum(sizes.values()):,} materials"),
            psycopg.connect(database.owner_url, autocommit=True) as connection,
        ):
            for name, count in sizes.items():
                connection.execute(_SEED, (lists[name], count))
            connection.execute("VACUUM ANALYZE material")
        keys = write_key_files(folder)
        task = {
            "database_url": database.app_url,
            "identity_public_keys": str(keys.identity_public),
            "pii_keys": str(keys.pii),
            "files_dir": str(folder),
        }
        yield task, lists
    finally:
        postgres.erase()
        shutil.rmtree(folder, ignore_errors=True)
