"""What is known of numbers elsewhere, of many at once; no answer tells where it comes from."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CollectionAggregate, LargeBinary, Text, any_, cast, literal, select

from otsp_chassis.db import Reader
from otsp_staff.model import BlacklistEntry, Staff


def blacklisted(tx: Reader, indexes: Sequence[bytes]) -> set[bytes]:
    """Those of the blind indexes that a standing entry of the national list has."""
    query = select(BlacklistEntry.id_index).where(
        BlacklistEntry.id_index == any_of(indexes), BlacklistEntry.revoked_on.is_(None)
    )
    return {bytes(index) for index in tx.execute(query).scalars()}


def full_time_elsewhere(tx: Reader, institution_id: UUID, indexes: Sequence[bytes]) -> set[bytes]:
    query = select(Staff.id_index).where(
        Staff.id_index == any_of(indexes),
        Staff.institution_id != institution_id,
        Staff.status == "employed",
        Staff.employment == "full_time",
        Staff.deleted_at.is_(None),
    )
    return {bytes(index) for index in tx.execute(query).scalars() if index is not None}


def any_of(indexes: Sequence[bytes]) -> CollectionAggregate[Any]:
    """As one parameter, written out: hundreds cost more to prepare than to look up."""
    listed = ",".join(f'"\\\\x{index.hex()}"' for index in indexes)
    return any_(cast(literal(f"{{{listed}}}", Text), ARRAY(LargeBinary)))
