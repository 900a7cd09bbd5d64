"""Which files the institution's parts name, and who may look at them."""

from uuid import UUID

from sqlalchemy import exists, false, select

from otsp_chassis.db import Reader
from otsp_chassis.file_scope import FileScope
from otsp_chassis.identity import Principal
from otsp_chassis.public_pictures import PublicPictures
from otsp_chassis.references import Reference
from otsp_chassis.unnamed_files import NamedFiles
from otsp_contracts.institution import ON_REGISTER
from otsp_institution.model import (
    AuditReport,
    BasicAccount,
    CaseRef,
    Certificate,
    FormerLicence,
    Institution,
    OtherDoc,
    Party,
    PublicPictureRef,
    SchoolLicence,
    ServiceContract,
    Supervision,
)
from otsp_institution.model.proposals import FiledChange, ProposedChange
from otsp_institution.queries.sight import sight_of

REFERENCES = (
    Reference(Institution.logo_file_id),
    Reference(Institution.legal_rep_id_scan_file_ids, is_sensitive=True),
    Reference(Party.activity_records),
    Reference(SchoolLicence.scan_file_id),
    Reference(FormerLicence.scan_file_id),
    Reference(Certificate.scan_file_id),
    Reference(OtherDoc.file_id),
    Reference(AuditReport.file_id),
    Reference(Supervision.agreement_file_id, is_sensitive=True),
    Reference(BasicAccount.proof_file_id, is_sensitive=True),
    Reference(ServiceContract.sample_file_id),
    Reference(FiledChange.parts, is_sensitive=True),
    Reference(ProposedChange.parts, shown=false()),
)
"""Scans of identity documents and papers of accounts show in clear the numbers that are masked
without a case, and what is proposed may be such a paper. What is not filed yet is nobody else's
business.
"""

NAMED = NamedFiles(
    REFERENCES,
    spared=select(CaseRef.institution_id).where(CaseRef.kind == "deregistration"),
)
"""Proofs of a deregistration are uploaded here and named by its application, in compliance."""


def _open_case(tx: Reader, principal: Principal, institution_id: UUID) -> UUID | None:
    return sight_of(tx, principal, institution_id).case_id


FILES = FileScope(REFERENCES, _open_case)

LOGOS = PublicPictures(
    kept=PublicPictureRef,
    scope=FILES,
    is_on_register=exists().where(
        Institution.institution_id == PublicPictureRef.institution_id,
        Institution.compliance_status.in_(ON_REGISTER),
    ),
    name="logo.jpg",
)
"""As it was approved."""
