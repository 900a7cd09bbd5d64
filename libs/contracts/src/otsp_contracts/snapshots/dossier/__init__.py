"""The dossier: a whole institution as one input document, in the format of `docs/samples.yaml`."""

from otsp_contracts.snapshots.dossier.closing import DossierClosing
from otsp_contracts.snapshots.dossier.courses import (
    DossierClass,
    DossierCourse,
    DossierExtraSession,
    DossierSite,
    DossierSlot,
    DossierSystem,
)
from otsp_contracts.snapshots.dossier.funds import (
    DossierAuditReport,
    DossierBasicAccount,
    DossierContract,
    DossierFeeItem,
    DossierFunds,
    DossierSupervision,
)
from otsp_contracts.snapshots.dossier.institution import (
    DossierCertificate,
    DossierContact,
    DossierInstitution,
    DossierLegalRep,
    DossierLicence,
    DossierOtherDoc,
    DossierParty,
    DossierRectification,
    DossierSponsor,
)
from otsp_contracts.snapshots.dossier.materials import (
    DossierAuthor,
    DossierExternalReview,
    DossierInternalReview,
    DossierMaterial,
)
from otsp_contracts.snapshots.dossier.parse import DossierError, DossierErrors, parse_dossiers
from otsp_contracts.snapshots.dossier.region import DossierPriceCap, DossierRegion, DossierRouting
from otsp_contracts.snapshots.dossier.staff import DossierQual, DossierStaff
from otsp_contracts.snapshots.dossier.whole import Dossier

__all__ = [
    "Dossier",
    "DossierAuditReport",
    "DossierAuthor",
    "DossierBasicAccount",
    "DossierCertificate",
    "DossierClass",
    "DossierClosing",
    "DossierContact",
    "DossierContract",
    "DossierCourse",
    "DossierError",
    "DossierErrors",
    "DossierExternalReview",
    "DossierExtraSession",
    "DossierFeeItem",
    "DossierFunds",
    "DossierInstitution",
    "DossierInternalReview",
    "DossierLegalRep",
    "DossierLicence",
    "DossierMaterial",
    "DossierOtherDoc",
    "DossierParty",
    "DossierPriceCap",
    "DossierQual",
    "DossierRectification",
    "DossierRegion",
    "DossierRouting",
    "DossierSite",
    "DossierSlot",
    "DossierSponsor",
    "DossierStaff",
    "DossierSupervision",
    "DossierSystem",
    "parse_dossiers",
]
