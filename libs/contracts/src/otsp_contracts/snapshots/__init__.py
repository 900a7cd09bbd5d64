"""What a judged institution looks like: sections as they travel, and the dossier they come from."""

from otsp_contracts.snapshots.courses import (
    ClassFacts,
    CourseFacts,
    CoursesSection,
    ExtraSession,
    SiteFacts,
    Slot,
    SystemFacts,
)
from otsp_contracts.snapshots.dossier import Dossier, DossierError, DossierErrors, parse_dossiers
from otsp_contracts.snapshots.institution import (
    AuditReport,
    BasicAccountFacts,
    CertificateFacts,
    ContractFacts,
    FeeItemFacts,
    FundsFacts,
    InstitutionFacts,
    InstitutionSection,
    LegalRepFacts,
    LicenceFacts,
    OtherDoc,
    PartyFacts,
    ProposedField,
    SupervisionFacts,
)
from otsp_contracts.snapshots.materials import (
    AuthorFacts,
    ExternalReviewFacts,
    InternalReviewFacts,
    MaterialFacts,
    MaterialsSection,
)
from otsp_contracts.snapshots.region import OfflinePriceCap, PriceCap, RegionParameters
from otsp_contracts.snapshots.section import MISSING, FieldWarning, Section
from otsp_contracts.snapshots.staff import QualFacts, StaffFacts, StaffSection
from otsp_contracts.snapshots.whole import SECTIONS, RectificationFact, Snapshot

__all__ = [
    "MISSING",
    "SECTIONS",
    "AuditReport",
    "AuthorFacts",
    "BasicAccountFacts",
    "CertificateFacts",
    "ClassFacts",
    "ContractFacts",
    "CourseFacts",
    "CoursesSection",
    "Dossier",
    "DossierError",
    "DossierErrors",
    "ExternalReviewFacts",
    "ExtraSession",
    "FeeItemFacts",
    "FieldWarning",
    "FundsFacts",
    "InstitutionFacts",
    "InstitutionSection",
    "InternalReviewFacts",
    "LegalRepFacts",
    "LicenceFacts",
    "MaterialFacts",
    "MaterialsSection",
    "OfflinePriceCap",
    "OtherDoc",
    "PartyFacts",
    "PriceCap",
    "ProposedField",
    "QualFacts",
    "RectificationFact",
    "RegionParameters",
    "Section",
    "SiteFacts",
    "Slot",
    "Snapshot",
    "StaffFacts",
    "StaffSection",
    "SupervisionFacts",
    "SystemFacts",
    "parse_dossiers",
]
