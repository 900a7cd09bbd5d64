"""Find the days that differ from their weekday: each filing read all days of all years for them.

Revision ID: 0003_index_differing_days
"""

from alembic import op

from otsp_chassis.migrate import create_index_concurrently

revision = "0003_index_differing_days"
down_revision = "0002_index_subjects"


def upgrade() -> None:
    create_index_concurrently(
        op,
        "ix_working_day_differing",
        "ON working_day (day, is_working) WHERE is_working <> (extract(isodow FROM day) <= 5)",
    )
