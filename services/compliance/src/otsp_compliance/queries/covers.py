"""Whose work somebody may do beside the own: that of colleagues on leave (替班)."""

from uuid import UUID

from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_compliance.model import LeaveCoverRef


def covered_by(tx: Reader, account_id: UUID) -> frozenset[UUID]:
    """Those for whom the account stands in at this moment; mostly nobody.

    Auth lets nobody stand in across authorities, and ends it when one of both leaves.
    """
    now = clock.now()  # real time, as auth counts it
    query = select(LeaveCoverRef.from_account_id).where(
        LeaveCoverRef.to_account_id == account_id,
        LeaveCoverRef.valid_from <= now,
        LeaveCoverRef.valid_to > now,
    )
    return frozenset(tx.execute(query).scalars())
