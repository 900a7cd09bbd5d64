"""Idempotency-Key: the key, its effect and its answer stand in one transaction (pitfall 17).

A repeated key gives the stored answer; a key still being worked on waits for its outcome; a
failed request rolls its key back, so the client may simply try again with the same one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis import clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.problems import IdempotencyKeyReused
from otsp_chassis.tables import idempotency_key

HEADER = "Idempotency-Key"
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Request:
    """What a key is bound to: who, doing what, with which content."""

    actor: str
    operation: str
    key: str
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """A finished answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def once(request: Request, perform: Callable[[], Stored]) -> Stored:
    """Perform, or give the answer of the time it was performed.

    Raises IdempotencyKeyReused when the key came with other content.
    """
    with transaction() as tx:
        earlier = _claim(tx, request)
        if earlier is not None:
            return earlier
        answer = perform()
        tx.execute(
            update(idempotency_key)
            .where(*_this(request))
            .values(status=answer.status, headers=answer.headers, answer=answer.body)
        )
        return answer


def forget_old(tx: Tx) -> int:
    """Drop keys past their time; returns how many."""
    outdated = idempotency_key.c.created_at < clock.now() - KEPT
    done = cast("CursorResult[object]", tx.execute(delete(idempotency_key).where(outdated)))
    return done.rowcount


def _claim(tx: Tx, request: Request) -> Stored | None:
    claimed = tx.execute(
        insert(idempotency_key)
        .values(
            actor=request.actor,
            operation=request.operation,
            key=request.key,
            request_sha256=request.sha256,
        )
        .on_conflict_do_nothing()
        .returning(idempotency_key.c.key)
    ).scalar()
    if claimed is not None:
        return None
    row = tx.execute(select(idempotency_key).where(*_this(request))).one()
    if row.request_sha256 != request.sha256:
        raise IdempotencyKeyReused
    return Stored(row.status, row.headers, row.answer)


def _this(request: Request) -> tuple[ColumnElement[bool], ...]:
    columns = idempotency_key.c
    return (
        columns.actor == request.actor,
        columns.operation == request.operation,
        columns.key == request.key,
    )
