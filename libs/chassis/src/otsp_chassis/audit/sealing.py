"""The sealer: chains what was recorded and signs the head of every batch (decision D30).

It is periodic work of every worker; an advisory lock lets one of many replicas seal. Entries are
chained in the order in which they are found, never in that of their numbers: a transaction with a
smaller number may commit later. Writers neither wait for it nor know of it.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Interval, Row, bindparam, func, insert, select, text

from otsp_chassis import metrics
from otsp_chassis.audit.chain import ENTRY, Seal, entry_digest, first_link, readable
from otsp_chassis.audit.signing import Head, sign
from otsp_chassis.context import current_runtime
from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.settings import ServiceSettings
from otsp_chassis.tables import audit_entry, audit_head, audit_seal

BATCH = 1_000
BATCHES_A_RUN = 20
SOON, LATE = timedelta(minutes=1), timedelta(days=1)
"""How far behind the last head is looked for what committed late: at every run, once an hour."""

_entry, _seal, _head = audit_entry.c, audit_seal.c, audit_head.c
_LOCK = select(func.pg_try_advisory_xact_lock(func.hashtext("otsp"), func.hashtext("audit-seal")))
_LAST_SEAL = select(_seal.position, _seal.chain_sha256).order_by(_seal.position.desc()).limit(1)
_LAST_HEAD_AND_NOW = select(func.coalesce(func.max(_head.position), 0), func.clock_timestamp())
_HIGHEST = select(func.coalesce(func.max(_seal.entry_sequence), 0)).scalar_subquery()
_LAST_SIGNED = select(func.max(_head.signed_at)).scalar_subquery()
_BEHIND = (
    select(_head.position)
    .where(_head.signed_at < _LAST_SIGNED - bindparam("reach", type_=Interval))
    .order_by(_head.signed_at.desc())
    .limit(1)
    .scalar_subquery()
)
_SEALED_LONG_AGO = select(_seal.entry_sequence).where(_seal.position == _BEHIND)
_IS_SEALED = select(_seal.position).where(_seal.entry_sequence == _entry.sequence).exists()
_IN_ORDER = select(*ENTRY).order_by(_entry.sequence).limit(BATCH)
_NEW = _IN_ORDER.where(_entry.sequence > _HIGHEST)
_LEFT = _IN_ORDER.where(_entry.sequence > bindparam("low"), ~_IS_SEALED)
_WAITING = select(
    func.count(),
    func.coalesce(func.extract("epoch", func.clock_timestamp() - func.min(readable(_entry.at))), 0),
).where(_entry.sequence > bindparam("low"), ~_IS_SEALED)


class SigningKeyMissing(LookupError):
    """A worker was not told its key."""


def require_signing_key(settings: ServiceSettings) -> Path:
    """Raises SigningKeyMissing: a worker that could not sign must not start."""
    if settings.audit_signing_key is None:
        message = "OTSP_AUDIT_SIGNING_KEY is not set; a worker signs the audit trail with it"
        raise SigningKeyMissing(message)
    return settings.audit_signing_key


def seal_new() -> None:
    """What was recorded since, and what committed late within a minute. A service that rests is
    asked two questions a second and opens no transaction.
    """
    if not _measure():
        return
    sealed = _seal_batch(SOON)
    for _ in range(BATCHES_A_RUN):
        if sealed < BATCH:
            _tell_waiting(0, 0)
            return
        sealed = _seal_batch()


def seal_late() -> None:
    """What a transaction left that was open for longer."""
    _seal_batch(LATE)


def _seal_batch(reach: timedelta | None = None) -> int:
    """What has a higher number than all that is sealed, or is left within reach of the last head.

    Returns how many were sealed; none while somebody else is sealing.
    """
    with transaction() as tx:
        if not tx.scalar(_LOCK):
            return 0
        if reach is None:
            rows = tx.execute(_NEW).all()
        else:  # the number as a value: from a subquery the planner would expect half the table
            low = tx.scalar(_SEALED_LONG_AGO, {"reach": reach}) or 0
            rows = tx.execute(_LEFT, {"low": low}).all()
        if rows:
            _append(tx, rows)
        return len(rows)


def _append(tx: Tx, entries: Sequence[Row[Any]]) -> None:
    """Seals in one statement, and their head. The keys of both tables refuse a second chain."""
    runtime = current_runtime()
    key_file = require_signing_key(runtime.settings)
    last = tx.execute(_LAST_SEAL).first()
    position, link = (0, first_link(runtime.service)) if last is None else last
    seals = []
    for entry in entries:
        position += 1
        seal = Seal(position, entry.sequence, entry_digest(entry))
        link = seal.link_after(link)
        seals.append((*seal, link))
    tx.execute(_APPEND, dict(zip(_COLUMNS, map(list, zip(*seals, strict=True)), strict=True)))
    previous, now = tx.execute(_LAST_HEAD_AND_NOW).one()
    head = Head(runtime.service, position, link, previous=previous, signed_at=now)
    signed = sign(head, key_file)
    tx.execute(
        insert(audit_head).values(position=position, previous=previous, signed_at=now, jws=signed)
    )


_COLUMNS = ("position", "entry_sequence", "entry_sha256", "chain_sha256")
_APPEND = text(
    "INSERT INTO audit_seal (position, entry_sequence, entry_sha256, chain_sha256)"
    " SELECT * FROM unnest(CAST(:position AS bigint[]), CAST(:entry_sequence AS bigint[]),"
    " CAST(:entry_sha256 AS bytea[]), CAST(:chain_sha256 AS bytea[]))"
)


def _measure() -> int:
    """How many wait to be sealed, those included that committed late."""
    with reading() as reader:
        low = reader.scalar(_SEALED_LONG_AGO, {"reach": SOON}) or 0
        count, age = reader.execute(_WAITING, {"low": low}).one()
    _tell_waiting(count, float(age))
    return int(count)


def _tell_waiting(count: int, age: float) -> None:
    """Stays above 0 only while sealing fails or is behind."""
    service = current_runtime().service
    metrics.AUDIT_UNSEALED.labels(service).set(count)
    metrics.AUDIT_OLDEST_UNSEALED.labels(service).set(age)
