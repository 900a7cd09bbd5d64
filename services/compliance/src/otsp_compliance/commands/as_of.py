"""Looking at the file as it was filed: persons are seen, so it leaves an entry in the trail."""

from uuid import UUID

from otsp_chassis import audit
from otsp_chassis.db import transaction
from otsp_chassis.identity import Principal
from otsp_compliance.queries import snapshots
from otsp_compliance.queries.snapshots import PartView


def look_at_part(principal: Principal, application_id: UUID, part: str) -> PartView:
    """What the institution sees of itself is not noted."""
    with transaction() as tx:
        view = snapshots.get_part(tx, principal, application_id, part=part)
        if principal.authority is not None and part == "staff":
            audit.record(
                tx,
                "compliance.snapshot_read",
                object_type="application",
                object_id=application_id,
                pii_fields=["staff"],
            )
        return view
