"""One run of one way to write the list of materials, in a process of its own.

`python -m bench.peers.sheet_writers` reads a JSON object from stdin and prints another. `ours` asks
for an export and writes it as the worker does. The others put the same columns of the same rows,
from a cursor of the server, into a workbook, and do nothing else: no words for codes, no guard
against formulas, no progress, no file kept.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import xlsxwriter
from psycopg.sql import SQL, Identifier
from rustpy_xlsxwriter import FastExcel

from bench.peers.resident import KIB, memory
from otsp_chassis import log
from otsp_chassis.context import Call, Runtime, activate
from otsp_chassis.cursors import ROWS_A_PAGE
from otsp_chassis.exports.commands import request_export
from otsp_chassis.exports.listed import Asker
from otsp_chassis.exports.working import make_export
from otsp_chassis.ids import new_id
from otsp_materials.app import service
from otsp_materials.commands.exports import COLUMNS, EXPORTED

_ROWS = SQL("SELECT {} FROM material WHERE institution_id = %s ORDER BY material_id").format(
    SQL(", ").join(map(Identifier, COLUMNS))
)
Task = Mapping[str, str]


def main() -> int:
    task: Task = json.load(sys.stdin)
    write = WRITERS[task["writer"]](task)
    before, cpu, began = memory("VmRSS"), time.process_time(), time.perf_counter()
    write()
    told = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - cpu,
        "growth_mb": (memory("VmHWM") - before) / KIB**2,
    }
    print(json.dumps(told))
    return 0


def _ours(task: Task) -> Callable[[], None]:
    settings = service.settings_class.load(
        service.name, **{name: task[name] for name in task if name not in {"writer", "institution"}}
    )
    runtime = service.runtime_with(settings)
    log.configure("WARNING")
    with _behind_a_door(runtime):
        asked = request_export(
            EXPORTED, Asker(UUID(task["institution"])),
            of_list="materials", file_format="xlsx", filters={},
        )  # fmt: skip

    def write() -> None:
        with _behind_a_door(runtime):
            make_export(EXPORTED, asked.export_id)

    return write


def _behind_a_door(runtime: Runtime) -> AbstractContextManager[None]:
    return activate(runtime, Call("bench", request_id=str(new_id()), is_write=False))


def _bare(task: Task) -> Callable[[], None]:
    """The Rust-backed writer alone."""
    names = tuple(COLUMNS)

    def write() -> None:
        rows = (dict(zip(names, row, strict=True)) for row in _rows(task))
        FastExcel(_target(task)).sheet("materials", rows).save()

    return write


def _xlsxwriter(task: Task) -> Callable[[], None]:
    def write() -> None:
        options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
        book = xlsxwriter.Workbook(_target(task), options)
        sheet = book.add_worksheet("materials")
        sheet.write_row(0, 0, tuple(COLUMNS))
        for number, row in enumerate(_rows(task), start=1):
            sheet.write_row(number, 0, row)
        book.close()

    return write


def _target(task: Task) -> str:
    return str(Path(task["files_dir"]) / f"{task['writer']}.xlsx")


def _rows(task: Task) -> Iterator[tuple[Any, ...]]:
    with (
        psycopg.connect(task["database_url"]) as connection,
        connection.cursor("materials") as cursor,
    ):
        cursor.itersize = ROWS_A_PAGE
        cursor.execute(_ROWS, (task["institution"],))
        yield from cursor


WRITERS: Mapping[str, Callable[[Task], Callable[[], None]]] = {
    "ours": _ours,
    "bare": _bare,
    "xlsxwriter": _xlsxwriter,
}

if __name__ == "__main__":
    sys.exit(main())
