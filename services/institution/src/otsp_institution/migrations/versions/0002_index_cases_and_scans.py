"""Find cases by their institution and licences by their scan: both were read whole.

Revision ID: 0002_index_cases_and_scans
"""

from alembic import op

from otsp_chassis.migrate import create_index_concurrently

revision = "0002_index_cases_and_scans"
down_revision = "0001_create_institution"


def upgrade() -> None:
    create_index_concurrently(op, "ix_case_ref_institution_id", "ON case_ref (institution_id)")
    create_index_concurrently(
        op, "ix_school_licence_scan_file_id", "ON school_licence (scan_file_id)"
    )
