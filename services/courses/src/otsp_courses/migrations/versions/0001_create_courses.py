"""Create sites, systems, courses, classes, what is kept of others' things, the chassis's tables.

Revision ID: 0001_create_courses
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from otsp_chassis.migrate import create_chassis_tables, create_counters_table
from otsp_chassis.search import create_search_index, search_columns

revision = "0001_create_courses"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    create_counters_table(op)
    _create_institution_ref()
    _create_staff_ref()
    _create_material_ref()
    _create_fee_item_ref()
    _create_rectification_ref()
    _create_case_ref()
    _create_calendar_ref()
    _create_site()
    _create_system()
    _create_course()
    _create_class()
    _create_relocations()
    op.create_table(
        "section_count",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
    )


def _owned() -> list[sa.Column[object]]:
    return [
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        *search_columns(),
    ]


def _list_by(table: str, key: str) -> None:
    op.create_index(f"ix_{table}_institution_id_{key}", table, ["institution_id", key])
    create_search_index(op, table)


def _create_institution_ref() -> None:
    op.create_table(
        "institution_ref",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("region_code", sa.Text, nullable=False),
        sa.Column("categories", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("nonsubject_types", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("delivery_modes", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("stages", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("registration_status", sa.Text, nullable=False),
        sa.Column("compliance_status", sa.Text, nullable=False),
    )


def _kept(key: str) -> list[sa.Column[object]]:
    return [
        sa.Column(key, sa.Uuid, primary_key=True),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    ]


def _create_staff_ref() -> None:
    op.create_table(
        "staff_ref",
        *_kept("staff_id"),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("staff_type", sa.Text),
        sa.Column("removed", sa.Boolean, nullable=False),
    )


def _create_material_ref() -> None:
    op.create_table(
        "material_ref",
        *_kept("material_id"),
        sa.Column("title", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("stage", sa.Text),
        sa.Column("removed", sa.Boolean, nullable=False),
    )


def _create_fee_item_ref() -> None:
    op.create_table(
        "fee_item_ref",
        *_kept("fee_item_id"),
        sa.Column("name", sa.Text),
        sa.Column("charge_mode", sa.Text),
        sa.Column("publicized", sa.Boolean, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
    )


def _create_rectification_ref() -> None:
    op.create_table(
        "rectification_ref",
        *_kept("rectification_id"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("is_over", sa.Boolean, nullable=False),
    )
    op.create_index("ix_rectification_ref_institution_id", "rectification_ref", ["institution_id"])


def _create_case_ref() -> None:
    op.create_table(
        "case_ref",
        *_kept("case_id"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("authority_id", sa.Uuid),
        sa.Column("state", sa.Text, nullable=False),
    )


def _create_calendar_ref() -> None:
    op.create_table(
        "calendar_ref",
        sa.Column("year_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("working_weekends", sa.ARRAY(sa.Date), nullable=False),
        sa.Column("rest_weekdays", sa.ARRAY(sa.Date), nullable=False),
    )


def _create_site() -> None:
    op.create_table(
        "site",
        sa.Column("site_id", sa.Uuid, primary_key=True),
        *_owned(),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("region_code", sa.Text),
        sa.Column("address", sa.Text),
        sa.Column("lat_e6", sa.Integer),
        sa.Column("lng_e6", sa.Integer),
        sa.Column("building_area_centi_m2", sa.Integer),
        sa.Column("teaching_area_centi_m2", sa.Integer),
        sa.Column("rooms", JSONB, nullable=False),
        sa.Column("floor", sa.SmallInteger),
        sa.Column("total_floors", sa.SmallInteger),
        sa.Column("premises_type", sa.Text),
        sa.Column("tenure", sa.Text),
        sa.Column("lease_from", sa.Date),
        sa.Column("lease_to", sa.Date),
        sa.Column("fire_proof_file_id", sa.Uuid),
        sa.Column("fire_cert_no", sa.Text),
        sa.Column("fire_responsible", sa.Text),
        sa.Column("fire_check_on", sa.Date),
        sa.Column("video_surveillance", sa.Boolean),
        sa.Column("contact_name", sa.Text),
        sa.Column("contact_tel", sa.Text),
        sa.Column("on_licence", sa.Boolean),
        sa.CheckConstraint("status IN ('open', 'closed')", name="status"),
    )
    _list_by("site", "site_id")


def _create_system() -> None:
    op.create_table(
        "system",
        sa.Column("system_id", sa.Uuid, primary_key=True),
        *_owned(),
        sa.Column("name", sa.Text),
        sa.Column("kind", sa.Text),
        sa.Column("url", sa.Text),
        sa.Column("app_package", sa.Text),
        sa.Column("app_filing_no", sa.Text),
        sa.Column("icp_no", sa.Text),
        sa.Column("icp_shot_file_id", sa.Uuid),
        sa.Column("vat_licence_no", sa.Text),
        sa.Column("vat_shot_file_id", sa.Uuid),
        sa.Column("psb_no", sa.Text),
        sa.Column("mlps_level", sa.SmallInteger),
        sa.Column("mlps_no", sa.Text),
        sa.Column("mlps_tested_on", sa.Date),
        sa.Column("mlps_report_file_id", sa.Uuid),
        sa.Column("server_location", sa.Text),
        sa.Column("server_in_mainland", sa.Boolean),
        sa.Column("content_retention_days", sa.Integer),
        sa.Column("live_video_retention_days", sa.Integer),
        sa.Column("log_retention_days", sa.Integer),
        sa.Column("eye_protection", sa.Boolean),
        sa.Column("parental_control", sa.Boolean),
        sa.Column("stored_persons", sa.BigInteger),
        sa.Column("pia_done", sa.Boolean),
        sa.Column("pia_file_id", sa.Uuid),
        sa.Column("guardian_consent", sa.Boolean),
        sa.Column("ads_or_games", sa.Boolean),
        sa.Column("complaint_url", sa.Text),
        sa.Column("service_agreement_file_id", sa.Uuid),
        sa.Column("security_officer", sa.Text),
    )
    _list_by("system", "system_id")


def _create_course() -> None:
    op.create_table(
        "course",
        sa.Column("course_id", sa.Uuid, primary_key=True),
        *_owned(),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("host_id", sa.Uuid, index=True),
        sa.Column("delivery", sa.Text),
        sa.Column("category", sa.Text),
        sa.Column("subject_code", sa.Text),
        sa.Column("stage", sa.Text),
        sa.Column("grades", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("syllabus", sa.Text),
        sa.Column("objective", sa.Text),
        sa.Column("content", sa.Text),
        sa.Column("total_lessons", sa.Integer),
        sa.Column("lesson_minutes", sa.Integer),
        sa.Column("material_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("fee_item_id", sa.Uuid),
        sa.Column("homework", sa.Boolean),
        sa.Column("overseas_curriculum", sa.Boolean),
        sa.CheckConstraint("status IN ('draft', 'ready', 'active', 'closed')", name="status"),
    )
    _list_by("course", "course_id")


def _create_class() -> None:
    op.create_table(
        "class",
        sa.Column("class_id", sa.Uuid, primary_key=True),
        *_owned(),
        sa.Column(
            "course_id", sa.Uuid, sa.ForeignKey("course.course_id"), nullable=False, index=True
        ),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("capacity", sa.Integer),
        sa.Column("enrolled", sa.Integer),
        sa.Column("teacher_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("assistant_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("start_on", sa.Date),
        sa.Column("end_on", sa.Date),
        sa.Column("slots", JSONB, nullable=False),
        sa.Column("skip_dates", sa.ARRAY(sa.Date), nullable=False),
        sa.Column("extra_sessions", JSONB, nullable=False),
        sa.Column("room_no", sa.Text),
        sa.CheckConstraint(
            "status IN ('planned', 'enrolling', 'in_session', 'finished', 'cancelled')",
            name="status",
        ),
        sa.CheckConstraint("end_on >= start_on", name="dates"),
    )
    _list_by("class", "class_id")
    op.create_index("ix_class_teacher_ids", "class", ["teacher_ids"], postgresql_using="gin")
    op.create_index("ix_class_institution_id_room_no", "class", ["institution_id", "room_no"])


def _create_relocations() -> None:
    op.create_table(
        "proposed_relocation",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        sa.Column("sites", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "filed_relocation",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("institution_id", sa.Uuid, nullable=False, index=True),
        sa.Column("sites", JSONB, nullable=False),
    )
