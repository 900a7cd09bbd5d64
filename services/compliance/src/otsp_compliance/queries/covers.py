"""Whose work somebody may do: one's own, and that of colleagues on leave (替班)."""

from uuid import UUID

from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_compliance.model import LeaveCoverRef
from otsp_compliance.queries.visibility import require_authority


def covered_by(tx: Reader, principal: Principal) -> frozenset[UUID]:
    """Those of the own authority for whom the caller stands in at this moment; often nobody."""
    now = clock.now()  # real time, as auth counts it
    query = select(LeaveCoverRef.from_account_id).where(
        LeaveCoverRef.to_account_id == principal.account_id,
        LeaveCoverRef.authority_id == require_authority(principal).authority_id,
        LeaveCoverRef.valid_from <= now,
        LeaveCoverRef.valid_to > now,
    )
    return frozenset(tx.execute(query).scalars())
