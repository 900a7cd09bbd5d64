"""Comparing two snapshots: a read of persons in clear, which leaves an entry in the trail."""

from uuid import UUID

from otsp_chassis import audit
from otsp_chassis.db import transaction
from otsp_chassis.identity import Principal
from otsp_compliance.queries.differences import SnapshotDifferences
from otsp_compliance.queries.differences import compare_snapshots as compared


def compare_snapshots(
    principal: Principal,
    application_id: UUID,
    *,
    before_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> SnapshotDifferences:
    """What the institution sees of itself is not noted."""
    with transaction() as tx:
        told = compared(
            tx, principal, application_id, before_id=before_id, cursor=cursor, limit=limit
        )
        if principal.authority is not None and told.before is not None:
            audit.record(
                tx,
                "compliance.snapshots_compared",
                object_type="application",
                object_id=application_id,
                reason=f"与申请 {told.before.application_id} 比对",
                pii_fields=["staff"],
            )
        return told
