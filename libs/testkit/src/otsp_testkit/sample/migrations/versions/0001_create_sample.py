"""Create the sample's table and the chassis's.

Revision ID: 0001_create_sample
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from otsp_chassis.migrate import create_chassis_tables

revision = "0001_create_sample"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    op.create_table(
        "item",
        sa.Column("item_id", sa.Uuid, primary_key=True),
        sa.Column("institution_id", sa.Uuid, nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("note", sa.Text),
        sa.Column("code", sa.Text),
        sa.Column("description", sa.Text),
        sa.Column("state", sa.Text),
        sa.Column("region_code", sa.Text),
        sa.Column("city", sa.Text),
        sa.Column("address", sa.Text),
        sa.Column("keeper", sa.Text),
        sa.Column("quantity", sa.BigInteger),
        sa.Column("priority", sa.BigInteger),
        sa.Column("weight_g", sa.BigInteger),
        sa.Column("is_active", sa.Boolean),
        sa.Column("is_shared", sa.Boolean),
        sa.Column("checked_at", sa.DateTime(timezone=True)),
        sa.Column("opens_at", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "dossier",
        sa.Column("dossier_id", sa.Uuid, primary_key=True),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("photo_file_id", sa.Uuid),
        sa.Column("scan_file_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("notes", JSONB, nullable=False),
        sa.Column("is_draft", sa.Boolean, nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
    )
