"""P10: the check of a workbook of people with its report, beside the fast reader alone.

Every run is a process of its own; what is measured begins when everything is imported. CPU and
memory count the reader's process too.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import median

import xlsxwriter

from bench.figures import Figure, Part, tell_spread
from bench.options import Options
from bench.rounds import CLIENT_CORES, SERVER_CORES, alternate, on_cores, scratch_folder
from otsp_chassis.migrate import upgrade
from otsp_contracts.values import cnid_check_digit
from otsp_local.console import StepFailed, step
from otsp_local.environment import ROOT
from otsp_local.postgres import LocalPostgres
from otsp_local.settings import inherited_environment
from otsp_staff.commands.imports import IMPORTERS
from otsp_testkit.keys import write_key_files

GOAL_RATIO, GOAL_MB = 10.0, 300.0
ROWS = 100_000
FAULTY_ONE_IN = 100
SERVICE = "staff"
IMPORTER = IMPORTERS["staff"]
_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Run:
    """One check; `peak_mb` is what the worker grew by, and the most of the reader's process."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    rows: int


def measure_imports(options: Options) -> Figure:
    rows = options.part_of(ROWS, least=1_000)
    with _standing(rows) as task:
        runs = alternate(
            {name: partial(_read, task, name) for name in ("ours", "bare")}, rounds=options.rounds
        )
    for name, each in runs.items():
        tell_spread(f"{name} CPU s", [run.cpu_seconds for run in each])
    if any(run.rows != rows for each in runs.values() for run in each):
        raise StepFailed("a reader saw other rows than were written")
    cpu = {name: median(run.cpu_seconds for run in each) for name, each in runs.items()}
    parts = [
        Part("over_bare", cpu["ours"] / cpu["bare"], GOAL_RATIO),
        Part("peak_mb", max(run.peak_mb for run in runs["ours"]), GOAL_MB),
    ]
    seen = {f"{name}_cpu_s": value for name, value in cpu.items()}
    seen |= {f"{name}_s": median(run.seconds for run in each) for name, each in runs.items()}
    seen["bare_peak_mb"] = max(run.peak_mb for run in runs["bare"])
    return Figure.of("P10", parts, seen | {"rows": float(rows)})


def _read(task: Mapping[str, str], reader: str) -> Run:
    with on_cores(SERVER_CORES):
        done = subprocess.run(
            [sys.executable, "-m", "bench.peers.sheet_readers"],
            input=json.dumps({**task, "reader": reader}),
            cwd=ROOT, env=inherited_environment(), capture_output=True, text=True,
            check=False, timeout=_SECONDS,
        )  # fmt: skip
    if done.returncode != 0:
        raise StepFailed(f"{reader} ended early:\n{done.stderr.strip()}")
    return Run(**json.loads(done.stdout))


@contextmanager
def _standing(rows: int) -> Iterator[Mapping[str, str]]:
    """An empty database of the service, a workbook, and what a reader is told."""
    folder = scratch_folder()
    postgres = LocalPostgres(folder / "postgres", fsync=True)
    try:
        with on_cores(CLIENT_CORES):
            postgres.start()
        database = postgres.ensure_service_databases([SERVICE])[SERVICE]
        upgrade(f"otsp_{SERVICE}", database.owner_url)
        with step(f"writing a workbook of {rows:,} people"):
            write_people(folder / "people.xlsx", rows)
        keys = write_key_files(folder)
        yield {
            "workbook": str(folder / "people.xlsx"),
            "database_url": database.app_url,
            "identity_public_keys": str(keys.identity_public),
            "pii_keys": str(keys.pii),
            "files_dir": str(folder),
        }
    finally:
        postgres.erase()
        shutil.rmtree(folder, ignore_errors=True)


def write_people(path: Path, rows: int) -> None:
    """As spreadsheets write it, texts shared; as many filled columns as 50 MB allow."""
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet(IMPORTER.name_zh)
    sheet.write_row(0, 0, [field.title for field in IMPORTER.fields])
    places = {field.title: place for place, field in enumerate(IMPORTER.fields)}
    for number in range(rows):
        for title, value in person(number).items():
            write = sheet.write_datetime if isinstance(value, date) else sheet.write_string
            write(number + 1, places[title], value)
    book.close()


def person(number: int) -> dict[str, str | date]:
    """Fictitious; one in so many has a wrong check digit."""
    born = date(1970, 1, 1) + timedelta(days=number // 999)
    first_17 = f"330199{born:%Y%m%d}{1 + number % 999:03}"
    digit = "?" if number % FAULTY_ONE_IN == 0 else cnid_check_digit(first_17)
    return {
        "姓名": f"示例{number}",
        "性别": "男" if number % 2 else "女",
        "证件号码": first_17 + digit,
        "手机号": f"138{number:08}",
        "学历": "本科",
        "人员类别": "教学人员",
        "用工形式": "专职",
        "入职日期": date(2020, 3, 1) + timedelta(days=number % 900),
        "是否签订劳动合同": "是",
        "资质类型": "教师资格证",
    }
