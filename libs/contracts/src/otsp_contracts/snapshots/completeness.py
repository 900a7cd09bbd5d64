"""What must be filled in before filing, asked of one section: CMP-001 and the meter both read it.

What an owner reports as missing (MISSING) does not travel in its section, so it is asked for here
from the moment that it lacks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple, TypeVar

from otsp_contracts.snapshots import live
from otsp_contracts.snapshots.courses import ClassFacts, CoursesSection
from otsp_contracts.snapshots.institution import InstitutionSection
from otsp_contracts.snapshots.live import Row
from otsp_contracts.snapshots.materials import MaterialsSection
from otsp_contracts.snapshots.places import Places, label_zh
from otsp_contracts.snapshots.required import courses, institution, materials, staff
from otsp_contracts.snapshots.required.field import Circumstances, RequiredField
from otsp_contracts.snapshots.section import MISSING, Section
from otsp_contracts.snapshots.staff import StaffSection
from otsp_contracts.snapshots.tabs import tab_label_zh

T = TypeVar("T")
LACKS_TOLD: Final = 100
"""Of one part; how many lack in all is `required` less `filled`."""


class Asked(NamedTuple):
    """A field that must be filled, or a part or a document that must be there.

    A tuple, because a large institution is asked for tens of thousands.
    """

    pointer: str
    label_zh: str
    is_filled: bool
    object_id: str | None = None
    doc_type: str | None = None


@dataclass(frozen=True, slots=True)
class Lack:
    """One place to fill in; `object_id` names the row, null for the institution's own."""

    pointer: str
    label_zh: str
    object_id: str | None


@dataclass(frozen=True, slots=True)
class PartCompleteness:
    """How far one part of the file is; `section` is the first step of its pointers."""

    section: str
    label_zh: str
    required: int
    filled: int
    percent: int
    missing: Sequence[Lack]


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far what one owner keeps is: what the meter of each of the four answers."""

    required: int
    filled: int
    percent: int
    sections: Sequence[PartCompleteness]


def asked_of(section: Section, known: Circumstances) -> Iterator[Asked]:
    """Each place once, in the order of the file; what is reported as missing comes last."""
    told = set()
    for asked in _ASKING[type(section)](section, known):
        told.add(asked.pointer if not asked.is_filled else None)
        yield asked
    places = Places(section)
    for warning in section.field_warnings:
        pointer = places.pointer(warning)
        if warning.code == MISSING and pointer not in told:
            told.add(pointer)
            yield Asked(pointer, label_zh(warning), is_filled=False, object_id=warning.object_id)


def completeness_of(section: Section, known: Circumstances) -> Completeness:
    """Part by part, in the order of the file; a part of which nothing is asked is left out."""
    asked = sorted(asked_of(section, known), key=lambda each: _ORDER.index(_part(each)))
    parts = [_part_of(name, list(of_it)) for name, of_it in groupby(asked, key=_part)]
    required, filled = sum(part.required for part in parts), sum(part.filled for part in parts)
    return Completeness(required, filled, _percent(filled, required), parts)


def _part_of(name: str, asked: Sequence[Asked]) -> PartCompleteness:
    lacking = [each for each in asked if not each.is_filled]
    filled = len(asked) - len(lacking)
    return PartCompleteness(
        section=name,
        label_zh=_OF_SEVERAL_TABS_ZH.get(name) or tab_label_zh(name),
        required=len(asked),
        filled=filled,
        percent=_percent(filled, len(asked)),
        missing=[Lack(each.pointer, each.label_zh, each.object_id) for each in lacking][
            :LACKS_TOLD
        ],
    )


def _percent(filled: int, required: int) -> int:
    """Rounded down, so that 100 is said of what is whole alone; of nothing, nothing lacks."""
    return filled * 100 // required if required else 100


_ORDER: Final = (
    "institution",
    "licence",
    "certificates",
    "party",
    "other_docs",
    "funds",
    "staff",
    "materials",
    "sites",
    "systems",
    "courses",
)
_OF_SEVERAL_TABS_ZH: Final[Mapping[str, str]] = {"funds": "资金管理"}


def _part(asked: Asked) -> str:
    return asked.pointer.split("/")[1]


def _of_institution(section: InstitutionSection, known: Circumstances) -> Iterator[Asked]:
    own, funds = section.institution, section.funds
    yield from _fields(institution.INSTITUTION, _one("/institution", own), known)
    yield from _fields(institution.LEGAL_REP, _one("/institution/legal_rep", own.legal_rep), known)
    yield from _fields(institution.LICENCE, _one("/licence", section.licence), known)
    yield from _fields(institution.CERTIFICATE, live.certificates(section), known)
    yield from _fields(institution.PARTY, _one("/party", section.party), known)
    yield from _fields(
        institution.SUPERVISION, _one("/funds/supervision", funds.supervision), known
    )
    account = _one("/funds/basic_account", funds.basic_account)
    yield from _fields(institution.BASIC_ACCOUNT, account, known)
    yield from _fields(institution.CONTRACT, _one("/funds/contract", funds.contract), known)
    yield from _fields(institution.FEE_ITEM, live.fee_items(section), known)
    yield Asked("/licence", "办学许可证", section.licence is not None)
    has_primary = any(row.is_primary for row in section.certificates)
    yield Asked("/certificates", "主要证照", has_primary)
    yield Asked("/party", "党建情况", section.party is not None)
    yield Asked("/funds/supervision", "监管信息", funds.supervision is not None)
    yield Asked("/funds/basic_account", "基础账户信息", funds.basic_account is not None)
    yield Asked("/funds/contract", "合同信息", funds.contract is not None)
    held = {document.doc_type for document in section.other_docs if document.file_id}
    of_online = institution.ONLINE_DOCUMENTS if known.is_online else ()
    for doc_type, name_zh in institution.DOCUMENTS + of_online:
        yield Asked("/other_docs", name_zh, doc_type in held, doc_type=doc_type)


def _of_staff(section: StaffSection, known: Circumstances) -> Iterator[Asked]:
    yield from _fields(staff.STAFF, live.employed(section), known)
    yield Asked("/staff", "从业人员", any(live.employed(section)))


def _of_materials(section: MaterialsSection, known: Circumstances) -> Iterator[Asked]:
    yield from _fields(materials.MATERIAL, live.in_use(section), known)


def _of_courses(section: CoursesSection, known: Circumstances) -> Iterator[Asked]:
    yield from _fields(courses.SITE, live.sites(section), known)
    systems = live.systems(section) if known.is_online else iter(())
    yield from _fields(courses.SYSTEM, systems, known)
    yield from _fields(courses.COURSE, live.courses(section), known)
    yield from _fields(courses.CLASS, _classes(section), known)
    if known.is_offline:
        yield Asked("/sites", "办学点", any(live.sites(section)))
    if known.is_online:
        yield Asked("/systems", "业务系统", any(live.systems(section)))


def _classes(section: CoursesSection) -> Iterator[Row[ClassFacts]]:
    for course in live.courses(section):
        yield from live.classes(course)


_ASKING: Final[Mapping[type[Section], Callable[[Any, Circumstances], Iterator[Asked]]]] = {
    InstitutionSection: _of_institution,
    StaffSection: _of_staff,
    MaterialsSection: _of_materials,
    CoursesSection: _of_courses,
}


def _one(pointer: str, row: T | None) -> Iterator[Row[T]]:
    if row is not None:
        yield Row(None, pointer, row)


def _fields(
    fields: Iterable[RequiredField[T]], rows: Iterable[Row[T]], known: Circumstances
) -> Iterator[Asked]:
    for row in rows:
        for field in fields:
            if field.when(known, row.value):
                yield Asked(
                    f"{row.pointer}/{field.path}",
                    field.label_zh,
                    not field.is_empty_in(row.value),
                    row.object_id,
                )
