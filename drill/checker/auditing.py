"""I10: what is sealed of each audit trail still hashes to its chain, computed anew."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from drill.checker.found import Finding
from drill.checker.sealing import canonical
from drill.checker.stored import Row, Stored


def check(stored: Stored) -> Iterator[Finding]:
    for service in stored.by_service:
        entries = {row["sequence"]: row for row in stored.of(service, "trail_of_audit")}
        link = hashlib.sha256(f"otsp audit trail of {service}".encode()).digest()
        for number, seal in enumerate(stored.of(service, "seals"), 1):
            entry = entries.get(seal["entry_sequence"])
            link = link_after(link, number, seal)
            if entry is None:
                what = f"entry {seal['entry_sequence']} of {service} is sealed and gone"
                yield Finding("lost", "I10", what)
            elif digest_of(entry) != seal["entry_sha256"] or seal["chain_sha256"] != link:
                what = f"entry {seal['entry_sequence']} of {service} is not what was sealed"
                yield Finding("mismatched", "I10", what)


def digest_of(entry: Row) -> bytes:
    """Over all its columns that are not null."""
    told = {name: _plain(value) for name, value in entry.items() if value is not None}
    return hashlib.sha256(canonical(told)).digest()


def link_after(link: bytes, position: int, seal: Row) -> bytes:
    numbers = (position, seal["entry_sequence"])
    told = b"".join(number.to_bytes(8, signed=True) for number in numbers)
    return hashlib.sha256(link + told + bytes(seal["entry_sha256"])).digest()


def _plain(value: Any) -> Any:  # noqa: ANN401 - a column's value, then as JSON has it
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, UUID) else value
