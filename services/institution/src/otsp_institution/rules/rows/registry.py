"""The institution itself and those behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypedDict
from uuid import UUID

from otsp_institution.rules.rows.row import Row


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
    staff_total: int = 0
    student_total: int = 0
