"""What is decided on: the rows of this service as plain values."""

from dataclasses import dataclass
from datetime import date
from typing import NotRequired, TypedDict
from uuid import UUID


class Room(TypedDict):
    """A room of a site (教室), as it was entered."""

    room_no: str
    area_centi_m2: NotRequired[int | None]
    seats: NotRequired[int | None]


class Place(TypedDict):
    """Where a site is to be. Coordinates in millionths of 1°."""

    region_code: str
    address: str
    lat_e6: int | None
    lng_e6: int | None


class Teaching(TypedDict, total=False):
    """A weekly slot (with `weekday`) or an extra session (with `date`), as it was entered."""

    weekday: int | None
    date: str | None
    start: str | None
    lessons: int | None
    lesson_minutes: int | None
    break_minutes: int | None


@dataclass(frozen=True, slots=True)
class InstitutionRef:
    """What this service keeps of an institution, as its owner last told it."""

    region_code: str
    categories: list[str]
    nonsubject_types: list[str]
    delivery_modes: list[str]
    stages: list[str]
    compliance_status: str


@dataclass(frozen=True, slots=True)
class PersonRef:
    """What this service keeps of somebody who works at an institution."""

    status: str
    staff_type: str | None


@dataclass(frozen=True, slots=True)
class MaterialRef:
    """What this service keeps of a version of a material."""

    title: str | None
    status: str


@dataclass(frozen=True, slots=True)
class FeeItemRef:
    """What this service keeps of a charge."""

    name: str | None
    publicized: bool


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A place of teaching (办学点). Areas in hundredths of m², coordinates in millionths of 1°."""

    site_id: UUID
    version: int
    status: str
    name: str | None
    region_code: str | None
    address: str | None
    lat_e6: int | None
    lng_e6: int | None
    building_area_centi_m2: int | None
    teaching_area_centi_m2: int | None
    rooms: list[Room]
    floor: int | None
    total_floors: int | None
    premises_type: str | None
    tenure: str | None
    lease_from: date | None
    lease_to: date | None
    fire_proof_file_id: UUID | None
    fire_cert_no: str | None
    fire_responsible: str | None
    fire_check_on: date | None
    video_surveillance: bool | None
    contact_name: str | None
    contact_tel: str | None
    on_licence: bool | None


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A product line through which is taught online (业务系统)."""

    system_id: UUID
    version: int
    name: str | None
    kind: str | None
    url: str | None
    app_package: str | None
    app_filing_no: str | None
    icp_no: str | None
    icp_shot_file_id: UUID | None
    vat_licence_no: str | None
    vat_shot_file_id: UUID | None
    psb_no: str | None
    mlps_level: int | None
    mlps_no: str | None
    mlps_tested_on: date | None
    mlps_report_file_id: UUID | None
    server_location: str | None
    server_in_mainland: bool | None
    content_retention_days: int | None
    live_video_retention_days: int | None
    log_retention_days: int | None
    eye_protection: bool | None
    parental_control: bool | None
    stored_persons: int | None
    pia_done: bool | None
    pia_file_id: UUID | None
    guardian_consent: bool | None
    ads_or_games: bool | None
    complaint_url: str | None
    service_agreement_file_id: UUID | None
    security_officer: str | None


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A course (培训课程), held at a site or through a system."""

    course_id: UUID
    version: int
    status: str
    name: str | None
    host_id: UUID | None
    delivery: str | None
    category: str | None
    subject_code: str | None
    stage: str | None
    grades: list[str]
    syllabus: str | None
    objective: str | None
    content: str | None
    total_lessons: int | None
    lesson_minutes: int | None
    material_ids: list[UUID]
    fee_item_id: UUID | None
    homework: bool | None
    overseas_curriculum: bool | None


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class (班级): its timetable and how many are in it, never who."""

    class_id: UUID
    course_id: UUID
    version: int
    status: str
    name: str | None
    capacity: int | None
    enrolled: int | None
    teacher_ids: list[UUID]
    assistant_ids: list[UUID]
    start_on: date | None
    end_on: date | None
    slots: list[Teaching]
    skip_dates: list[date]
    extra_sessions: list[Teaching]
    room_no: str | None
