"""Find cases by their institution: all were read whenever an authority read a file.

Revision ID: 0002_index_cases
"""

from alembic import op

from otsp_chassis.migrate import create_index_concurrently

revision = "0002_index_cases"
down_revision = "0001_create_courses"


def upgrade() -> None:
    create_index_concurrently(op, "ix_case_ref_institution_id", "ON case_ref (institution_id)")
