"""The approval that an institution stands on, and the sealed snapshot behind it."""

import gzip
from uuid import UUID

import orjson
from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from otsp_chassis.db import Tx
from otsp_compliance.model import Decision, Snapshot, SnapshotPart
from otsp_contracts import snapshots

DEREGISTRATION = "deregistration"


def find_standing_approval(tx: Tx, institution_id: UUID) -> Decision | None:
    """The newest final approval of its compliance that no other decision has set aside."""
    later = aliased(Decision)
    approvals = select(Decision).where(
        Decision.institution_id == institution_id,
        Decision.is_final,
        Decision.outcome == "approved",
        Decision.application_kind != DEREGISTRATION,
        ~exists().where(later.replaces == Decision.decision_id),
    )
    return tx.scalars(approvals.order_by(Decision.decision_id.desc()).limit(1)).first()


def read_sealed(tx: Tx, decision: Decision) -> snapshots.Snapshot:
    """What was decided on, as it was gathered."""
    as_of = select(Snapshot.as_of).where(Snapshot.request_id == decision.request_id)
    parts = select(SnapshotPart.part, SnapshotPart.content).where(
        SnapshotPart.request_id == decision.request_id
    )
    document = {row.part: orjson.loads(gzip.decompress(row.content)) for row in tx.execute(parts)}
    return snapshots.Snapshot.model_validate(
        document | {"as_of": tx.execute(as_of).scalar_one().isoformat()}
    )
