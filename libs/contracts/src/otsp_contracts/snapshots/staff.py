"""The staff section: who works there, as facts about persons and never their numbers."""

from datetime import date
from typing import ClassVar

from otsp_contracts.snapshots.section import Facts, Section, YesNo


class QualFacts(Facts):
    """One proof of qualification; its number as a mask alone."""

    type: str | None = None
    cert_no_masked: str | None = None
    stage: str | None = None
    subject: str | None = None
    issued_on: date | None = None
    valid_to: date | None = None


class ExperienceFacts(Facts):
    """An earlier post (从教经历); without its end it goes on."""

    from_on: date | None = None
    to_on: date | None = None
    org: str | None = None
    post: str | None = None


class StaffFacts(Facts):
    """One person. Class-3 data travel only as the facts a rule needs.

    `id_valid` is true for a sound citizen number, false for any other number, null without one.
    `id_hmac` is the blind index in lower-case hex, so that duplicates show without the number.
    `other_full_time` is computed by the staff service over all institutions. `teach_experience` and
    `photo_file_id` are those of teaching and research staff, of whom the law has both published.
    """

    staff_id: str
    name: str | None = None
    status: str | None = None
    id_type: str | None = None
    id_valid: YesNo | None = None
    id_hmac: str | None = None
    id_masked: str | None = None
    nationality: str | None = None
    in_china: YesNo | None = None
    work_permit_held: YesNo | None = None
    work_permit_to: date | None = None
    staff_type: str | None = None
    employment: str | None = None
    hired_on: date | None = None
    contract_signed: YesNo | None = None
    precheck_on: date | None = None
    precheck_clear: YesNo | None = None
    annual_check_on: date | None = None
    inducted: YesNo | None = None
    publicized: YesNo | None = None
    in_service_teacher: YesNo | None = None
    prohibited: YesNo | None = None
    blacklisted: YesNo | None = None
    other_full_time: YesNo | None = None
    teach_subjects: tuple[str, ...] = ()
    teach_stages: tuple[str, ...] = ()
    teach_experience: tuple[ExperienceFacts, ...] = ()
    photo_file_id: str | None = None
    quals: tuple[QualFacts, ...] = ()


class StaffSection(Section):
    """What the staff service answers for: employed people, and departed ones if it sends them."""

    SECTION: ClassVar[str] = "staff"

    staff: tuple[StaffFacts, ...] = ()
