"""The tables of the courses service; courses and classes with their transitions."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    SmallInteger,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from otsp_chassis import clock
from otsp_chassis.db import Stamped, service_metadata
from otsp_chassis.problems import Conflict
from otsp_courses.rules import states


class StateForbids(Conflict):
    slug: ClassVar[str] = "courses-state-forbids"
    title: ClassVar[str] = "The current state does not allow this"
    detail_zh: ClassVar[str] = "课程或班级的当前状态不允许此操作，请刷新后重试。"


def _one_of(column: str, codes: list[str]) -> CheckConstraint:
    listed = ", ".join(f"'{code}'" for code in codes)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Base(DeclarativeBase):
    metadata = service_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        list[str]: ARRAY(Text),
        list[UUID]: ARRAY(Uuid),
        list[date]: ARRAY(Date),
        list[dict[str, Any]]: JSONB,
    }


class Owned(Stamped):
    """A row of one institution; deleted rows stay, because snapshots and audit name them."""

    @declared_attr
    @classmethod
    def institution_id(cls) -> Mapped[UUID]:
        return mapped_column(index=True)

    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def delete(self) -> None:
        self.deleted_at = clock.now()


class Site(Owned, Base):
    """办学点. Fire proof and lease have their one place here (D24)."""

    __tablename__ = "site"
    __table_args__ = (_one_of("status", ["open", "closed"]),)

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str]
    name: Mapped[str | None]
    region_code: Mapped[str | None]
    address: Mapped[str | None]
    lat_e6: Mapped[int | None]
    lng_e6: Mapped[int | None]
    building_area_centi_m2: Mapped[int | None]
    teaching_area_centi_m2: Mapped[int | None]
    floor: Mapped[int | None] = mapped_column(SmallInteger)
    total_floors: Mapped[int | None] = mapped_column(SmallInteger)
    premises_type: Mapped[str | None]
    tenure: Mapped[str | None]
    lease_from: Mapped[date | None]
    lease_to: Mapped[date | None]
    fire_proof_file_id: Mapped[UUID | None]
    fire_cert_no: Mapped[str | None]
    fire_responsible: Mapped[str | None]
    fire_check_on: Mapped[date | None]
    video_surveillance: Mapped[bool | None]
    contact_name: Mapped[str | None]
    contact_tel: Mapped[str | None]
    on_licence: Mapped[bool | None]


class System(Owned, Base):
    """业务系统."""

    __tablename__ = "system"

    system_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    kind: Mapped[str | None]
    url: Mapped[str | None]
    app_package: Mapped[str | None]
    app_filing_no: Mapped[str | None]
    icp_no: Mapped[str | None]
    icp_shot_file_id: Mapped[UUID | None]
    vat_licence_no: Mapped[str | None]
    vat_shot_file_id: Mapped[UUID | None]
    psb_no: Mapped[str | None]
    mlps_level: Mapped[int | None] = mapped_column(SmallInteger)
    mlps_no: Mapped[str | None]
    mlps_tested_on: Mapped[date | None]
    mlps_report_file_id: Mapped[UUID | None]
    server_location: Mapped[str | None]
    server_in_mainland: Mapped[bool | None]
    content_retention_days: Mapped[int | None]
    live_video_retention_days: Mapped[int | None]
    log_retention_days: Mapped[int | None]
    eye_protection: Mapped[bool | None]
    parental_control: Mapped[bool | None]
    stored_persons: Mapped[int | None] = mapped_column(BigInteger)
    pia_done: Mapped[bool | None]
    pia_file_id: Mapped[UUID | None]
    guardian_consent: Mapped[bool | None]
    ads_or_games: Mapped[bool | None]
    complaint_url: Mapped[str | None]
    service_agreement_file_id: Mapped[UUID | None]
    security_officer: Mapped[str | None]


class Course(Owned, Base):
    """培训课程. `host_id` is a site or a system, by delivery (V-05)."""

    __tablename__ = "course"
    __table_args__ = (_one_of("status", list(states.COURSE_STEPS)),)

    course_id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str]
    name: Mapped[str | None]
    host_id: Mapped[UUID | None] = mapped_column(index=True)
    delivery: Mapped[str | None]
    category: Mapped[str | None]
    subject_code: Mapped[str | None]
    stage: Mapped[str | None]
    grades: Mapped[list[str]]
    syllabus: Mapped[str | None]
    objective: Mapped[str | None]
    content: Mapped[str | None]
    total_lessons: Mapped[int | None]
    lesson_minutes: Mapped[int | None]
    material_ids: Mapped[list[UUID]]
    fee_item_id: Mapped[UUID | None]
    homework: Mapped[bool | None]
    overseas_curriculum: Mapped[bool | None]

    def move_to(self, status: str) -> None:
        self.status = _stepped(
            self.status, status, steps=states.COURSE_STEPS, labels=states.COURSE_LABELS_ZH
        )

    def require_alterable(self) -> None:
        """A closed course is a record."""
        if self.status == "closed":
            raise StateForbids("课程已停开，不能再修改。", state=self.status)

    def require_deletable(self) -> None:
        if self.status != "draft":
            raise StateForbids("只有草稿状态的课程可以删除；已开的课程请停开。", state=self.status)


class TrainingClass(Owned, Base):
    """班级: counts only, no pupil records. Its timetable is one value, replaced as a whole."""

    __tablename__ = "class"
    __table_args__ = (
        _one_of("status", list(states.CLASS_STEPS)),
        CheckConstraint("end_on >= start_on", name="dates"),
    )

    class_id: Mapped[UUID] = mapped_column(primary_key=True)
    course_id: Mapped[UUID] = mapped_column(ForeignKey("course.course_id"), index=True)
    status: Mapped[str]
    name: Mapped[str | None]
    capacity: Mapped[int | None]
    enrolled: Mapped[int | None]
    teacher_ids: Mapped[list[UUID]]
    assistant_ids: Mapped[list[UUID]]
    start_on: Mapped[date | None]
    end_on: Mapped[date | None]
    slots: Mapped[list[dict[str, Any]]]
    skip_dates: Mapped[list[date]]
    extra_sessions: Mapped[list[dict[str, Any]]]
    room_no: Mapped[str | None]

    def move_to(self, status: str) -> None:
        self.status = _stepped(
            self.status, status, steps=states.CLASS_STEPS, labels=states.CLASS_LABELS_ZH
        )

    def require_alterable(self) -> None:
        """A finished or cancelled class is a record."""
        if not states.CLASS_STEPS[self.status]:
            label = states.CLASS_LABELS_ZH[self.status]
            raise StateForbids(f"班级{label}，不能再修改。", state=self.status)

    def require_deletable(self) -> None:
        if self.status != "planned":
            raise StateForbids(
                "只有计划状态的班级可以删除；已招生的班级请取消。", state=self.status
            )


class InstitutionProfile(Base):
    """What others told of the institution; fed by events, never by requests."""

    __tablename__ = "institution_ref"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    region_code: Mapped[str]
    categories: Mapped[list[str]]
    nonsubject_types: Mapped[list[str]]
    delivery_modes: Mapped[list[str]]
    stages: Mapped[list[str]]
    compliance_status: Mapped[str]


class SectionCount(Base):
    """How many sections of an institution were sent: the version of the next is one more."""

    __tablename__ = "section_count"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


def _stepped(
    status: str, target: str, *, steps: Mapping[str, frozenset[str]], labels: Mapping[str, str]
) -> str:
    if target not in steps[status]:
        detail = f"当前状态为“{labels[status]}”，不能变更为“{labels[target]}”。"
        raise StateForbids(detail, state=status)
    return target
