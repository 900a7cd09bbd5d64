"""One dossier: everything about one institution and the configuration of its county."""

from otsp_contracts.snapshots.dossier.closing import DossierClosing
from otsp_contracts.snapshots.dossier.courses import DossierCourse, DossierSite, DossierSystem
from otsp_contracts.snapshots.dossier.entry import Day, Entry, Reference
from otsp_contracts.snapshots.dossier.funds import DossierFunds
from otsp_contracts.snapshots.dossier.institution import (
    DossierCertificate,
    DossierInstitution,
    DossierLicence,
    DossierOtherDoc,
    DossierParty,
    DossierRectification,
)
from otsp_contracts.snapshots.dossier.materials import DossierMaterial
from otsp_contracts.snapshots.dossier.region import DossierRegion
from otsp_contracts.snapshots.dossier.staff import DossierStaff


class Dossier(Entry):
    """`certificate` is the primary one, `certificates` are any further ones."""

    sample: Reference
    as_of: Day | None = None
    region: DossierRegion | None = None
    institution: DossierInstitution
    licence: DossierLicence | None = None
    certificate: DossierCertificate | None = None
    certificates: tuple[DossierCertificate, ...] | None = None
    party: DossierParty | None = None
    other_docs: tuple[DossierOtherDoc, ...] | None = None
    rectifications: tuple[DossierRectification, ...] | None = None
    funds: DossierFunds | None = None
    staff: tuple[DossierStaff, ...] | None = None
    materials: tuple[DossierMaterial, ...] | None = None
    sites: tuple[DossierSite, ...] | None = None
    systems: tuple[DossierSystem, ...] | None = None
    courses: tuple[DossierCourse, ...] | None = None
    closing: DossierClosing | None = None
