"""What is known of an institution by its events."""

from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_courses.model import InstitutionProfile
from otsp_courses.rules.rows import InstitutionRef


def find_institution(tx: Reader, institution_id: UUID) -> InstitutionRef | None:
    """None until its first profile has arrived."""
    profile = InstitutionProfile
    row = tx.execute(
        select(
            profile.region_code,
            profile.categories,
            profile.nonsubject_types,
            profile.delivery_modes,
            profile.stages,
            profile.compliance_status,
        ).where(profile.institution_id == institution_id)
    ).first()
    if row is None:
        return None
    return InstitutionRef(*row)
