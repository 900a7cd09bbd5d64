"""The institution's section: who it is, its licence, certificates, party building and funds.

No identity number is here: the legal representative travels as derived facts.
"""

from datetime import date
from typing import Any, ClassVar

from otsp_contracts.snapshots.section import Count, Facts, Money, Section, WholeNumber, YesNo


class LegalRepFacts(Facts):
    """`id_valid` is true for a sound citizen number, false for any other number, null without one.

    `id_hmac` is the blind index in lower-case hex: equal numbers have equal indexes.
    """

    name: str | None = None
    id_type: str | None = None
    id_valid: YesNo | None = None
    id_hmac: str | None = None
    id_masked: str | None = None
    nationality: str | None = None
    resides_in_china: YesNo | None = None
    position: str | None = None


class InstitutionFacts(Facts):
    """Registration and basic information."""

    institution_id: str
    name: str | None = None
    short_name: str | None = None
    uscc: str | None = None
    region_code: str | None = None
    registered_address: str | None = None
    office_address: str | None = None
    categories: tuple[str, ...] = ()
    delivery_modes: tuple[str, ...] = ()
    nonsubject_types: tuple[str, ...] = ()
    primary_nonsubject_type: str | None = None
    stages: tuple[str, ...] = ()
    legal_nature: str | None = None
    legal_form: str | None = None
    founded_on: date | None = None
    first_approved_on: date | None = None
    start_fund_fen: Money | None = None
    foreign_controlled: YesNo | None = None
    listed_affiliate: YesNo | None = None
    migrated_from: str | None = None
    principal_name: str | None = None
    website: str | None = None
    consult_tel: str | None = None
    complaint_tel: str | None = None
    logo_file_id: str | None = None
    legal_rep: LegalRepFacts | None = None


class LicenceFacts(Facts):
    """The current school licence. A scope is null when it was never entered."""

    licence_no: str | None = None
    name_on_licence: str | None = None
    address_on_licence: str | None = None
    principal_on_licence: str | None = None
    issuer_name: str | None = None
    issuer_level: str | None = None
    issuer_region_code: str | None = None
    scope_text: str | None = None
    scope_categories: tuple[str, ...] | None = None
    scope_delivery: tuple[str, ...] | None = None
    scope_stages: tuple[str, ...] | None = None
    scope_subject_codes: tuple[str, ...] | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    issued_on: date | None = None
    replaces_licence_no: str | None = None
    scan_file_id: str | None = None
    status: str | None = None


class CertificateFacts(Facts):
    """One certificate; the rules read the one that `is_primary`. `valid_to` null is 长期."""

    certificate_id: str | None = None
    is_primary: YesNo = False
    cert_type: str | None = None
    cert_no: str | None = None
    uscc: str | None = None
    name_on_cert: str | None = None
    registrar: str | None = None
    legal_rep_on_cert: str | None = None
    issued_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    scan_file_id: str | None = None


class PartyFacts(Facts):
    """Party building as numbers and forms; no person's membership."""

    member_count: Count | None = None
    probationary_count: Count | None = None
    org_form: str | None = None
    org_name: str | None = None
    instructor_assigned: YesNo | None = None
    secretary_in_board: YesNo | None = None
    charter_has_party: YesNo | None = None


class OtherDoc(Facts):
    """A typed attachment of the institution."""

    doc_id: str | None = None
    doc_type: str | None = None
    title: str | None = None
    file_id: str | None = None
    issued_on: date | None = None
    valid_to: date | None = None


class SupervisionFacts(Facts):
    """Supervision of prepaid fees. `balance_fen` is the balance that closing asks for."""

    mode: str | None = None
    bank_name: str | None = None
    account_name: str | None = None
    account_no: str | None = None
    agreement_filed_on: date | None = None
    deposit_balance_fen: Money | None = None
    cycle_total_fen: Money | None = None
    balance_fen: Money | None = None
    unspent_lessons_fen: Money | None = None
    release_rule: str | None = None
    as_of: date | None = None


class BasicAccountFacts(Facts):
    """The institution's ordinary bank account."""

    account_type: str | None = None
    bank_name: str | None = None
    account_name: str | None = None
    account_no: str | None = None
    filed_with_authority: YesNo | None = None


class ContractFacts(Facts):
    """The service contract the institution concludes with families."""

    template_code: str | None = None
    template_year: WholeNumber | None = None
    used_for_all: YesNo | None = None
    sample_file_id: str | None = None


class FeeItemFacts(Facts):
    """One published charge."""

    fee_item_id: str
    name: str | None = None
    charge_mode: str | None = None
    lesson_count: WholeNumber | None = None
    period_days: WholeNumber | None = None
    amount_fen: Money | None = None
    advance_days: WholeNumber | None = None
    remaining_lessons: WholeNumber | None = None
    payment_plan: str | None = None
    publicized: YesNo | None = None
    publicized_on: date | None = None
    training_loan: YesNo | None = None
    refund_policy: str | None = None


class AuditReport(Facts):
    """An annual audit report; the rule reads the latest year."""

    year: WholeNumber
    file_id: str | None = None


class FundsFacts(Facts):
    """Everything about money that an authority supervises."""

    supervision: SupervisionFacts | None = None
    basic_account: BasicAccountFacts | None = None
    contract: ContractFacts | None = None
    fee_items: tuple[FeeItemFacts, ...] = ()
    audit_reports: tuple[AuditReport, ...] = ()


class ProposedField(Facts):
    """A major field that a change application asks to alter; the section holds the new value.

    `pointer` is within the section; of personal values both ends are masks, and may look alike.
    """

    pointer: str
    label_zh: str | None = None
    before: Any = None
    after: Any = None
    is_masked: YesNo = False


class InstitutionSection(Section):
    """What the institution service answers for.

    `proposed_change` is null unless the snapshot is of a change application: then the values of
    these fields are those that are proposed, and all others are on record.
    """

    SECTION: ClassVar[str] = "institution"

    institution: InstitutionFacts
    licence: LicenceFacts | None = None
    certificates: tuple[CertificateFacts, ...] = ()
    party: PartyFacts | None = None
    other_docs: tuple[OtherDoc, ...] = ()
    funds: FundsFacts = FundsFacts()
    proposed_change: tuple[ProposedField, ...] | None = None
