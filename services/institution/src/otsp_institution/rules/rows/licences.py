"""The school licence, those before it, and the other certificates."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from otsp_institution.rules.rows.row import Part


@dataclass(frozen=True, slots=True)
class LicenceRow(Part):
    """The current school licence (办学许可证). A scope is null when it was never entered."""

    version: int
    licence_no: str | None
    name_on_licence: str | None
    address_on_licence: str | None
    principal_on_licence: str | None
    issuer_name: str | None
    issuer_level: str | None
    issuer_region_code: str | None
    scope_text: str | None
    scope_categories: list[str] | None
    scope_delivery: list[str] | None
    scope_stages: list[str] | None
    scope_subject_codes: list[str] | None
    valid_from: date | None
    valid_to: date | None
    issued_on: date | None
    replaces_licence_no: str | None
    scan_file_id: UUID | None
    status: str | None


@dataclass(frozen=True, slots=True)
class FormerLicenceRow(Part):
    """A licence that another one took the place of."""

    former_licence_id: UUID
    replaced_on: date
    licence_no: str | None
    name_on_licence: str | None
    address_on_licence: str | None
    principal_on_licence: str | None
    issuer_name: str | None
    issuer_level: str | None
    issuer_region_code: str | None
    scope_text: str | None
    scope_categories: list[str] | None
    scope_delivery: list[str] | None
    scope_stages: list[str] | None
    scope_subject_codes: list[str] | None
    valid_from: date | None
    valid_to: date | None
    issued_on: date | None
    replaces_licence_no: str | None
    scan_file_id: UUID | None
    status: str | None


@dataclass(frozen=True, slots=True)
class CertificateRow(Part):
    """A certificate (机构证照). `valid_to` null is 长期."""

    certificate_id: UUID
    version: int
    is_primary: bool
    cert_type: str | None
    cert_no: str | None
    uscc: str | None
    name_on_cert: str | None
    registrar: str | None
    legal_rep_on_cert: str | None
    business_scope: str | None
    capital_fen: int | None
    issued_on: date | None
    valid_from: date | None
    valid_to: date | None
    scan_file_id: UUID | None
