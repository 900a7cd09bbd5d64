"""The snapshot: four sections and what compliance adds of its own."""

from collections.abc import Mapping
from datetime import date

from otsp_contracts.snapshots.courses import CoursesSection
from otsp_contracts.snapshots.institution import InstitutionSection
from otsp_contracts.snapshots.materials import MaterialsSection
from otsp_contracts.snapshots.region import RegionParameters
from otsp_contracts.snapshots.section import Facts, Section
from otsp_contracts.snapshots.staff import StaffSection


class RectificationFact(Facts):
    """A rectification task as compliance knows it."""

    rectification_id: str | None = None
    kind: str
    status: str
    due_on: date | None = None


class Snapshot(Facts):
    """Everything the rules may look at, as of one day."""

    as_of: date
    institution: InstitutionSection
    staff: StaffSection
    materials: MaterialsSection
    courses: CoursesSection
    rectifications: tuple[RectificationFact, ...] = ()
    region: RegionParameters


SECTIONS: Mapping[str, type[Section]] = {
    section.SECTION: section
    for section in (InstitutionSection, StaffSection, MaterialsSection, CoursesSection)
}
