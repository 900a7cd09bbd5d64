"""People in a dossier, with their numbers."""

from typing import Literal

from pydantic import ValidationInfo, field_validator

from otsp_contracts.snapshots.dossier.entry import (
    Day,
    Entry,
    IdType,
    MobileText,
    Nationality,
    QualType,
    Reference,
    Stage,
    SubjectCode,
    Text,
    YesNo,
    checked_id_no,
)


class DossierQual(Entry):
    """One proof of qualification."""

    type: QualType
    cert_no: Text | None = None
    stage: (
        Literal["kindergarten", "primary", "junior", "senior", "vocational_secondary", "higher"]
        | None
    ) = None
    subject: SubjectCode | None = None
    issuer: Text | None = None
    issued_on: Day | None = None
    valid_to: Day | None = None
    scan_file_id: Text | None = None


class DossierStaff(Entry):
    """One person. `other_full_time` and `blacklisted` are brought about by others' operations."""

    staff_id: Reference
    status: Literal["employed", "departed"] | None = None
    name: Text | None = None
    sex: Literal["M", "F"] | None = None
    nationality: Nationality | None = None
    id_type: IdType | None = None
    id_no: Text | None = None
    mobile: MobileText | None = None
    political_status: Literal["party_member", "probationary", "league", "other"] | None = None
    education: (
        Literal["doctor", "master", "bachelor", "junior_college", "secondary", "below"] | None
    ) = None
    graduated_from: Text | None = None
    major: Text | None = None
    staff_type: (
        Literal["teaching", "research", "management", "assistant", "safety", "finance", "other"]
        | None
    ) = None
    employment: Literal["full_time", "part_time", "dispatched"] | None = None
    hired_on: Day | None = None
    contract_signed: YesNo | None = None
    contract_no: Text | None = None
    contract_from: Day | None = None
    contract_to: Day | None = None
    social_insurance: YesNo | None = None
    precheck_on: Day | None = None
    precheck_clear: YesNo | None = None
    annual_check_on: Day | None = None
    annual_check_clear: YesNo | None = None
    prohibited: YesNo | None = None
    prohibited_kind: (
        tuple[Literal["political_rights", "intentional_crime", "sexual_abuse_violence"], ...] | None
    ) = None
    blacklisted: YesNo | None = None
    in_service_teacher: YesNo | None = None
    in_service_declared_on: Day | None = None
    inducted: YesNo | None = None
    inducted_on: Day | None = None
    publicized: YesNo | None = None
    publicized_on: Day | None = None
    teach_subjects: tuple[SubjectCode, ...] | None = None
    teach_stages: tuple[Stage, ...] | None = None
    in_china: YesNo | None = None
    work_permit_no: Text | None = None
    work_permit_to: Day | None = None
    residence_permit_to: Day | None = None
    foreign_bio: Text | None = None
    other_full_time: YesNo | None = None
    departed_on: Day | None = None
    depart_reason: Literal["resigned", "expired", "dismissed", "prohibited", "other"] | None = None
    quals: tuple[DossierQual, ...] | None = None

    @field_validator("id_no", mode="after")
    @classmethod
    def _id_no_is_sound(cls, value: str | None, info: ValidationInfo) -> str | None:
        return checked_id_no(value, info.data.get("id_type"), info.data.get("nationality"))
