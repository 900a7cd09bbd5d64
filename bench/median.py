"""A dossier of median size: 12 staff, 10 materials, 8 courses, 15 classes; nothing in it blocks.

Sample A of docs/samples.yaml, with more of what it has, and its one warning mended.
"""

import copy
from itertools import islice
from typing import Any

import yaml

from otsp_chassis import clock
from otsp_contracts.snapshots.dossier import Dossier, DossierErrors, parse_dossiers
from otsp_contracts.values import cnid_check_digit
from otsp_local.environment import ROOT

Document = dict[str, Any]
TEACHERS, RESEARCHERS, OTHERS = 8, 3, 1
MATERIALS, COURSES, CLASSES = 10, 8, 15
EVENINGS = ((2, 4), (3, 5))
"""Of a course's first class and of its second: one teacher cannot teach both at once."""


def median_dossier() -> Dossier:
    """As the loader takes it."""
    [dossier] = parse_dossiers([median_document()])
    if isinstance(dossier, DossierErrors):
        raise TypeError(dossier.errors)
    return dossier


def offset_days() -> int:
    """From the real day to the one that the dossier is as of."""
    day = median_dossier().as_of
    assert day is not None
    return (day - clock.now().astimezone(clock.SHANGHAI).date()).days


def median_document() -> Document:
    """In the format of docs/samples.yaml."""
    samples = yaml.safe_load((ROOT / "docs" / "samples.yaml").read_text(encoding="utf-8"))
    document: Document = copy.deepcopy(samples[0])
    teacher, _, researcher, head = document["staff"]
    material, course = document["materials"][0], document["courses"][0]
    document["sites"][0] |= {"teaching_area_m2": 400, "fire_check_on": document["as_of"]}
    document["staff"] = [
        *(_person(teacher, "T", number) for number in range(TEACHERS)),
        *(_person(researcher, "R", number) for number in range(RESEARCHERS)),
        head,
    ]
    document["materials"] = [_material(material, number) for number in range(MATERIALS)]
    document["courses"] = [_course(course, number) for number in range(COURSES)]
    return document


def _person(like: Document, kind: str, number: int) -> Document:
    first_17 = f"330199{1975 + number}0{ord(kind) % 9 + 1}1599{number}"
    return like | {
        "staff_id": f"{kind}{number}",
        "name": f"示例{kind}{number}",
        "id_no": first_17 + cnid_check_digit(first_17),
    }


def _material(like: Document, number: int) -> Document:
    content = f"median-{number}"
    return like | {
        "material_id": f"B{number}",
        "title": f"初中数学同步讲义(示例{number})",
        "content_sha256": content,
        "reviewed_sha256": content,
        "authors": [like["authors"][0] | {"staff_id": f"R{number % RESEARCHERS}"}],
        "internal_review": like["internal_review"] | {"reviewer_ids": ["T0"]},
    }


def _course(like: Document, number: int) -> Document:
    pattern = like["classes"][0]
    before = len(EVENINGS) * number
    held = islice(EVENINGS, min(len(EVENINGS), CLASSES - before))
    return like | {
        "course_id": f"K{number}",
        "name": f"初二数学{number}",
        "material_ids": [f"B{number}"],
        "classes": [
            pattern
            | {
                "class_id": f"K{number}-{place}",
                "teacher_ids": [f"T{number}"],
                "slots": [pattern["slots"][0] | {"weekday": day} for day in evenings],
            }
            for place, evenings in enumerate(held)
        ],
    }
