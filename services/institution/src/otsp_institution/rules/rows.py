"""What is decided on: an institution and its parts as plain values, as they are told.

Each row carries its `warnings`: what is stored and doubtful or still to be filled in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypedDict
from uuid import UUID

from otsp_contracts.values import FieldError
from otsp_institution.rules.charges import unit_price_fen

Warnings = Sequence[FieldError]


@dataclass(frozen=True, slots=True)
class Row:
    """What every row carries."""

    warnings: Warnings = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class LegalRepRow:
    """The legal representative; the number only as its mask."""

    name: str | None
    id_type: str | None
    id_masked: str | None
    mobile: str | None
    nationality: str | None
    resides_in_china: bool | None
    position: str | None
    id_scan_file_ids: list[UUID] | None


@dataclass(frozen=True, slots=True)
class SponsorRow:
    """Who set the institution up (举办者), a person or an organisation; no number but its mask."""

    name: str
    id_type: str | None
    id_masked: str | None
    share_bp: int


@dataclass(frozen=True, slots=True)
class ControllerRow:
    """Who actually controls the institution (实际控制人); no number but its mask."""

    name: str
    id_type: str | None
    id_masked: str | None


class BoardMember(TypedDict):
    """Of the body that decides (决策机构), with years of work in education."""

    name: str
    role: str | None
    edu_years: int | None


class Supervisor(TypedDict):
    """Who supervises the board (监事)."""

    name: str


class Branch(TypedDict):
    """An establishment of the institution elsewhere (分支机构)."""

    name: str
    uscc: str | None
    region_code: str | None
    licence_no: str | None


@dataclass(frozen=True, slots=True)
class ContactRow:
    """The person whom the registration names for questions."""

    name: str | None
    mobile: str | None
    email: str | None
    position: str | None


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """How far the registration is; `reason` is the authority's, in Chinese."""

    status: str
    round: int
    submitted_on: date | None
    decided_on: date | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class MajorFieldsRow:
    """Fields of one part that change by application only."""

    part: str
    pointers: Sequence[str]


@dataclass(frozen=True, slots=True)
class InstitutionRow(Row):
    """Registration and basic information."""

    institution_id: UUID
    version: int
    registration: RegistrationRow
    compliance_status: str
    has_proposed_change: bool
    major_fields: Sequence[MajorFieldsRow]
    name: str | None
    short_name: str | None
    logo_file_id: UUID | None
    former_names: list[str]
    uscc: str | None
    region_code: str | None
    registered_address: str | None
    office_address: str | None
    categories: list[str]
    delivery_modes: list[str]
    nonsubject_types: list[str]
    primary_nonsubject_type: str | None
    stages: list[str]
    legal_nature: str | None
    has_licence: bool | None
    legal_form: str | None
    founded_on: date | None
    first_approved_on: date | None
    start_fund_fen: int | None
    sponsor_type: str | None
    sponsors: list[SponsorRow]
    actual_controller: ControllerRow | None
    foreign_controlled: bool | None
    listed_affiliate: bool | None
    migrated_from: str | None
    board_members: list[BoardMember]
    supervisors: list[Supervisor]
    principal_name: str | None
    intro: str | None
    website: str | None
    consult_tel: str | None
    complaint_tel: str | None
    scale: int | None
    branches: list[Branch]
    legal_rep: LegalRepRow | None
    contact: ContactRow | None


@dataclass(frozen=True, slots=True)
class Part(Row):
    """A row about one part of an institution."""


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


class ActivityRecord(TypedDict):
    """What the party body held on a day, with a paper or picture of it."""

    date: str
    title: str
    file_id: str | None


@dataclass(frozen=True, slots=True)
class PartyRow(Part):
    """Party building (党建情况)."""

    version: int
    member_count: int | None
    probationary_count: int | None
    org_form: str | None
    org_name: str | None
    parent_org: str | None
    founded_on: date | None
    secretary_name: str | None
    secretary_mobile: str | None
    secretary_in_board: bool | None
    charter_has_party: bool | None
    instructor_assigned: bool | None
    instructor_name: str | None
    activity_records: list[ActivityRecord] | None


@dataclass(frozen=True, slots=True)
class OtherDocRow(Part):
    """A typed attachment (其他资料)."""

    doc_id: UUID
    version: int
    doc_type: str
    title: str | None
    file_id: UUID | None
    issued_on: date | None
    valid_to: date | None
    note: str | None


@dataclass(frozen=True, slots=True)
class AuditReportRow(Part):
    """The audit report (年度审计报告) of one year."""

    audit_report_id: UUID
    version: int
    year: int
    file_id: UUID | None


@dataclass(frozen=True, slots=True)
class StatementRow:
    """What lay under supervision (资金月报); `corrected_by` is null of the one that holds."""

    statement_id: UUID
    month: str
    cycle_total_fen: int | None
    balance_fen: int | None
    unspent_lessons_fen: int | None
    deposit_balance_fen: int | None
    as_of: date | None
    corrects_id: UUID | None
    corrected_by: UUID | None
    reason: str | None
    stated_on: date


@dataclass(frozen=True, slots=True)
class SupervisionRow(Part):
    """Supervision of prepaid fees (监管信息)."""

    version: int
    mode: str | None
    bank_name: str | None
    bank_branch: str | None
    account_name: str | None
    account_no: str | None
    agreement_no: str | None
    agreement_file_id: UUID | None
    agreement_signed_on: date | None
    agreement_filed_on: date | None
    release_rule: str | None
    latest_statement: StatementRow | None = None


@dataclass(frozen=True, slots=True)
class BasicAccountRow(Part):
    """The ordinary bank account (基础账户信息)."""

    version: int
    account_type: str | None
    bank_name: str | None
    bank_branch: str | None
    account_name: str | None
    account_no: str | None
    open_permit_no: str | None
    filed_with_authority: bool | None
    proof_file_id: UUID | None


@dataclass(frozen=True, slots=True)
class ContractRow(Part):
    """The service contract with families (合同信息); its clause is the mode of supervision."""

    version: int
    template_code: str | None
    template_year: int | None
    used_for_all: bool | None
    local_template_name: str | None
    cooling_off_days: int | None
    refund_days: int | None
    dispute_mode: str | None
    sample_file_id: UUID | None
    signed_count: int | None
    supervision_clause: str | None = None


class ExtraItem(TypedDict):
    """Something charged on behalf of others, such as a textbook."""

    name: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class FeeItemRow(Part):
    """One published charge (收费信息)."""

    fee_item_id: UUID
    version: int
    name: str | None
    charge_mode: str | None
    lesson_count: int | None
    period_days: int | None
    amount_fen: int | None
    advance_days: int | None
    remaining_lessons: int | None
    extra_items: list[ExtraItem]
    payment_plan: str | None
    publicized: bool | None
    publicized_on: date | None
    publicity_place: str | None
    price_filing_no: str | None
    training_loan: bool | None
    refund_policy: str | None
    unit_price_fen: int | None = field(init=False)

    def __post_init__(self) -> None:
        price = unit_price_fen(self.amount_fen, self.lesson_count)
        object.__setattr__(self, "unit_price_fen", price)


@dataclass(frozen=True, slots=True)
class ProposedFieldRow:
    """A field on record, and what it is to hold; of personal values both are masks."""

    pointer: str
    label_zh: str | None
    before: object
    after: object
    is_masked: bool


@dataclass(frozen=True, slots=True)
class ProposedPartRow:
    """What is to change in one part of the file, with the doubts about the part as it would be."""

    part: str
    part_zh: str
    fields: Sequence[ProposedFieldRow]
    warnings: Warnings


@dataclass(frozen=True, slots=True)
class ProposedChangeRow:
    """拟变更事项 of an institution. `warnings` name what was typed and does not travel with it."""

    institution_id: UUID
    version: int
    parts: Sequence[ProposedPartRow]
    warnings: Warnings = ()
