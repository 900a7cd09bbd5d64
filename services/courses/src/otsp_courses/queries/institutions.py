"""What is known of an institution by its events."""

from dataclasses import fields
from uuid import UUID

from sqlalchemy import bindparam, select

from otsp_chassis.db import Reader
from otsp_courses.model import InstitutionProfile
from otsp_courses.rules.rows import InstitutionRef

_COLUMNS = InstitutionProfile.__table__.c
_KNOWN = select(*(_COLUMNS[field.name] for field in fields(InstitutionRef))).where(
    _COLUMNS.institution_id == bindparam("institution_id")
)


def find_institution(tx: Reader, institution_id: UUID) -> InstitutionRef | None:
    """None until its first profile has arrived."""
    row = tx.execute(_KNOWN, {"institution_id": institution_id}).first()
    if row is None:
        return None
    return InstitutionRef(*row)
