"""Seals the transparency log: chains final decisions, signs a head for every day that is over.

It is periodic work of every worker; an advisory lock lets one of many replicas seal. Decisions are
chained in the order in which they are found. Deciding neither waits for it nor knows of it.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from otsp_chassis import clock, metrics
from otsp_chassis.canonical import digest_of
from otsp_chassis.db import Tx, reading, transaction
from otsp_compliance.commands.receipts import sign_document
from otsp_compliance.model import Decision, LogEntry, LogHead
from otsp_compliance.model.log_proof import FIRST, KIND, Head
from otsp_compliance.queries.transparency import new_decisions, unlogged_since

BATCH = 500
BATCHES_A_RUN = 20
DAYS_A_RUN = 400
_LOCK = select(func.pg_try_advisory_xact_lock(func.hashtext("otsp"), func.hashtext("log-seal")))
_ONE_DAY = timedelta(days=1)


def seal_log() -> None:
    """Heads of days that are over, those of missed ones too; then what was decided since."""
    _measure()
    for _ in range(BATCHES_A_RUN):
        if _seal_batch() < BATCH:
            break
    _measure()


def _seal_batch() -> int:
    """Returns how many were chained; none while somebody else is sealing."""
    with transaction() as tx:
        if not tx.scalar(_LOCK):
            return 0
        open_day = _sign_past_days(tx)
        return _append(tx, open_day)


def _sign_past_days(tx: Tx) -> date:
    """Returns the day that the next entries belong to; no day is opened again once it is signed.

    The first head of all is that of the day before the log began: it is empty.
    """
    yesterday = clock.today() - _ONE_DAY
    last = tx.scalar(select(func.max(LogHead.day)))
    day = yesterday if last is None else last + _ONE_DAY
    until = min(yesterday, day + _ONE_DAY * DAYS_A_RUN)
    while day <= until:
        _sign(tx, day)
        day += _ONE_DAY
    return day


def _sign(tx: Tx, day: date) -> None:
    """All entries belong to this day or to one before: they are given the first unsigned day."""
    size, sha256 = _end(tx)
    now = clock.now()
    signed = sign_document(Head(day, size, sha256).as_document(now.isoformat()), KIND)
    tx.execute(insert(LogHead).values(day=day, size=size, sha256=sha256, jws=signed, signed_at=now))


def _end(tx: Tx) -> tuple[int, str]:
    """Position and digest of the last entry."""
    newest = select(LogEntry.position, LogEntry.sha256).order_by(LogEntry.position.desc()).limit(1)
    row = tx.execute(newest).first()
    return (row.position, row.sha256) if row else (0, FIRST)


def _append(tx: Tx, day: date) -> int:
    """In one statement; the keys of the table refuse a second chain."""
    position, sha256 = _end(tx)
    rows = []
    for decision, receipt_sha256 in new_decisions(tx, BATCH):
        position += 1
        entry = {
            "position": position,
            "previous_sha256": sha256,
            "logged_on": day.isoformat(),
            **_told(decision),
            "receipt_sha256": receipt_sha256,
        }
        sha256 = digest_of(entry)
        rows.append(_row(entry, sha256, decision.decision_id))
    if rows:
        tx.execute(insert(LogEntry), rows)
    return len(rows)


def _row(entry: dict[str, Any], sha256: str, decision_id: UUID) -> dict[str, Any]:
    return {
        "position": entry["position"],
        "decision_id": decision_id,
        "logged_on": date.fromisoformat(entry["logged_on"]),
        "logged_at": clock.now(),
        "entry": entry,
        "sha256": sha256,
    }


def _told(decision: Decision) -> dict[str, Any]:
    """What is published of a decision. Approvals are public (行政许可法 §40) and name the
    institution; others say what was decided and not on whom. Words of the decision never appear.
    """
    is_approval = decision.outcome == "approved"
    return {
        "decision_id": str(decision.decision_id),
        "application_kind": decision.application_kind,
        "region_code": decision.region_code,
        "outcome": decision.outcome,
        "doc_no": decision.doc_no,
        "decided_on": decision.decided_on.isoformat(),
        "authority_id": str(decision.authority_id),
        "authority_name": decision.authority_name,
        "institution_id": str(decision.institution_id) if is_approval else None,
        "institution_name": decision.institution_name if is_approval else None,
        "valid_to": decision.valid_to.isoformat() if decision.valid_to else None,
        "replaces": str(decision.replaces) if decision.replaces else None,
        "snapshot_sha256": decision.snapshot_sha256,
    }


def _measure() -> None:
    """Stays above 0 only while sealing fails or is behind."""
    with reading() as tx:
        since = unlogged_since(tx)
        last = tx.scalar(select(func.max(LogHead.day)))
    age = (clock.business_now() - since).total_seconds() if since else 0
    metrics.LOG_OLDEST_UNSEALED.set(max(age, 0))
    metrics.LOG_HEAD_AGE_DAYS.set((clock.today() - last).days if last else 0)
