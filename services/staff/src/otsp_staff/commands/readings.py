"""Reads of personal data in clear by an authority in its case: they leave an entry in the trail."""

from collections.abc import Sequence
from uuid import UUID

from otsp_chassis import audit
from otsp_chassis.db import transaction
from otsp_staff.queries.sight import Sight
from otsp_staff.rules.privacy import TOLD_IN_CASE
from otsp_staff.rules.rows import StaffRow


def note_reading(sight: Sight, institution_id: UUID, people: Sequence[StaffRow]) -> None:
    """Before they are answered: the case, which fields, and of whom; of a page its first and last.

    Nothing is noted of what the caller saw masked, nor of the institution's own people.
    """
    if sight.case_id is None or not people:
        return
    first, last = people[0].staff_id, people[-1].staff_id
    with transaction() as tx:
        audit.record(
            tx,
            "staff.read_in_case",
            object_type="staff",
            object_id=first if first == last else f"{first}..{last}",
            institution_id=institution_id,
            reason=f"事项 {sight.case_id}",
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
