"""Lets go of what institutions sent to be judged, once its time of keeping is over."""

from datetime import date

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from otsp_chassis import audit
from otsp_chassis.db import Tx
from otsp_compliance.queries.retention import due_snapshots

_LET_GO = text("SELECT otsp_let_go_of_snapshots(:request_ids)").bindparams(
    bindparam("request_ids", type_=ARRAY(UUID(as_uuid=True)))
)


def let_go_of_snapshots(tx: Tx, day: date, *, limit: int) -> int:
    """Their contents; seals, digests, findings and decisions stay, so that receipts still verify.

    The application role may delete nothing of a snapshot: a function of the database does, and
    does not touch what is younger than ten years.
    """
    request_ids = due_snapshots(tx, day, limit=limit)
    if not request_ids:
        return 0
    gone: int = tx.execute(_LET_GO, {"request_ids": request_ids}).scalar_one()
    for request_id in request_ids:
        audit.record(
            tx, "compliance.snapshot_let_go", object_type="gathering", object_id=request_id
        )
    return gone
