"""What is decided on: a person as this service tells of them."""

from dataclasses import dataclass
from datetime import date
from typing import TypedDict
from uuid import UUID

from otsp_contracts.values import FieldError
from otsp_staff.rules.checks import CheckDue

INSTRUCTING = frozenset({"teaching", "research"})
"""Staff types whose qualification and publication the law asks for (教学、教研人员)."""


class Qual(TypedDict):
    """One proof of qualification, as it was entered."""

    type: str
    cert_no: str | None
    stage: str | None
    subject: str | None
    issuer: str | None
    issued_on: str | None
    valid_to: str | None
    scan_file_id: str | None


Experience = TypedDict(
    "Experience", {"from": str | None, "to": str | None, "org": str | None, "post": str | None}
)
"""One earlier post (从教经历)."""


@dataclass(frozen=True, slots=True)
class FormerEmployment:
    """An employment that ended before the present one, or before the one that ended last."""

    hired_on: date | None
    departed_on: date | None
    depart_reason: str | None
    employment: str | None
    contract_no: str | None
    contract_from: date | None
    contract_to: date | None
    contract_file_id: UUID | None


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One person at one institution. Numbers of persons appear masked, or as what they prove.

    `blacklisted` and `other_full_time` are found by blind index over the whole country at the
    moment of reading; which other institution or authority they come from is never told.
    `depart_by` is the day by which the institution must let go of somebody on the blacklist.
    `former_employments` are told with one person only. `mobile` is told to an authority in its
    case; `withheld` names what is null because the reader is an authority.
    """

    staff_id: UUID
    version: int
    status: str
    name: str | None
    photo_file_id: UUID | None
    sex: str | None
    nationality: str | None
    id_type: str | None
    id_masked: str | None
    id_valid: bool | None
    birth_date: date | None
    mobile_masked: str | None
    education: str | None
    graduated_from: str | None
    major: str | None
    staff_type: str | None
    employment: str | None
    hired_on: date | None
    contract_signed: bool | None
    contract_no: str | None
    contract_from: date | None
    contract_to: date | None
    contract_file_id: UUID | None
    social_insurance: bool | None
    precheck_on: date | None
    precheck_clear: bool | None
    precheck_proof_file_id: UUID | None
    annual_check_on: date | None
    annual_check_clear: bool | None
    prohibited: bool | None
    blacklisted: bool
    in_service_teacher: bool | None
    in_service_declared_on: date | None
    inducted: bool | None
    inducted_on: date | None
    publicized: bool | None
    publicized_on: date | None
    teach_subjects: list[str]
    teach_stages: list[str]
    teach_experience: list[Experience]
    in_china: bool | None
    work_permit_masked: str | None
    work_permit_held: bool
    work_permit_to: date | None
    residence_permit_to: date | None
    foreign_bio: str | None
    quals: list[Qual]
    departed_on: date | None
    depart_reason: str | None
    other_full_time: bool
    registered_twice: bool
    depart_by: date | None = None
    checks_due: tuple[CheckDue, ...] = ()
    former_employments: tuple[FormerEmployment, ...] = ()
    mobile: str | None = None
    withheld: tuple[str, ...] = ()
    warnings: tuple[FieldError, ...] = ()
