"""Reads: which review holds an institution's data."""

from uuid import UUID

from sqlalchemy import func, select

from otsp_chassis.db import Reader
from otsp_chassis.tables import review_lock


def find_review(tx: Reader, institution_id: UUID) -> UUID | None:
    """The application under which the institution's data are locked now."""
    held = select(review_lock.c.application_id).where(
        review_lock.c.institution_id == institution_id,
        func.cardinality(review_lock.c.scopes) > 0,  # a lock that was released leaves its row
    )
    return tx.execute(held).scalar()
