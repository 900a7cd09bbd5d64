"""Dead letters: events that a service gave up after their last attempt, and how they go on.

What lies in the broker's own queue of dead letters is `otsp_chassis.bus.dead_queue`'s business.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError
from sqlalchemy import ColumnElement, select, tuple_, update

from otsp_chassis import audit, clock, log
from otsp_chassis.context import Runtime, activate, operation_by
from otsp_chassis.db import reading, transaction
from otsp_chassis.page import Page, decode_cursor, make_page
from otsp_chassis.problems import BadParameter
from otsp_chassis.tables import inbox
from otsp_contracts.envelope import Envelope, Payload

PAGE = 100
_log = log.get_logger()


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that was given up. `received_at` is its first failure, `died_at` its last."""

    event_id: UUID
    type: str
    subject: str
    attempts: int
    first_reason: str
    last_reason: str
    received_at: datetime
    died_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A letter with its envelope, as far as it may be shown."""

    letter: DeadLetter
    headers: Mapping[str, Any]
    size: int
    sha256: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dead letters: one event, all of a type, or all when neither is named."""

    event_id: UUID | None = None
    type: str | None = None

    def __str__(self) -> str:
        return str(self.event_id or self.type or "all")


_columns = inbox.c
_LETTER = (
    _columns.event_id,
    _columns.type,
    _columns.subject,
    _columns.attempts,
    _columns.first_error,
    _columns.error,
    _columns.received_at,
    _columns.next_attempt_at,
)
_ORDER = (_columns.received_at, _columns.event_id)


def list_letters(
    runtime: Runtime, *, cursor: str | None = None, limit: int = PAGE
) -> Page[DeadLetter]:
    """The oldest first; BadParameter for a cursor that is not ours."""
    query = select(*_LETTER).where(_columns.state == "dead")
    if cursor is not None:
        query = query.where(tuple_(*_ORDER) > _decode(cursor))
    with activate(runtime), reading() as reader:
        rows = reader.execute(query.order_by(*_ORDER).limit(limit + 1)).all()
    letters = [DeadLetter(*row) for row in rows]
    return make_page(letters, limit, key=lambda each: [each.received_at, each.event_id])


def open_letter(
    runtime: Runtime, event_id: UUID, payloads: Mapping[str, type[Payload]]
) -> Opened | None:
    """One dead letter with its content; `payloads` are those that the service reads."""
    this = select(*_LETTER, _columns.envelope).where(
        _columns.event_id == event_id, _columns.state == "dead"
    )
    with activate(runtime), reading() as reader:
        row = reader.execute(this).first()
    if row is None:
        return None
    envelope = Envelope.from_bytes(row.envelope)
    return Opened(
        DeadLetter(*row[: len(_LETTER)]),
        headers=headers_of(envelope),
        size=len(row.envelope),
        sha256=hashlib.sha256(row.envelope).hexdigest(),
        payload=showable(envelope, payloads.get(envelope.type)),
    )


def redrive(runtime: Runtime, chosen: Selection, *, operator: str, reason: str) -> int:
    """Give the chosen letters their attempts anew; returns how many.

    The operator and the reason go into the audit trail in the same transaction.
    """
    with activate(runtime, operation_by(operator, "dead-letters:redrive")):
        return redrive_here(chosen, reason=reason)


def redrive_here(chosen: Selection, *, reason: str) -> int:
    """As `redrive`, by whoever calls, in the service that is called."""
    values = {"state": "waiting", "attempts": 0, "next_attempt_at": clock.now()}
    with transaction() as tx:
        matching = update(inbox).where(_columns.state == "dead", *_conditions(chosen))
        ids = tx.execute(matching.values(**values).returning(_columns.event_id)).scalars().all()
        if ids:
            note_redriven(chosen, len(ids), reason=reason, source="inbox")
    return len(ids)


def note_redriven(chosen: Selection, count: int, *, reason: str, source: str) -> None:
    """The log line and the audit entry; joins the transaction that is open."""
    with transaction() as tx:
        audit.record(
            tx,
            "messages.redriven",
            object_type=f"{source}_dead_letter",
            object_id=str(chosen),
            after={"count": count},
            reason=reason,
        )
    _log.info("dead_letters_redriven", source=source, chosen=str(chosen), count=count)


def headers_of(envelope: Envelope) -> dict[str, Any]:
    """Everything outside `data`."""
    return envelope.model_dump(mode="json", exclude={"data"}, exclude_none=True)


def showable(envelope: Envelope, payload: type[Payload] | None) -> dict[str, Any]:
    """The data of an event, as far as it is known to carry none of a person's.

    What does not fit its class may hold anything: then only the places of the faults are told.
    """
    if payload is None:
        return {"unknown_type": digest_of(envelope.data)}
    try:
        data = payload.model_validate(envelope.data).model_dump(mode="json")
    except ValidationError as error:
        return {"does_not_fit": list(_faults(error)), **digest_of(envelope.data)}
    return {
        name: digest_of(value) if name in payload.CLOSED else value for name, value in data.items()
    }


def digest_of(value: object) -> dict[str, Any]:
    """Size and SHA-256 instead of what is in it."""
    raw = value if isinstance(value, bytes) else orjson.dumps(value)
    return {"size": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}


def _decode(cursor: str) -> tuple[datetime, UUID]:
    received_at, event_id = decode_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(received_at), UUID(event_id)
    except ValueError as error:
        raise BadParameter from error


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        yield f"/{'/'.join(map(str, fault['loc']))} {fault['type']}"


def _conditions(chosen: Selection) -> Sequence[ColumnElement[bool]]:
    if chosen.event_id is not None:
        return [_columns.event_id == chosen.event_id]
    return [] if chosen.type is None else [_columns.type == chosen.type]
