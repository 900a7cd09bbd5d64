"""Letting go of the people behind an institution that was deregistered long ago."""

from datetime import date

from sqlalchemy import select

from otsp_chassis import audit, history
from otsp_chassis.db import Tx
from otsp_institution.model import Institution
from otsp_institution.queries.retention import deregistered_before


def let_go_of_people(tx: Tx, before: date, *, today: date, limit: int) -> int:
    """What the public was told stays: the institution, and who headed it by name.

    The history keeps who changed what and when, without a value.
    """
    due = select(Institution).where(deregistered_before(before)).limit(limit)
    ordered = due.order_by(Institution.institution_id).with_for_update(skip_locked=True)
    institutions = list(tx.scalars(ordered))
    for institution in institutions:
        institution.anonymise(today)
        tx.flush()
        history.conceal(tx, institution.institution_id)
        audit.record(
            tx,
            "institution.anonymised",
            object_type="institution",
            object_id=institution.institution_id,
            institution_id=institution.institution_id,
        )
    return len(institutions)
