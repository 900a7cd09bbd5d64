"""Sites, systems, courses and classes in a dossier. Areas come in m² and are kept in hundredths."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from otsp_contracts.snapshots.dossier.entry import (
    Category,
    CentiM2,
    ClockTime,
    Count,
    Day,
    Delivery,
    Entry,
    Reference,
    RegionCode,
    Stage,
    SubjectCode,
    TelText,
    Text,
    WholeNumber,
    YesNo,
)

Weekday = Annotated[int, Strict(), Field(ge=1, le=7)]


class DossierSite(Entry):
    """A place of teaching."""

    site_id: Reference
    name: Text | None = None
    region_code: RegionCode | None = None
    address: Text | None = None
    building_area_centi_m2: CentiM2 = Field(default=None, alias="building_area_m2")
    teaching_area_centi_m2: CentiM2 = Field(default=None, alias="teaching_area_m2")
    floor: WholeNumber | None = None
    total_floors: WholeNumber | None = None
    premises_type: (
        Literal[
            "commercial",
            "office",
            "school",
            "residential",
            "basement",
            "self_built",
            "illegal",
            "other",
        ]
        | None
    ) = None
    tenure: Literal["own", "lease", "free"] | None = None
    lease_from: Day | None = None
    lease_to: Day | None = None
    fire_proof_file_id: Text | None = None
    fire_cert_no: Text | None = None
    fire_responsible: Text | None = None
    fire_check_on: Day | None = None
    video_surveillance: YesNo | None = None
    contact_name: Text | None = None
    contact_tel: TelText | None = None
    on_licence: YesNo | None = None
    status: Literal["open", "closed"] | None = None


class DossierSystem(Entry):
    """One product line through which is taught online."""

    system_id: Reference
    name: Text | None = None
    kind: Literal["web", "app", "mini_program", "pc_client"] | None = None
    url: Text | None = None
    app_package: Text | None = None
    app_filing_no: Text | None = None
    icp_no: Text | None = None
    vat_licence_no: Text | None = None
    psb_no: Text | None = None
    mlps_level: WholeNumber | None = None
    mlps_no: Text | None = None
    mlps_tested_on: Day | None = None
    mlps_report_file_id: Text | None = None
    server_location: Text | None = None
    server_in_mainland: YesNo | None = None
    content_retention_days: Count | None = None
    live_video_retention_days: Count | None = None
    log_retention_days: Count | None = None
    eye_protection: YesNo | None = None
    parental_control: YesNo | None = None
    stored_persons: Count | None = None
    pia_done: YesNo | None = None
    pia_file_id: Text | None = None
    guardian_consent: YesNo | None = None
    ads_or_games: YesNo | None = None
    complaint_url: Text | None = None
    service_agreement_file_id: Text | None = None
    security_officer: Text | None = None


class DossierSlot(Entry):
    """A weekly time of teaching."""

    weekday: Weekday | None = None
    start: ClockTime | None = None
    lessons: WholeNumber | None = None
    lesson_minutes: WholeNumber | None = None
    break_minutes: WholeNumber | None = None


class DossierExtraSession(Entry):
    """A session outside the weekly slots."""

    date: Day | None = None
    start: ClockTime | None = None
    lessons: WholeNumber | None = None
    lesson_minutes: WholeNumber | None = None
    break_minutes: WholeNumber | None = None


class DossierClass(Entry):
    """One class."""

    class_id: Reference
    name: Text | None = None
    status: Literal["planned", "enrolling", "in_session", "finished", "cancelled"] | None = None
    capacity: Count | None = None
    enrolled: Count | None = None
    teacher_ids: tuple[Reference, ...] | None = None
    assistant_ids: tuple[Reference, ...] | None = None
    start_on: Day | None = None
    end_on: Day | None = None
    slots: tuple[DossierSlot, ...] | None = None
    skip_dates: tuple[Day, ...] | None = None
    extra_sessions: tuple[DossierExtraSession, ...] | None = None
    room_no: Text | None = None


class DossierCourse(Entry):
    """One course and its classes."""

    course_id: Reference
    name: Text | None = None
    host_id: Reference | None = None
    delivery: Delivery | None = None
    category: Category | None = None
    subject_code: SubjectCode | None = None
    stage: Stage | None = None
    grades: tuple[Text, ...] | None = None
    syllabus: Text | None = None
    objective: Text | None = None
    content: Text | None = None
    total_lessons: Count | None = None
    lesson_minutes: Count | None = None
    material_ids: tuple[Reference, ...] | None = None
    fee_item_id: Reference | None = None
    homework: YesNo | None = None
    overseas_curriculum: YesNo | None = None
    status: Literal["draft", "ready", "active", "closed"] | None = None
    classes: tuple[DossierClass, ...] | None = None
