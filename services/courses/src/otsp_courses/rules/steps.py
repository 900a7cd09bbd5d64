"""How far the three steps of creation (基本信息 → 培训课程 → 班级信息) are at a host.

Each step is entered and corrected by itself, in any order; nothing is done because a form was left.
What completes the second step is said by the institution: it puts each course from draft to ready.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from otsp_contracts.snapshots.required.courses import SITE, SYSTEM
from otsp_contracts.snapshots.required.field import Circumstances, RequiredField
from otsp_courses.rules.labels import LABELS
from otsp_courses.rules.required import empty_required
from otsp_courses.rules.rows import InstitutionRef, SiteRow, SystemRow


@dataclass(frozen=True, slots=True)
class HeldCourse:
    """An open course of a host, and how many classes it has."""

    status: str
    class_count: int


@dataclass(frozen=True, slots=True)
class Missing:
    """A field of the host that filing needs and that holds nothing."""

    pointer: str
    label_zh: str


@dataclass(frozen=True, slots=True)
class HostStep:
    is_done: bool
    missing: list[Missing]


@dataclass(frozen=True, slots=True)
class CoursesStep:
    is_done: bool
    count: int
    drafts: int


@dataclass(frozen=True, slots=True)
class ClassesStep:
    is_done: bool
    count: int
    courses_without: int


@dataclass(frozen=True, slots=True)
class Steps:
    """Progress at one host."""

    host: HostStep
    courses: CoursesStep
    classes: ClassesStep


def steps_at(
    host: SiteRow | SystemRow,
    held: Sequence[HeldCourse],
    institution: InstitutionRef | None,
    *,
    today: date,
) -> Steps:
    missing = list(_missing(host, institution, today))
    drafts = sum(course.status == "draft" for course in held)
    without = sum(course.class_count == 0 for course in held)
    classes = sum(course.class_count for course in held)
    return Steps(
        HostStep(not missing, missing),
        CoursesStep(bool(held) and not drafts, len(held), drafts),
        ClassesStep(bool(held) and not without, classes, without),
    )


def _missing(
    host: SiteRow | SystemRow, institution: InstitutionRef | None, today: date
) -> Iterator[Missing]:
    """The fields of CMP-001; of an institution that is not known yet, all that may be asked for."""
    known = Circumstances(today, is_online=True, is_offline=True)
    if institution is not None:
        known = Circumstances.of(
            today,
            categories=institution.categories,
            delivery_modes=institution.delivery_modes,
        )
    fields: Sequence[RequiredField[Any]] = SITE if isinstance(host, SiteRow) else SYSTEM
    part = "site" if isinstance(host, SiteRow) else "system"
    is_asked = part == "site" or known.is_online
    lacking = {
        f"/{each.path}"
        for each in fields  # a row has the names of the facts that are made of it
        if is_asked and each.when(known, host) and each.is_empty_in(host)
    }
    lacking |= {fault.pointer for fault in empty_required(host, institution)}
    for pointer, label in LABELS[part][1].items():
        if pointer in lacking:
            yield Missing(pointer, label)
