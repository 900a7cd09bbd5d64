"""The proof of the trail: every hash made anew from the rows, every head's signature verified.

One pass in the order of sealing over a cursor of the server, hence in bounded memory, on one
snapshot of the database. What can be noticed and what cannot: docs/audit.md.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select, text

from otsp_chassis.audit.chain import ENTRY, Seal, entry_digest, first_link, readable
from otsp_chassis.audit.signing import Head, HeadVerifier
from otsp_chassis.db import Database, unavailable_database_told
from otsp_chassis.signing import BadSignature, UnknownKey
from otsp_chassis.tables import audit_entry, audit_head, audit_seal

LATEST = timedelta(hours=1)
"""No transaction of ours is open for so long: what came later was not recorded, but put there."""
TOLD_FAULTS = 100
PAGE = 1_000

What = Literal[
    "seal_removed",
    "seal_changed",
    "entry_removed",
    "entry_changed",
    "entry_inserted",
    "head_changed",
    "head_removed",
    "key_unknown",
    "tail_cut",
    "history_replaced",
]
_entry, _seal, _head = audit_entry.c, audit_seal.c, audit_head.c
_CHAIN = (
    select(
        _seal.position,
        _seal.entry_sequence,
        _seal.entry_sha256,
        _seal.chain_sha256,
        _head.previous,
        readable(_head.signed_at).label("signed_at"),
        _head.jws,
        *ENTRY,
    )
    .outerjoin_from(audit_seal, audit_head, _head.position == _seal.position)
    .outerjoin(audit_entry, _entry.sequence == _seal.entry_sequence)
    .order_by(_seal.position)
)
_ENTRY_AT = 7
_UNSEALED = ~select(_seal.position).where(_seal.entry_sequence == _entry.sequence).exists()


@dataclass(frozen=True, slots=True)
class Known:
    """A head that was kept elsewhere: up to it the trail must still be the same."""

    position: int
    chain_sha256: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is broken at a position of the chain; `sequence` names the entry where one is meant."""

    position: int
    what: What
    sequence: int | None = None


@dataclass(slots=True)
class Report:
    """`faults` holds the first hundred, in the order of the chain. Ages are in seconds."""

    service: str
    sealed: int = 0
    head: Known | None = None
    signed_at: datetime | None = None
    fault_count: int = 0
    faults: list[Fault] = field(default_factory=list)
    unsealed: int = 0
    oldest_unsealed_seconds: float = 0.0

    def add(self, fault: Fault) -> None:
        self.fault_count += 1
        if len(self.faults) < TOLD_FAULTS:
            self.faults.append(fault)


def verify(
    service: str,
    database: Database,
    heads: HeadVerifier,
    *,
    known: Known | None = None,
    on_progress: Callable[[int, int], None] = lambda _seen, _total: None,
) -> Report:
    """Everything of one service. `on_progress` is told seals seen and seals in all, page by page.

    Raises Unavailable when the database cannot be reached.
    """
    report = Report(service)
    with _snapshot(database) as reader:
        total = reader.scalar(select(func.count()).select_from(audit_seal)) or 0
        on_progress(0, total)
        walk = _Walk(service, heads, known)
        rows = reader.execute(_CHAIN)
        for page in rows.partitions():
            for row in page:
                for fault in walk.step(row):
                    report.add(fault)
            report.sealed += len(page)
            on_progress(report.sealed, total)
        last_head = reader.scalar(select(func.max(_head.position))) or 0
        for fault in walk.end(last_head):
            report.add(fault)
        _look_at_unsealed(reader, walk, report)
    if walk.position:
        report.head = Known(walk.position, walk.link.hex())
        report.signed_at = walk.signed_at
    return report


class _Walk:
    """Goes along the chain; after a fault it goes on from what is stored."""

    def __init__(self, service: str, heads: HeadVerifier, known: Known | None) -> None:
        self._service, self._heads, self._known = service, heads, known
        self.position, self.link = 0, first_link(service)
        self.head = self.highest = 0
        self.signed_at: datetime | None = None

    def step(self, row: Row[Any]) -> Iterator[Fault]:
        """One seal, with its entry and its head if it has them."""
        seal = Seal(row.position, row.entry_sequence, row.entry_sha256)
        if row.position != self.position + 1:
            yield Fault(self.position + 1, "seal_removed")
        elif seal.link_after(self.link) != row.chain_sha256:
            yield Fault(row.position, "seal_changed", row.entry_sequence)
        yield from self._entry_faults(row)
        here = Known(row.position, row.chain_sha256.hex())
        if self._known and self._known.position == here.position and self._known != here:
            yield Fault(row.position, "history_replaced")
        self.position, self.link = row.position, row.chain_sha256
        self.highest = max(self.highest, row.entry_sequence)
        if row.jws is not None:
            yield from self._head_faults(row)

    def end(self, last_head: int) -> Iterator[Fault]:
        """Heads beyond the last seal, seals beyond the last head, and the head kept elsewhere."""
        if last_head > self.position or (self._known and self._known.position > self.position):
            yield Fault(self.position + 1, "tail_cut")
        elif self.position > self.head:
            yield Fault(self.position, "head_removed")

    def _is_too_late(self, sequence: int, at: datetime | None) -> bool:
        """Its neighbours had been sealed for long when it came."""
        return (
            self.signed_at is not None
            and at is not None
            and sequence < self.highest
            and at < self.signed_at - LATEST
        )

    def _entry_faults(self, row: Row[Any]) -> Iterator[Fault]:
        if row.sequence is None:
            yield Fault(row.position, "entry_removed", row.entry_sequence)
        elif entry_digest(row[_ENTRY_AT:]) != row.entry_sha256:
            yield Fault(row.position, "entry_changed", row.entry_sequence)
        elif self._is_too_late(row.sequence, row.at):
            yield Fault(row.position, "entry_inserted", row.sequence)

    def _head_faults(self, row: Row[Any]) -> Iterator[Fault]:
        before, at = self.head, row.signed_at
        self.head, self.signed_at = row.position, at
        try:
            if at is None:
                raise BadSignature
            told = Head(self._service, self.head, self.link, previous=row.previous, signed_at=at)
            self._heads.verify(told, row.jws)
        except UnknownKey:
            yield Fault(row.position, "key_unknown")
        except BadSignature:
            yield Fault(row.position, "head_changed")
        else:
            if row.previous != before:
                yield Fault(row.previous, "head_removed")


def _look_at_unsealed(reader: Connection, walk: _Walk, report: Report) -> None:
    """How much waits, and what waits although its neighbours were sealed long ago."""
    age = func.extract("epoch", func.clock_timestamp() - func.min(readable(_entry.at)))
    waiting = select(func.count(), func.coalesce(age, 0)).where(_UNSEALED)
    report.unsealed, seconds = reader.execute(waiting).one()
    report.oldest_unsealed_seconds = float(seconds)
    if walk.signed_at is None:
        return
    late = _UNSEALED, _entry.sequence < walk.highest, _entry.at < walk.signed_at - LATEST
    for sequence in reader.scalars(select(_entry.sequence).where(*late).order_by(_entry.sequence)):
        report.add(Fault(walk.position + 1, "entry_inserted", sequence))


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """One instant of the database, read through server-side cursors."""
    with (
        unavailable_database_told(),
        database.autocommit.connect() as connection,
    ):
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        yield connection.execution_options(stream_results=True, yield_per=PAGE)
