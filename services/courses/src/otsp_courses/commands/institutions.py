"""What is kept of institutions, from their owner's events."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from otsp_chassis.db import Tx
from otsp_contracts.institution import ProfileChanged
from otsp_courses.model import InstitutionProfile


def keep_profile(tx: Tx, profile: ProfileChanged) -> None:
    """The newest version stands, in whatever order they come; told again it mends the copy."""
    told: dict[str, Any] = {
        "version": profile.version,
        "region_code": profile.region_code,
        "categories": list(profile.categories),
        "nonsubject_types": list(profile.nonsubject_types),
        "delivery_modes": list(profile.delivery_modes),
        "stages": list(profile.stages),
        "compliance_status": profile.compliance_status,
    }
    row = insert(InstitutionProfile).values(institution_id=profile.institution_id, **told)
    tx.execute(
        row.on_conflict_do_update(
            index_elements=[InstitutionProfile.institution_id],
            set_=told,
            where=InstitutionProfile.version <= profile.version,
        )
    )
