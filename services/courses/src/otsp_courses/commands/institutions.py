"""What is kept of institutions, from their owner's events."""

from otsp_chassis.copies import keep_newer
from otsp_chassis.db import Tx
from otsp_contracts.institution import ProfileChanged
from otsp_courses.model import InstitutionProfile


def keep_profile(tx: Tx, profile: ProfileChanged) -> None:
    keep_newer(
        tx,
        InstitutionProfile,
        key="institution_id",
        values={
            "institution_id": profile.institution_id,
            "version": profile.version,
            "region_code": profile.region_code,
            "categories": list(profile.categories),
            "nonsubject_types": list(profile.nonsubject_types),
            "delivery_modes": list(profile.delivery_modes),
            "stages": list(profile.stages),
            "compliance_status": profile.compliance_status,
        },
    )
