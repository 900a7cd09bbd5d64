"""How many accounts a second `otsp import-legacy` takes in, and how much memory it holds.

`nice ./dev bench migration --rows 300000`: one run of the real command on an empty,
durable database, after one on a tenth of the rows; then the whole file again, all of it there.
Prints one JSON object a run. No figure of the acceptance list: what is looked for is that memory
does not grow with the file.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.rounds import scratch_folder
from otsp_chassis.migrate import upgrade
from otsp_local.environment import ROOT
from otsp_local.postgres import LocalPostgres
from otsp_local.settings import inherited_environment
from otsp_testkit.keys import write_key_files
from otsp_testkit.legacy import legacy_cells, write_legacy_file

_KIB = 1024


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench migration", description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000)
    rows = parser.parse_args(arguments).rows
    with _standing() as (folder, environment):
        for name, first, count in (("a tenth", rows, rows // 10), ("all", 0, rows)):
            file = write_legacy_file(
                folder / "legacy.csv", map(legacy_cells, range(first, first + count))
            )
            print(
                json.dumps(_measured(name, file, rows=count, environment=environment)), flush=True
            )
        print(
            json.dumps(_measured("all again", file, rows=rows, environment=environment)), flush=True
        )
    return 0


def _measured(
    name: str, file: Path, *, rows: int, environment: Mapping[str, str]
) -> dict[str, object]:
    """One run of the command; memory is the most that the process held, by its own account."""
    command = ["import-legacy", str(file), "--source", "xwpx_offline", "--report", f"{file}.report"]
    began = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "otsp_cli", *command], env=dict(environment), cwd=ROOT
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    assert process.returncode == 0, process.returncode
    return {
        "run": name,
        "rows": rows,
        "seconds": round(seconds, 1),
        "rows_per_second": round(rows / seconds),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mib": round(_bytes(usage) / _KIB**2),
        "file_mib": round(file.stat().st_size / _KIB**2, 1),
    }


def _bytes(usage: resource.struct_rusage) -> int:
    """Linux tells KiB, macOS bytes."""
    return usage.ru_maxrss if sys.platform == "darwin" else usage.ru_maxrss * _KIB


@contextmanager
def _standing() -> Iterator[tuple[Path, Mapping[str, str]]]:
    """A scratch folder, and the environment of a command of auth; removed at the end."""
    folder = scratch_folder()
    postgres = LocalPostgres(folder / "postgres", fsync=True)
    try:
        postgres.start()
        database = postgres.ensure_service_databases(["auth"])["auth"]
        upgrade("otsp_auth", database.owner_url)
        keys = write_key_files(folder)
        yield (
            folder,
            {
                **inherited_environment(),
                "OTSP_ENV": "test",
                "OTSP_AUTH_DATABASE_URL": database.app_url,
                "OTSP_AUTH_IDENTITY_PRIVATE_KEY": str(keys.identity_private),
                "OTSP_IDENTITY_PUBLIC_KEYS": str(keys.identity_public),
                "OTSP_PII_KEYS": str(keys.pii),
                "OTSP_FILES_DIR": str(folder),
            },
        )
    finally:
        postgres.erase()
        shutil.rmtree(folder, ignore_errors=True)
