"""Create the materials and the chassis's tables.

Revision ID: 0001_create_materials
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from otsp_chassis.migrate import create_chassis_tables, create_counters_table
from otsp_chassis.search import create_search_index, search_columns

revision = "0001_create_materials"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    create_counters_table(op)
    _create_material()
    _index_materials()
    _create_copies()


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
    )
    op.create_table(
        "case_ref",
        sa.Column("case_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("authority_id", sa.Uuid),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
    )
    op.create_index("ix_case_ref_institution_id", "case_ref", ["institution_id"])


def _create_material() -> None:
    op.create_table(
        "material",
        sa.Column("material_id", sa.Uuid, primary_key=True),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("version_no", sa.Integer),
        *_columns(
            sa.Text(),
            "title edition category subject_code stage kind form origin isbn content_sha256"
            " reviewed_sha256 copyright_note internal_result internal_opinion external_result"
            " external_opinion external_approval_no suspension_reason negative_list_signer",
        ),
        *_columns(sa.Boolean(), "overseas negative_list_ok external_required filed"),
        *_columns(
            sa.Uuid(),
            "file_id internal_record_file_id external_authority_id external_case_id"
            " external_reviewer_id suspension_authority_id",
        ),
        *_columns(
            sa.Date(),
            "internal_reviewed_on external_requested_on external_reviewed_on filed_on used_from"
            " used_until retain_until purge_due_told_on purged_on suspension_ordered_on",
        ),
        sa.Column("delivery", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("authors", JSONB, nullable=False),
        sa.Column("internal_reviewer_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        *search_columns(),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )


def _index_materials() -> None:
    create_search_index(op, "material")
    op.create_index(
        "ix_material_institution_id_material_id", "material", ["institution_id", "material_id"]
    )
    op.create_index(
        "uq_material_title_version",
        "material",
        ["institution_id", "title", "version_no"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_material_retain_until",
        "material",
        ["retain_until", "material_id"],
        postgresql_where=sa.text("status = 'archived' AND deleted_at IS NULL"),
    )


def _columns(kind: sa.types.TypeEngine[Any], names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind) for name in names.split()]
