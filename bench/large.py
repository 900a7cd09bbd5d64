"""What clerks wait for in an institution of 10,000 people, 10,000 materials, 2,000 classes.

`nice ./dev bench large [--scale 1.0]`: one JSON object a service, medians in
milliseconds beside those of an institution of one row in the same database. No figure of the
acceptance list; docs/performance.md has the last run.
"""

import argparse
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any
from uuid import UUID

import psycopg

from bench.rounds import scratch_folder
from otsp_chassis.canonical import pack
from otsp_chassis.clock import today
from otsp_chassis.collector import spare_what_stays
from otsp_chassis.db import reading
from otsp_chassis.ids import new_id
from otsp_chassis.search import terms, text_of
from otsp_chassis.service import Service
from otsp_courses.app import service as courses
from otsp_courses.snapshot import build_section as courses_section
from otsp_local.console import StepFailed, step
from otsp_local.postgres import LocalPostgres
from otsp_materials.app import service as materials
from otsp_materials.snapshot import build_section as materials_section
from otsp_staff.app import service as staff
from otsp_staff.snapshot import build_section as staff_section
from otsp_testkit import Client, ServiceKit
from otsp_testkit.client import Answered
from otsp_testkit.keys import write_key_files

CALLS = 20
PERSON = {
    "name": "周示例", "sex": "F", "nationality": "CN", "education": "bachelor",
    "staff_type": "teaching", "employment": "full_time", "hired_on": "2020-03-01",
    "precheck_on": "2020-02-20", "precheck_clear": True, "prohibited": False,
}  # fmt: skip
MATERIAL = {
    "title": "初中数学讲义", "category": "nonsubject", "kind": "handout", "form": "library",
    "origin": "self", "existing": True, "status": "in_use",
}  # fmt: skip
SLOT = {"weekday": 6, "start": "09:00", "lessons": 2, "lesson_minutes": 40, "break_minutes": 10}
CLASS = {
    "name": "示例班", "capacity": 20, "enrolled": 12, "start_on": "2026-09-07",
    "end_on": "2027-01-15", "slots": [SLOT],
}  # fmt: skip
_FORMS: dict[str, dict[str, Any]] = {
    "staff": PERSON,
    "material": {name: MATERIAL[name] for name in MATERIAL.keys() - {"existing", "status"}},
    "class": CLASS,
}
_SPREAD = """
INSERT INTO {table} SELECT (jsonb_populate_record(template, to_jsonb(spread))).*
FROM spread CROSS JOIN {table} AS template WHERE template.institution_id = %s
"""


@dataclass(frozen=True, slots=True)
class Large:
    """One service: how its first row is entered, and what is multiplied by how much."""

    service: Service
    table: str
    key: str
    label: str
    rows: int
    enter: Callable[[Client], str]
    section: Callable[[Any, UUID, date], Any]
    found_by: str


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench large", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of rows")
    scale = parser.parse_args(arguments).scale
    for large in LARGE:
        with _standing(large) as kit:
            print(json.dumps(_measured(large, kit, max(int(large.rows * scale), 2))), flush=True)
    return 0


def _enter_person(own: Client) -> str:
    return _entered(own.post(_below(own, "staff", "staff"), PERSON))


def _enter_material(own: Client) -> str:
    return _entered(own.post(_below(own, "materials", "materials"), MATERIAL))


def _enter_class(own: Client) -> str:
    course = _entered(own.post(_below(own, "courses", "courses"), {"name": "示例课程"}))
    return _entered(own.post(f"{course}/classes", CLASS))


LARGE = (
    Large(staff, "staff", "staff_id", "name", 10_000, _enter_person, staff_section, "周示例77"),
    Large(
        materials, "material", "material_id", "title", 10_000, _enter_material, materials_section,
        "讲义77",
    ),
    Large(
        courses, "class", "class_id", "name", 2_000, _enter_class,
        lambda tx, institution_id, _: courses_section(tx, institution_id), "示例班77",
    ),
)  # fmt: skip


def _measured(large: Large, kit: ServiceKit, rows: int) -> dict[str, object]:
    small, big = kit.as_institution(new_id()), kit.as_institution(new_id())
    places = {name: large.enter(own) for name, own in (("one row", small), ("all rows", big))}
    with step(f"{rows:,} rows of {large.table}"):
        _spread(kit.owner_url, large, _id_of(big), rows=rows)
    spare_what_stays()
    told: dict[str, object] = {"service": large.service.name, "rows": rows}
    for name, own in (("one row", small), ("all rows", big)):
        told[name] = {
            what: round(_milliseconds(ask), 2)
            for what, ask in _questions(large, kit, own=own, place=places[name]).items()
        }
    return told


def _questions(
    large: Large, kit: ServiceKit, *, own: Client, place: str
) -> dict[str, Callable[[], object]]:
    listed = place.rpartition("/")[0]

    def section() -> object:
        with kit.active(), reading() as tx:
            built = large.section(tx, _id_of(own), today())
            return pack(built.model_dump(mode="json"))

    def save() -> Answered:
        known = own.get(place)
        changed = _FORMS[large.table] | {large.label: f"另{time.monotonic_ns()}"}
        return _good(own.put(place, changed, if_match=known.version))

    return {
        "list": lambda: _good(own.get(listed, query={"limit": 20})),
        "find": lambda: _good(own.get(listed, query={"q": large.found_by, "limit": 20})),
        "read": lambda: _good(own.get(place)),
        "save": save,
        "section": section,
    }


def _milliseconds(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(CALLS):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return median(times)


def _spread(owner_url: str, large: Large, institution_id: UUID, *, rows: int) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(
            f"CREATE TEMP TABLE spread ({large.key} uuid, {large.label} text,"
            " search_text text, search_terms text[])"
        )
        with connection.cursor().copy("COPY spread FROM STDIN") as copy:
            for number in range(rows - 1):
                name = f"{large.found_by.removesuffix('77')}{number}"
                copy.write_row((new_id(), name, text_of(name), terms(name)))
        connection.execute(_SPREAD.format(table=large.table), (institution_id,))
        connection.execute(f"VACUUM ANALYZE {large.table}")


@contextmanager
def _standing(large: Large) -> Iterator[ServiceKit]:
    folder = scratch_folder()
    postgres = LocalPostgres(folder / "postgres", fsync=True)
    try:
        postgres.start()
        kit = ServiceKit(
            large.service,
            postgres,
            keys=write_key_files(folder),
            files_dir=folder / "files",
            settings={"log_level": "WARNING"},
        )
        yield kit
        kit.close()
    finally:
        postgres.erase()
        shutil.rmtree(folder, ignore_errors=True)


def _below(own: Client, service: str, things: str) -> str:
    return f"/api/{service}/v1/institutions/{_id_of(own)}/{things}"


def _id_of(own: Client) -> UUID:
    assert own.principal is not None
    assert own.principal.institution_id is not None
    return own.principal.institution_id


def _entered(answered: Answered) -> str:
    if answered.status != 201:
        raise StepFailed(answered.content.decode())
    return answered.headers["Location"]


def _good(answered: Answered) -> Answered:
    if answered.status != 200:
        raise StepFailed(f"{answered.status}: {answered.content.decode()}")
    return answered
