"""How often something was sent or tried."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from otsp_auth.model import AddressAttempt, Verification
from otsp_chassis.db import Reader


def codes_sent(tx: Reader, address_index: bytes, since: datetime) -> Sequence[datetime]:
    """When codes went to an address, whatever for."""
    query = select(Verification.sent_at).where(
        Verification.address_index == address_index, Verification.sent_at > since
    )
    return tx.execute(query).scalars().all()


def count_attempts(tx: Reader, kind: str, *, address_index: bytes, since: datetime) -> int:
    query = select(func.count()).where(
        AddressAttempt.kind == kind,
        AddressAttempt.address_index == address_index,
        AddressAttempt.at > since,
    )
    return int(tx.execute(query).scalar_one())
