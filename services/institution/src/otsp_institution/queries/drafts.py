"""What an institution fills in: the forms whose drafts are kept."""

from collections.abc import Mapping

from otsp_chassis.drafts import Form
from otsp_institution.model import (
    AuditReport,
    BasicAccount,
    Certificate,
    FeeItem,
    Institution,
    OtherDoc,
    Party,
    SchoolLicence,
    ServiceContract,
    Supervision,
)

FORMS: Mapping[str, Form] = {
    "registration": Form("RegistrationEntry", Institution.__table__),
    "institution": Form("InstitutionEntry", Institution.__table__),
    "school_licence": Form("LicenceEntry", SchoolLicence.__table__),
    "party": Form("PartyEntry", Party.__table__),
    "supervision": Form("SupervisionEntry", Supervision.__table__),
    "basic_account": Form("BasicAccountEntry", BasicAccount.__table__),
    "service_contract": Form("ContractEntry", ServiceContract.__table__),
    "certificate": Form("CertificateEntry", Certificate.__table__, key="certificate_id"),
    "other_doc": Form("OtherDocEntry", OtherDoc.__table__, key="doc_id"),
    "audit_report": Form("AuditReportEntry", AuditReport.__table__, key="audit_report_id"),
    "fee_item": Form("FeeItemEntry", FeeItem.__table__, key="fee_item_id"),
}
"""By the names that the history has for them, and the registration."""
