"""What is decided on: an institution and its parts as plain values, as they are told.

Each row carries its `warnings`: what is stored and doubtful or still to be filled in.
"""

from otsp_institution.rules.rows.documents import (
    ActivityRecord,
    AuditReportRow,
    OtherDocRow,
    PartyRow,
)
from otsp_institution.rules.rows.funds import (
    BasicAccountRow,
    ContractRow,
    ExtraItem,
    FeeItemRow,
    StatementRow,
    SupervisionRow,
)
from otsp_institution.rules.rows.licences import (
    CertificateRow,
    FormerLicenceRow,
    LicenceRow,
)
from otsp_institution.rules.rows.proposals import (
    ProposedChangeRow,
    ProposedFieldRow,
    ProposedPartRow,
)
from otsp_institution.rules.rows.registry import (
    BoardMember,
    Branch,
    ContactRow,
    ControllerRow,
    InstitutionRow,
    LegalRepRow,
    MajorFieldsRow,
    RegistrationRow,
    SponsorRow,
    Supervisor,
)
from otsp_institution.rules.rows.row import Part, Row, Warnings

__all__ = [
    "ActivityRecord",
    "AuditReportRow",
    "BasicAccountRow",
    "BoardMember",
    "Branch",
    "CertificateRow",
    "ContactRow",
    "ContractRow",
    "ControllerRow",
    "ExtraItem",
    "FeeItemRow",
    "FormerLicenceRow",
    "InstitutionRow",
    "LegalRepRow",
    "LicenceRow",
    "MajorFieldsRow",
    "OtherDocRow",
    "Part",
    "PartyRow",
    "ProposedChangeRow",
    "ProposedFieldRow",
    "ProposedPartRow",
    "RegistrationRow",
    "Row",
    "SponsorRow",
    "StatementRow",
    "SupervisionRow",
    "Supervisor",
    "Warnings",
]
