"""What a judged institution looks like: sections as they travel, and the dossier they come from."""

from otsp_contracts.snapshots.completeness import (
    Asked,
    Lack,
    PartCompleteness,
    asked_of,
    completeness_of,
)
from otsp_contracts.snapshots.courses import (
    ClassFacts,
    CourseFacts,
    CoursesSection,
    ExtraSession,
    Relocation,
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
from otsp_contracts.snapshots.places import Places, label_zh
from otsp_contracts.snapshots.region import OfflinePriceCap, PriceCap, RegionParameters
from otsp_contracts.snapshots.required.field import Circumstances
from otsp_contracts.snapshots.section import MISSING, FieldWarning, Section
from otsp_contracts.snapshots.staff import ExperienceFacts, QualFacts, StaffFacts, StaffSection
from otsp_contracts.snapshots.tabs import TABS, Tab, tab_label_zh
from otsp_contracts.snapshots.whole import SECTIONS, RectificationFact, Snapshot

__all__ = [
    "MISSING",
    "SECTIONS",
    "TABS",
    "Asked",
    "AuditReport",
    "AuthorFacts",
    "BasicAccountFacts",
    "CertificateFacts",
    "Circumstances",
    "ClassFacts",
    "ContractFacts",
    "CourseFacts",
    "CoursesSection",
    "Dossier",
    "DossierError",
    "DossierErrors",
    "ExperienceFacts",
    "ExternalReviewFacts",
    "ExtraSession",
    "FeeItemFacts",
    "FieldWarning",
    "FundsFacts",
    "InstitutionFacts",
    "InstitutionSection",
    "InternalReviewFacts",
    "Lack",
    "LegalRepFacts",
    "LicenceFacts",
    "MaterialFacts",
    "MaterialsSection",
    "OfflinePriceCap",
    "OtherDoc",
    "PartCompleteness",
    "PartyFacts",
    "Places",
    "PriceCap",
    "ProposedField",
    "QualFacts",
    "RectificationFact",
    "RegionParameters",
    "Relocation",
    "Section",
    "SiteFacts",
    "Slot",
    "Snapshot",
    "StaffFacts",
    "StaffSection",
    "SupervisionFacts",
    "SystemFacts",
    "Tab",
    "asked_of",
    "completeness_of",
    "label_zh",
    "parse_dossiers",
    "tab_label_zh",
]
