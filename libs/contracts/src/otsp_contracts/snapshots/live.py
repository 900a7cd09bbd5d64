"""Which rows of a section are judged, and where they stand in it.

A draft material or a closed course need not be whole. A row whose status is null is live: it must
not escape by an empty field.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from otsp_contracts.snapshots.courses import (
    ClassFacts,
    CourseFacts,
    CoursesSection,
    SiteFacts,
    SystemFacts,
)
from otsp_contracts.snapshots.institution import CertificateFacts, FeeItemFacts, InstitutionSection
from otsp_contracts.snapshots.materials import MaterialFacts, MaterialsSection
from otsp_contracts.snapshots.staff import StaffFacts, StaffSection

OVER: Final = frozenset({"closed", "finished", "cancelled"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row(Generic[T]):
    """`pointer` is that of the row within the snapshot."""

    object_id: str | None
    pointer: str
    value: T


def certificates(section: InstitutionSection) -> Iterator[Row[CertificateFacts]]:
    for number, certificate in enumerate(section.certificates):
        yield Row(certificate.certificate_id, f"/certificates/{number}", certificate)


def fee_items(section: InstitutionSection) -> Iterator[Row[FeeItemFacts]]:
    for number, fee in enumerate(section.funds.fee_items):
        yield Row(fee.fee_item_id, f"/funds/fee_items/{number}", fee)


def employed(section: StaffSection) -> Iterator[Row[StaffFacts]]:
    for number, person in enumerate(section.staff):
        if person.status in ("employed", None):
            yield Row(person.staff_id, f"/staff/{number}", person)


def in_use(section: MaterialsSection) -> Iterator[Row[MaterialFacts]]:
    for number, material in enumerate(section.materials):
        if material.status in ("in_use", None):
            yield Row(material.material_id, f"/materials/{number}", material)


def sites(section: CoursesSection) -> Iterator[Row[SiteFacts]]:
    for number, site in enumerate(section.sites):
        if site.status not in OVER:
            yield Row(site.site_id, f"/sites/{number}", site)


def systems(section: CoursesSection) -> Iterator[Row[SystemFacts]]:
    for number, system in enumerate(section.systems):
        yield Row(system.system_id, f"/systems/{number}", system)


def courses(section: CoursesSection) -> Iterator[Row[CourseFacts]]:
    for number, course in enumerate(section.courses):
        if course.status not in OVER:
            yield Row(course.course_id, f"/courses/{number}", course)


def classes(course: Row[CourseFacts]) -> Iterator[Row[ClassFacts]]:
    """Those of one open course that are neither finished nor cancelled."""
    for number, a_class in enumerate(course.value.classes):
        if a_class.status not in OVER:
            yield Row(a_class.class_id, f"{course.pointer}/classes/{number}", a_class)
