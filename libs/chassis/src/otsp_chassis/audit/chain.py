"""What the chain of seals is made of: fixed encodings, hashed by SHA-256. Pure.

An entry is hashed over its canonical JSON (RFC 8785) of all columns that are not null: bytes in
lower-case hex, ids as text, moments in UTC to the microsecond. A column added later is null in the
rows of today, so that their hashes stand.
A link is the hash of the link before, the position, the entry's number (both eight bytes, most
significant first) and the entry's hash. The first stands on the name of its service.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, case

from otsp_chassis.canonical import canonical_bytes
from otsp_chassis.tables import audit_entry

_NUMBER_BYTES = 8
_FIRST_MOMENT = datetime(1, 1, 2, tzinfo=UTC)
_LAST_MOMENT = datetime(9999, 12, 30, tzinfo=UTC)
_COLUMNS = tuple(map(str, audit_entry.c.keys()))  # orjson takes no subclass of str


def readable(at: ColumnElement[datetime]) -> ColumnElement[datetime | None]:
    """Null for what Python has no moment for: infinity and years beyond 9999 raise when fetched."""
    return case((at.between(_FIRST_MOMENT, _LAST_MOMENT), at))


ENTRY = [readable(each).label("at") if each.name == "at" else each for each in audit_entry.c]
"""What is selected of a row to hash it."""


def first_link(service: str) -> bytes:
    """What the seal at position 1 stands on; no service's chain can pass for another's."""
    return hashlib.sha256(f"otsp audit trail of {service}".encode()).digest()


def entry_digest(row: Sequence[Any]) -> bytes:
    """Of a whole row of `audit_entry`, in the order of its columns."""
    columns = zip(_COLUMNS, row, strict=True)
    told = {name: _plain(value) for name, value in columns if value is not None}
    return hashlib.sha256(canonical_bytes(told)).digest()


class Seal(NamedTuple):
    """A place in the chain: the entry's number and hash at a position, from 1 on."""

    position: int
    sequence: int
    digest: bytes

    def link_after(self, link: bytes) -> bytes:
        numbers = (self.position, self.sequence)
        told = (number.to_bytes(_NUMBER_BYTES, signed=True) for number in numbers)
        return hashlib.sha256(b"".join((link, *told, self.digest))).digest()


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _plain(value: Any) -> Any:  # noqa: ANN401 - a column's value, then as JSON has it
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, UUID) else value
