"""Reads of personal data in clear by an authority in its case: they leave an entry in the trail."""

from collections.abc import Sequence
from uuid import UUID

from otsp_chassis import audit
from otsp_chassis.db import transaction
from otsp_chassis.sight import Sight
from otsp_chassis.sight import note_reading as noted
from otsp_staff.rules.privacy import TOLD_IN_CASE
from otsp_staff.rules.rows import StaffRow


def note_reading(sight: Sight, institution_id: UUID, people: Sequence[StaffRow]) -> None:
    """Of each person, what the matrix tells in a case."""
    noted(
        sight,
        institution_id,
        object_type="staff",
        object_ids=[person.staff_id for person in people],
        pii_fields=TOLD_IN_CASE,
    )


def note_search(
    sight: Sight, institution_id: UUID, people: Sequence[StaffRow], *, criteria: Sequence[str]
) -> None:
    """Whoever looks for numbers leaves an entry, found or not; never a number."""
    with transaction() as tx:
        audit.record(
            tx,
            "staff.searched",
            object_type="institution",
            object_id=institution_id,
            institution_id=institution_id,
            reason=None if sight.case_id is None else f"事项 {sight.case_id}",
            pii_fields=criteria,
        )
        note_reading(sight, institution_id, people)
