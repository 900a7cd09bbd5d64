"""Reads of the transparency log, and of what is not in it yet."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from otsp_chassis.db import Reader, Tx
from otsp_compliance.model import Decision, LogEntry, LogHead, Receipt

_LATE_MS = int(timedelta(days=1).total_seconds() * 1_000)
"""How long a decision may have been uncommitted; far more than any statement may take."""
_TIME_SHIFT = 80
"""Of a UUIDv7 the bits below its milliseconds."""


@dataclass(frozen=True, slots=True)
class EntryView:
    entry: dict[str, Any]
    sha256: str


@dataclass(frozen=True, slots=True)
class HeadView:
    day: date
    size: int
    sha256: str
    jws: str


@dataclass(frozen=True, slots=True)
class Entries:
    """`next` is the position to go on after; None at the end."""

    items: Sequence[EntryView]
    next: int | None


@dataclass(frozen=True, slots=True)
class Heads:
    """`next` is the day to go on after; None at the end."""

    items: Sequence[HeadView]
    next: date | None


def list_entries(tx: Reader, *, after: int, limit: int) -> Entries:
    """In the order of the chain."""
    query = (
        select(LogEntry.entry, LogEntry.sha256)
        .where(LogEntry.position > after)
        .order_by(LogEntry.position)
        .limit(limit + 1)
    )
    items = [EntryView(*row) for row in tx.execute(query)]
    more = len(items) > limit
    return Entries(items[:limit], items[limit - 1].entry["position"] if more else None)


def list_heads(tx: Reader, *, after: date | None, limit: int) -> Heads:
    """Day by day."""
    query = select(LogHead.day, LogHead.size, LogHead.sha256, LogHead.jws).order_by(LogHead.day)
    if after is not None:
        query = query.where(LogHead.day > after)
    items = [HeadView(*row) for row in tx.execute(query.limit(limit + 1))]
    return Heads(items[:limit], items[limit - 1].day if len(items) > limit else None)


def new_decisions(tx: Tx, limit: int) -> list[tuple[Decision, str | None]]:
    """Final decisions that are not in the log, with the digest of their receipts, oldest first."""
    query = (
        select(Decision, Receipt.jws)
        .outerjoin(Receipt, Receipt.decision_id == Decision.decision_id)
        .where(*_unlogged(tx))
        .order_by(Decision.decision_id)
        .limit(limit)
    )
    return [
        (decision, hashlib.sha256(jws.encode()).hexdigest() if jws else None)
        for decision, jws in tx.execute(query)
    ]


def unlogged_since(tx: Reader) -> datetime | None:
    """When the oldest of them was decided; None when all are in the log."""
    found: datetime | None = tx.scalar(select(func.min(Decision.decided_at)).where(*_unlogged(tx)))
    return found


def _unlogged(tx: Reader | Tx) -> list[Any]:
    """A day behind the newest that is in the log is looked for what committed late."""
    newest: UUID | None = tx.scalar(
        select(LogEntry.decision_id).order_by(LogEntry.decision_id.desc()).limit(1)
    )
    milliseconds = (newest.int >> _TIME_SHIFT) - _LATE_MS if newest else 0
    low = UUID(int=max(milliseconds, 0) << _TIME_SHIFT)
    is_logged = select(LogEntry.position).where(LogEntry.decision_id == Decision.decision_id)
    return [Decision.is_final, Decision.decision_id >= low, ~is_logged.exists()]
