"""The institution in a dossier: registration, licence, certificates, party building, documents."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from otsp_contracts.snapshots.dossier.entry import (
    Category,
    Count,
    Day,
    DeliveryMode,
    EmailText,
    Entry,
    IdType,
    Level,
    MobileText,
    Nationality,
    NonsubjectType,
    PercentBp,
    Reference,
    RegionCode,
    Stage,
    SubjectCode,
    TelText,
    Text,
    UsccText,
    YesNo,
    ZipText,
    checked_id_no,
)


class DossierLegalRep(Entry):
    """The legal representative, with the number that never leaves its owner again."""

    name: Text | None = None
    id_type: IdType | None = None
    nationality: Nationality | None = None
    id_no: Text | None = None
    mobile: MobileText | None = None
    resides_in_china: YesNo | None = None
    position: Literal["chair", "principal", "other"] | None = None
    id_scan_file_ids: tuple[Text, ...] | None = None

    @field_validator("id_no", mode="after")
    @classmethod
    def _id_no_is_sound(cls, value: str | None, info: ValidationInfo) -> str | None:
        return checked_id_no(value, info.data.get("id_type"), info.data.get("nationality"))


class DossierSponsor(Entry):
    """A person or an organisation; the share comes in per cent and is kept in basis points."""

    name: Text
    id_type: IdType | None = None
    id_no: Text | None = None
    share_bp: PercentBp = Field(alias="share_pct", le=10_000)

    @field_validator("id_no", mode="after")
    @classmethod
    def _id_no_is_sound(cls, value: str | None, info: ValidationInfo) -> str | None:
        return checked_id_no(value, info.data.get("id_type"), None)


class DossierController(Entry):
    """Who actually controls the institution."""

    name: Text
    id_type: IdType | None = None
    id_no: Text | None = None

    @field_validator("id_no", mode="after")
    @classmethod
    def _id_no_is_sound(cls, value: str | None, info: ValidationInfo) -> str | None:
        return checked_id_no(value, info.data.get("id_type"), None)


class DossierBoardMember(Entry):
    """Of the body that decides."""

    name: Text
    role: Text | None = None
    edu_years: Count | None = None


class DossierSupervisor(Entry):
    """Who supervises the board."""

    name: Text


class DossierContact(Entry):
    """The person to talk to; becomes the account's personal information."""

    name: Text | None = None
    mobile: MobileText | None = None
    email: EmailText | None = None
    position: Text | None = None


class DossierBranch(Entry):
    """An establishment of the institution elsewhere."""

    name: Text
    uscc: UsccText | None = None
    region_code: RegionCode | None = None
    licence_no: Text | None = None


class DossierInstitution(Entry):
    """Registration and basic information."""

    name: Text | None = None
    short_name: Text | None = None
    logo_file_id: Text | None = None
    former_names: tuple[Text, ...] | None = None
    uscc: UsccText | None = None
    region_code: RegionCode | None = None
    registered_address: Text | None = None
    office_address: Text | None = None
    postcode: ZipText | None = None
    categories: tuple[Category, ...] | None = None
    nonsubject_types: tuple[NonsubjectType, ...] | None = None
    primary_nonsubject_type: NonsubjectType | None = None
    delivery_modes: tuple[DeliveryMode, ...] | None = None
    stages: tuple[Stage, ...] | None = None
    legal_nature: Literal["nonprofit", "forprofit"] | None = None
    has_licence: YesNo | None = None
    legal_form: Literal["private_non_enterprise", "company", "public_institution"] | None = None
    founded_on: Day | None = None
    first_approved_on: Day | None = None
    start_fund_fen: Count | None = None
    sponsor_type: Literal["person", "organisation", "joint"] | None = None
    sponsors: tuple[DossierSponsor, ...] | None = None
    actual_controller: DossierController | None = None
    foreign_controlled: YesNo | None = None
    listed_affiliate: YesNo | None = None
    migrated_from: Literal["xspx_online", "xwpx_offline"] | None = None
    board_members: tuple[DossierBoardMember, ...] | None = None
    supervisors: tuple[DossierSupervisor, ...] | None = None
    principal_name: Text | None = None
    intro: Text | None = None
    website: Text | None = None
    consult_tel: TelText | None = None
    complaint_tel: TelText | None = None
    scale: Count | None = None
    branches: tuple[DossierBranch, ...] | None = None
    legal_rep: DossierLegalRep | None = None
    contact: DossierContact | None = None


class DossierLicence(Entry):
    """The current school licence."""

    licence_no: Text | None = None
    name_on_licence: Text | None = None
    address_on_licence: Text | None = None
    principal_on_licence: Text | None = None
    issuer_name: Text | None = None
    issuer_level: Level | None = None
    issuer_region_code: RegionCode | None = None
    scope_text: Text | None = None
    scope_categories: tuple[Category, ...] | None = None
    scope_delivery: tuple[DeliveryMode, ...] | None = None
    scope_stages: tuple[Stage, ...] | None = None
    scope_subject_codes: tuple[SubjectCode, ...] | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    issued_on: Day | None = None
    replaces_licence_no: Text | None = None
    scan_file_id: Text | None = None
    status: Literal["valid", "expired", "returned", "revoked"] | None = None


class DossierCertificate(Entry):
    """A certificate; `valid_to` null is 长期."""

    cert_type: (
        Literal[
            "pne_cert",
            "business_licence",
            "public_inst_cert",
            "fire_cert",
            "hygiene_cert",
            "food_licence",
            "tax_cert",
            "other",
        ]
        | None
    ) = None
    cert_no: Text | None = None
    name_on_cert: Text | None = None
    uscc: UsccText | None = None
    registrar: Text | None = None
    legal_rep_on_cert: Text | None = None
    business_scope: Text | None = None
    capital_fen: Count | None = None
    issued_on: Day | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    scan_file_id: Text | None = None


class DossierActivityRecord(Entry):
    """What the party body held on a day."""

    date: Day
    title: Text
    file_id: Text | None = None


class DossierParty(Entry):
    """Party building."""

    member_count: Count | None = None
    probationary_count: Count | None = None
    org_form: (
        Literal["independent_branch", "joint_branch", "general_branch", "committee", "none"] | None
    ) = None
    org_name: Text | None = None
    parent_org: Text | None = None
    founded_on: Day | None = None
    secretary_name: Text | None = None
    secretary_mobile: MobileText | None = None
    secretary_in_board: YesNo | None = None
    charter_has_party: YesNo | None = None
    instructor_assigned: YesNo | None = None
    instructor_name: Text | None = None
    activity_records: tuple[DossierActivityRecord, ...] | None = None


class DossierOtherDoc(Entry):
    """A typed attachment."""

    doc_type: Literal[
        "charter",
        "rules_staff",
        "rules_material",
        "rules_finance",
        "rules_safety",
        "fee_refund_policy",
        "lease",
        "fire_proof",
        "enrolment_brief",
        "commitment",
        "service_agreement",
        "complaint_link_shot",
        "pi_rules",
        "audit_report",
        "settlement_report",
        "notice_termination",
        "dereg_proof",
        "nonprofit_conversion_docs",
        "other",
    ]
    title: Text | None = None
    file_id: Text | None = None
    issued_on: Day | None = None
    valid_to: Day | None = None
    note: Text | None = None


class DossierRectification(Entry):
    """A rectification task as it stands; an authority's operation brings it there."""

    rectification_id: Reference | None = None
    kind: Literal["for_profit_to_nonprofit", "filing_to_approval", "other"]
    status: Literal[
        "open", "in_progress", "submitted", "closed", "returned", "overdue", "waived"
    ] = "open"
    reason_text: Text | None = None
    issued_on: Day | None = None
    due_on: Day | None = None
    closed_on: Day | None = None
