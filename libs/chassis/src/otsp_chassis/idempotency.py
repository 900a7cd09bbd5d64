"""Idempotency-Key: the key, its effect and its answer stand in one transaction (pitfall 17).

A repeated key gives the stored answer; a key still being worked on waits for its outcome; a
failed request rolls its key back, so the client may simply try again with the same one. Answers may
show personal data to whom it belongs, so they are kept encrypted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from psycopg.types.json import Jsonb
from sqlalchemy import CursorResult, delete

from otsp_chassis import clock, statements
from otsp_chassis.audit_hook import note_change
from otsp_chassis.db import Tx, transaction
from otsp_chassis.pii import decrypt, encrypt
from otsp_chassis.problems import IdempotencyKeyReused
from otsp_chassis.tables import idempotency_key

HEADER = "Idempotency-Key"
KEPT = timedelta(days=30)
_CLAIM = (
    "INSERT INTO idempotency_key (actor, operation, key, request_sha256)"
    " VALUES (%(actor)s, %(operation)s, %(key)s, %(sha256)s) ON CONFLICT DO NOTHING"
)
_FIND = (
    "SELECT request_sha256, status, headers, answer FROM idempotency_key"
    " WHERE actor = %(actor)s AND operation = %(operation)s AND key = %(key)s"
)
_KEEP_ANSWER = (
    "UPDATE idempotency_key SET status = %(status)s, headers = %(headers)s, answer = %(answer)s"
    " WHERE actor = %(actor)s AND operation = %(operation)s AND key = %(key)s"
)


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
        kept = {
            "status": answer.status,
            "headers": Jsonb(answer.headers),
            "answer": encrypt(answer.body.decode()),
        }
        statements.run(tx, _KEEP_ANSWER, _bound_to(request) | kept)
        return answer


def forget_old(tx: Tx) -> int:
    """Drop keys past their time; returns how many."""
    outdated = idempotency_key.c.created_at < clock.now() - KEPT
    done = cast("CursorResult[object]", tx.execute(delete(idempotency_key).where(outdated)))
    return done.rowcount


def _claim(tx: Tx, request: Request) -> Stored | None:
    if statements.run(tx, _CLAIM, _bound_to(request)).rowcount:
        note_change(tx)
        return None
    [(sha256, status, headers, answer)] = statements.run(tx, _FIND, _bound_to(request)).fetchall()
    if sha256 != request.sha256:
        raise IdempotencyKeyReused
    return Stored(status, headers, decrypt(answer).encode())


def _bound_to(request: Request) -> dict[str, object]:
    return {
        "actor": request.actor,
        "operation": request.operation,
        "key": request.key,
        "sha256": request.sha256,
    }
