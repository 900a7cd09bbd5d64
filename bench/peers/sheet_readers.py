"""One run of one way to read a workbook of people, in a process of its own.

`python -m bench.peers.sheet_readers` reads a JSON object from stdin and prints another. `ours` has
handed in the workbook and checks it as the worker does, to the stored report. `bare` reads the
rows with the same library in its own process, and does nothing else: no limits, no checks.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

from python_calamine import CalamineWorkbook

from bench.peers.resident import KIB, memory
from otsp_chassis import log
from otsp_chassis.collector import spare_what_stays
from otsp_chassis.context import Call, activate
from otsp_chassis.db import reading
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.imports import commands, runs, working
from otsp_staff.app import service
from otsp_staff.commands.imports import IMPORTERS

Task = Mapping[str, str]


def main() -> int:
    task: Task = json.load(sys.stdin)
    read = READERS[task["reader"]](task)
    spare_what_stays()
    before, cpu, began = memory("VmRSS"), _cpu(), time.perf_counter()
    rows = read()
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * KIB
    told = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": _cpu() - cpu,
        "peak_mb": (memory("VmHWM") - before + of_children) / KIB**2,
        "rows": rows,
    }
    print(json.dumps(told))
    return 0


def _cpu() -> float:
    """Of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _ours(task: Task) -> Callable[[], int]:
    given = {name: task[name] for name in task if name not in {"reader", "workbook"}}
    runtime = service.runtime_with(service.settings_class.load(service.name, **given))
    log.configure("WARNING")
    door = Call("bench", request_id=str(new_id()), is_write=False)
    institution_id = new_id()
    with activate(runtime, door), Path(task["workbook"]).open("rb") as stream:
        asked = commands.request_import(
            IMPORTERS["staff"],
            _owner(institution_id),
            institution_id,
            name="people.xlsx",
            stream=stream,
        )

    def read() -> int:
        with activate(runtime, door):
            working.check_waiting(IMPORTERS)
            with reading() as tx:
                found = runs.get_import(tx, institution_id, asked.import_id)
        return sum(found.counts.get(name, 0) for name in ("added", "faulty"))

    return read


def _owner(institution_id: UUID) -> Principal:
    return Principal(
        account_id=new_id(),
        role="inst_admin",
        scopes=frozenset({"staff:write"}),
        session_id="bench",
        institution_id=institution_id,
    )


def _bare(task: Task) -> Callable[[], int]:
    def read() -> int:
        sheet = CalamineWorkbook.from_path(task["workbook"]).get_sheet_by_index(0)
        return sum(1 for _ in sheet.iter_rows()) - 1

    return read


READERS: Mapping[str, Callable[[Task], Callable[[], int]]] = {"ours": _ours, "bare": _bare}

if __name__ == "__main__":
    sys.exit(main())
