"""Reads of persons in clear by an authority in its case: they leave an entry in the trail."""

from collections.abc import Sequence
from uuid import UUID

from otsp_chassis import audit
from otsp_chassis.db import transaction
from otsp_courses.queries.hosts import SiteTold, SystemTold
from otsp_courses.queries.persons import PERSONAL
from otsp_courses.queries.sight import Sight


def note_reading(
    sight: Sight, institution_id: UUID, hosts: Sequence[SiteTold] | Sequence[SystemTold]
) -> None:
    """Before they are answered: the case, which fields, and of what; of a page its first and last.

    Nothing is noted of what the caller saw masked, nor of the institution's own people.
    """
    if sight.case_id is None or not hosts:
        return
    kind = "site" if isinstance(hosts[0], SiteTold) else "system"
    first, last = (getattr(each, f"{kind}_id") for each in (hosts[0], hosts[-1]))
    with transaction() as tx:
        audit.record(
            tx,
            f"{kind}.read_in_case",
            object_type=kind,
            object_id=first if first == last else f"{first}..{last}",
            institution_id=institution_id,
            reason=f"事项 {sight.case_id}",
            pii_fields=[name for name in PERSONAL if hasattr(hosts[0], name)],
        )
