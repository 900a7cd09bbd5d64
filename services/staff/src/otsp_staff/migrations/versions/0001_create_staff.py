"""Create the people, the blacklist and the chassis's tables.

Revision ID: 0001_create_staff
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from otsp_chassis.migrate import create_chassis_tables, create_counters_table
from otsp_chassis.search import create_search_index, search_columns

revision = "0001_create_staff"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    create_counters_table(op)
    _create_staff()
    _create_employment_period()
    _create_blacklist()
    _create_reminders()
    _create_correction_request()
    _create_copies()


def _create_staff() -> None:
    op.create_table(
        "staff",
        *_finding_columns(),
        sa.Column("status", sa.Text, nullable=False),
        *_columns(sa.Uuid(), "photo contract precheck_proof", suffix="_file_id"),
        *_columns(
            sa.Text(),
            "name sex nationality id_type education graduated_from major staff_type employment"
            " contract_no foreign_bio depart_reason",
        ),
        *_columns(
            sa.LargeBinary(),
            "id_no mobile political_status prohibited_kind work_permit_no",
            suffix="_sealed",
        ),
        *_columns(
            sa.Date(),
            "hired_on contract_from contract_to precheck_on annual_check_on"
            " in_service_declared_on inducted_on publicized_on work_permit_to"
            " residence_permit_to departed_on",
        ),
        *_columns(
            sa.Boolean(),
            "contract_signed social_insurance precheck_clear annual_check_clear prohibited"
            " in_service_teacher inducted publicized in_china",
        ),
        sa.Column("teach_subjects", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("teach_stages", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("teach_experience", JSONB, nullable=False),
        sa.Column("quals", JSONB, nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("anonymised_on", sa.Date),
        sa.Column("in_snapshot_since", sa.Date),
        *_stamps(),
        sa.CheckConstraint("status IN ('employed', 'departed')", name="status"),
    )
    _index_staff()


def _finding_columns() -> list[sa.Column[Any]]:
    """By which people are found and put in order."""
    return [
        sa.Column("staff_id", sa.Uuid, primary_key=True),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("id_index", sa.LargeBinary, index=True),
        sa.Column("mobile_index", sa.LargeBinary),
        sa.Column("mobile_tail_index", sa.LargeBinary),
        sa.Column("name_order", sa.Text, nullable=False),
        *search_columns(),
    ]


def _index_staff() -> None:
    for name in ("staff_id", "id_index"):
        op.create_index(f"ix_staff_institution_id_{name}", "staff", ["institution_id", name])
    for name, *columns in (
        ("mobile_tail", "mobile_tail_index"),
        ("name_order", "name_order", "staff_id"),
        ("hired_on", sa.text("COALESCE(hired_on, '0001-01-01'::date)"), "staff_id"),
    ):
        op.create_index(f"ix_staff_institution_id_{name}", "staff", ["institution_id", *columns])
    create_search_index(op, "staff")


def _create_employment_period() -> None:
    op.create_table(
        "employment_period",
        sa.Column("period_id", sa.Uuid, primary_key=True),
        sa.Column("staff_id", sa.Uuid, nullable=False, index=True),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        *_columns(sa.Date(), "hired_on departed_on contract_from contract_to"),
        *_columns(sa.Text(), "depart_reason employment contract_no"),
        sa.Column("contract_file_id", sa.Uuid),
    )


def _create_reminders() -> None:
    op.create_table(
        "check_reminder",
        sa.Column("staff_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("due_on", sa.Date, primary_key=True),
    )
    op.create_table("reminder_round", sa.Column("day", sa.Date, primary_key=True))
    op.create_table(
        "blacklist_match",
        sa.Column("staff_id", sa.Uuid, primary_key=True),
        sa.Column("entry_id", sa.Uuid, primary_key=True),
        sa.Column("matched_on", sa.Date, nullable=False),
        sa.Column("depart_by", sa.Date, nullable=False),
    )


def _create_blacklist() -> None:
    op.create_table(
        "blacklist_entry",
        sa.Column("entry_id", sa.Uuid, primary_key=True),
        sa.Column("id_type", sa.Text, nullable=False),
        sa.Column("id_no_sealed", sa.LargeBinary, nullable=False),
        sa.Column("id_index", sa.LargeBinary, nullable=False),
        sa.Column("name_sealed", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("basis_doc", sa.Text, nullable=False),
        sa.Column("decided_on", sa.Date, nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=False),
        sa.Column("region_code", sa.Text, nullable=False, index=True),
        sa.Column("revoked_on", sa.Date),
        sa.Column("revoked_by", sa.Uuid),
        sa.Column("revocation_reason", sa.Text),
        *_stamps(),
    )
    op.create_index(
        "uq_blacklist_entry_id_index",
        "blacklist_entry",
        ["id_index"],
        unique=True,
        postgresql_where=sa.text("revoked_on IS NULL"),
    )


def _create_correction_request() -> None:
    op.create_table(
        "correction_request",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("staff_id", sa.Uuid, nullable=False, index=True),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("asked_sealed", sa.LargeBinary, nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("answered_by", sa.Uuid),
        *_stamps(),
        sa.CheckConstraint("state IN ('open', 'corrected', 'declined')", name="state"),
    )
    op.create_index(
        "ix_correction_request_institution_id",
        "correction_request",
        ["institution_id", "request_id"],
    )
    op.create_index(
        "uq_correction_request_open",
        "correction_request",
        ["staff_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )


def _create_copies() -> None:
    op.create_table(
        "section_version",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "institution_ref",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("region_code", sa.Text, nullable=False),
        sa.Column("registration_status", sa.Text, nullable=False),
        sa.Column("compliance_status", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_table(
        "case_ref",
        sa.Column("case_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("authority_id", sa.Uuid),
        sa.Column("state", sa.Text, nullable=False),
    )
    op.create_table(
        "calendar_ref",
        sa.Column("year_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("working_weekends", sa.ARRAY(sa.Date), nullable=False),
        sa.Column("rest_weekdays", sa.ARRAY(sa.Date), nullable=False),
    )
    op.create_index("ix_case_ref_institution_id", "case_ref", ["institution_id"])
    _create_class_ref()
    op.create_table(
        "public_picture_ref",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("file_ids", sa.ARRAY(sa.Uuid), nullable=False),
    )


def _create_class_ref() -> None:
    op.create_table(
        "class_ref",
        sa.Column("class_id", sa.Uuid, primary_key=True),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("lead_teacher_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
    )
    op.create_index(
        "ix_class_ref_lead_teacher_ids", "class_ref", ["lead_teacher_ids"], postgresql_using="gin"
    )


def _columns(
    kind: sa.types.TypeEngine[Any], names: str, *, suffix: str = ""
) -> list[sa.Column[Any]]:
    return [sa.Column(f"{name}{suffix}", kind) for name in names.split()]


def _stamps() -> list[sa.Column[Any]]:
    return [
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    ]
