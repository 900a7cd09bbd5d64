"""P7: judging one large dossier by all rules, beside a single pass over the same sections.

Pure and in this process: what is measured is CPU between a sealed snapshot in memory and its
findings. The snapshot of sample A is what it is made of, so that nothing in it is lacking.
"""

import copy
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from statistics import median
from types import ModuleType
from typing import Any

from bench.figures import Figure, Part, tell_spread
from bench.options import Options
from bench.rounds import alternate
from otsp_chassis.collector import spare_what_stays
from otsp_contracts.snapshots import Snapshot
from otsp_local.environment import ROOT

GOAL_MS, GOAL_GROWTH = 300.0, 12.0
STAFF, MATERIALS, CLASSES, WEEKS, TIMES = 300, 400, 200, 30, 10
"""Of the p99 dossier: two sessions a week make 60; and how many times as large the other one is."""
CLASSES_A_COURSE = 2
BEGIN = date(2024, 10, 8)
Document = dict[str, Any]


def measure_evaluation(options: Options) -> Figure:
    """Both sizes and both passes in every round; CPU of this process."""
    dossiers = _second_way()
    single, large = (_snapshot(dossiers.snapshots()["A"], times) for times in (1, TIMES))
    spare_what_stays()
    runs = alternate(
        {
            "ours": partial(_cpu_ms, lambda: dossiers.judged(single)),
            "ours_large": partial(_cpu_ms, lambda: dossiers.judged(large)),
            "pass": partial(_cpu_ms, lambda: _passed_over(single)),
        },
        rounds=options.rounds,
    )
    cpu = {}
    for name, made in runs.items():
        tell_spread(f"{name} CPU ms", made)
        cpu[name] = median(made)
    parts = [
        Part("over_goal", cpu["ours"] / GOAL_MS, 1.0),
        Part("evaluation_cpu_ms", cpu["ours"], GOAL_MS),
        Part("growth", cpu["ours_large"] / cpu["ours"], GOAL_GROWTH),
    ]
    seen = {
        "over_pass": cpu["ours"] / cpu["pass"],
        "pass_cpu_ms": cpu["pass"],
        "large_cpu_ms": cpu["ours_large"],
        "sessions": float(sum(1 for _ in _sessions(single))),
        "findings": float(len(dossiers.judged(single).findings)),
    }
    return Figure.of("P7", parts, seen)


def _cpu_ms(judge: Callable[[], object]) -> float:
    before = time.process_time()
    judge()
    return (time.process_time() - before) * 1000


def _second_way() -> ModuleType:
    """The rules' tests make snapshots without a platform; so does this."""
    path = ROOT / "services" / "compliance" / "tests" / "rules" / "dossiers.py"
    spec = spec_from_file_location("dossiers", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _snapshot(sample: Document, times: int) -> Snapshot:
    document = copy.deepcopy(sample)
    teacher, material = document["staff"]["staff"][0], document["materials"]["materials"][0]
    course = document["courses"]["courses"][0]
    document["staff"]["staff"] += [
        teacher | {"staff_id": f"T-{number}", "id_hmac": f"{number:064x}"}
        for number in range(STAFF * times - len(document["staff"]["staff"]))
    ]
    document["materials"]["materials"] += [
        material | {"material_id": f"B-{number}", "title": f"讲义{number}"}
        for number in range(MATERIALS * times - len(document["materials"]["materials"]))
    ]
    document["courses"]["courses"] = [
        _course(course, number) for number in range(CLASSES * times // CLASSES_A_COURSE)
    ]
    return Snapshot.model_validate(document)


def _course(like: Document, number: int) -> Document:
    """Its two classes are held on different evenings, by one teacher."""
    pattern = like["classes"][0]
    ends = {"start_on": BEGIN.isoformat(), "end_on": (BEGIN + timedelta(weeks=WEEKS)).isoformat()}
    return like | {
        "course_id": f"K-{number}",
        "material_ids": [f"B-{number}"],
        "classes": [
            pattern
            | ends
            | {
                "class_id": f"K-{number}-{place}",
                "teacher_ids": [f"T-{number}"],
                "slots": [pattern["slots"][0] | {"weekday": day} for day in (1 + place, 3 + place)],
            }
            for place in range(CLASSES_A_COURSE)
        ],
    }


def _passed_over(snapshot: Snapshot) -> int:
    """Everything looked at once: each fact of each row, each session of each class."""
    rows = (*snapshot.staff.staff, *snapshot.materials.materials, *snapshot.courses.courses)
    facts = sum(1 for row in rows for _, value in row if value is not None)
    return facts + sum(1 for _ in _sessions(snapshot))


def _sessions(snapshot: Snapshot) -> Iterator[tuple[date, str]]:
    for course in snapshot.courses.courses:
        for held in course.classes:
            if held.start_on is None or held.end_on is None:
                continue
            days = range((held.end_on - held.start_on).days + 1)
            for slot in held.slots:
                for number in days:
                    day = held.start_on + timedelta(days=number)
                    if day.isoweekday() == slot.weekday and slot.start is not None:
                        yield day, slot.start
