"""Find a case by what it is about: all cases were read for each application that was told.

Revision ID: 0002_index_subjects
"""

from alembic import op

from otsp_chassis.migrate import create_index_concurrently

revision = "0002_index_subjects"
down_revision = "0001_create_compliance"


def upgrade() -> None:
    create_index_concurrently(op, "ix_review_case_subject_id", "ON review_case (subject_id)")
