"""The courses section: where, through what system, what and when is taught; counts, no pupils."""

import datetime as dt
from typing import Annotated, ClassVar

from pydantic import Field, Strict

from otsp_contracts.snapshots.section import (
    CentiM2,
    Count,
    Facts,
    HourMinute,
    Section,
    WholeNumber,
    YesNo,
)

Weekday = Annotated[int, Strict(), Field(ge=1, le=7)]


class SiteFacts(Facts):
    """A place of teaching; online institutions have one too (their fixed premises)."""

    site_id: str
    name: str | None = None
    region_code: str | None = None
    address: str | None = None
    building_area_centi_m2: CentiM2 | None = None
    teaching_area_centi_m2: CentiM2 | None = None
    floor: WholeNumber | None = None
    premises_type: str | None = None
    fire_proof_file_id: str | None = None
    fire_check_on: dt.date | None = None
    tenure: str | None = None
    lease_from: dt.date | None = None
    lease_to: dt.date | None = None
    on_licence: YesNo | None = None
    status: str | None = None


class SystemFacts(Facts):
    """One product line through which is taught online."""

    system_id: str
    name: str | None = None
    kind: str | None = None
    url: str | None = None
    icp_no: str | None = None
    vat_licence_no: str | None = None
    psb_no: str | None = None
    mlps_level: WholeNumber | None = None
    mlps_no: str | None = None
    mlps_tested_on: dt.date | None = None
    server_in_mainland: YesNo | None = None
    content_retention_days: WholeNumber | None = None
    live_video_retention_days: WholeNumber | None = None
    log_retention_days: WholeNumber | None = None
    eye_protection: YesNo | None = None
    parental_control: YesNo | None = None
    stored_persons: Count | None = None
    pia_done: YesNo | None = None
    guardian_consent: YesNo | None = None
    ads_or_games: YesNo | None = None


class Slot(Facts):
    """A weekly time of teaching: ISO weekday, `lessons` lessons with a break between each two."""

    weekday: Weekday | None = None
    start: HourMinute | None = None
    lessons: WholeNumber | None = None
    lesson_minutes: WholeNumber | None = None
    break_minutes: WholeNumber | None = None


class ExtraSession(Facts):
    """A session outside the weekly slots."""

    date: dt.date | None = None
    start: HourMinute | None = None
    lessons: WholeNumber | None = None
    lesson_minutes: WholeNumber | None = None
    break_minutes: WholeNumber | None = None


class ClassFacts(Facts):
    """One class. Sessions: slots over [start_on, end_on] less skip_dates plus extra_sessions."""

    class_id: str
    name: str | None = None
    status: str | None = None
    capacity: WholeNumber | None = None
    enrolled: WholeNumber | None = None
    teacher_ids: tuple[str, ...] = ()
    assistant_ids: tuple[str, ...] = ()
    start_on: dt.date | None = None
    end_on: dt.date | None = None
    slots: tuple[Slot, ...] = ()
    skip_dates: tuple[dt.date, ...] = ()
    extra_sessions: tuple[ExtraSession, ...] = ()


class CourseFacts(Facts):
    """One course. `host_id` is a site_id for offline delivery and a system_id for online."""

    course_id: str
    name: str | None = None
    host_id: str | None = None
    category: str | None = None
    subject_code: str | None = None
    stage: str | None = None
    delivery: str | None = None
    fee_item_id: str | None = None
    material_ids: tuple[str, ...] = ()
    homework: YesNo | None = None
    overseas_curriculum: YesNo | None = None
    status: str | None = None
    classes: tuple[ClassFacts, ...] = ()


class Relocation(Facts):
    """A site that a change application asks to move; the section has it at its new address."""

    site_id: str
    region_code: str | None = None
    address: str | None = None


class CoursesSection(Section):
    """What the courses service answers for.

    `relocated_from` is where sites are as yet that a change application asks to move.
    """

    SECTION: ClassVar[str] = "courses"

    sites: tuple[SiteFacts, ...] = ()
    systems: tuple[SystemFacts, ...] = ()
    courses: tuple[CourseFacts, ...] = ()
    relocated_from: tuple[Relocation, ...] = ()
