"""Reads in full by an authority in its case: they leave an entry in the trail."""

from collections.abc import Sequence
from uuid import UUID

from otsp_chassis import audit
from otsp_chassis.db import transaction
from otsp_institution.queries.sight import Sight


def note_reading(
    sight: Sight,
    institution_id: UUID,
    *,
    object_type: str,
    object_ids: Sequence[UUID],
    pii_fields: Sequence[str],
) -> None:
    """Before they are answered: the case, which fields, and of what; of a page its first and last.

    Nothing is noted of what the caller saw masked, nor of the institution's own people.
    """
    if sight.case_id is None or not object_ids or not pii_fields:
        return
    first, last = object_ids[0], object_ids[-1]
    with transaction() as tx:
        audit.record(
            tx,
            f"{object_type}.read_in_case",
            object_type=object_type,
            object_id=first if first == last else f"{first}..{last}",
            institution_id=institution_id,
            reason=f"事项 {sight.case_id}",
            pii_fields=list(pii_fields),
        )
