"""The inbox: an event has its effect once, however often and in whatever order it arrives.

The inbox row and the handler's changes commit together (pitfall 16). A handler that fails is
rolled back, the event is set aside with the reason and tried again with growing pauses; after
the last attempt it is dead: visible in metrics and by `otsp dead-letters`, redrivable.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, Generic, TypeVar
from uuid import UUID

from psycopg.errors import DeadlockDetected, SerializationFailure
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from otsp_chassis import clock, log, metrics, statements, tracing
from otsp_chassis.claims import redeem
from otsp_chassis.context import Call, Runtime, activate, is_republished
from otsp_chassis.db import Tx, ambient, unavailable_database_told
from otsp_chassis.locks import advisory_key
from otsp_chassis.outage import Outage
from otsp_chassis.problems import Unavailable
from otsp_chassis.tables import inbox
from otsp_contracts.envelope import Envelope, Payload

BACK_OFF_SECONDS = (1, 5, 30, 120)
"""Pauses before attempts two to five; a failure of the fifth leaves the event dead."""

_LOST_RACES = 3
_CLAIM = (
    "INSERT INTO inbox (event_id, type, subject, state, attempts)"
    " VALUES (%(event_id)s, %(type)s, %(subject)s, 'done', 1) ON CONFLICT DO NOTHING"
)
# By the two partial indexes; a condition that spans both states would read all that was ever done.
UNDONE = (
    "SELECT (SELECT count(*) FROM inbox WHERE state = 'waiting'),"
    " (SELECT count(*) FROM inbox WHERE state = 'dead')"
)
_log = log.get_logger()

Data = TypeVar("Data", bound=Payload)
Handler = TypeVar("Handler", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class Received(Generic[Data]):
    """What a handler is given: the payload and the envelope's identity."""

    id: UUID
    time: datetime
    correlation_id: str | None
    data: Data


@dataclass(frozen=True, slots=True)
class Subscription:
    """A handler with the payload it reads and the cut it needs."""

    payload: type[Payload]
    handle: Callable[[Tx, Received[Any]], None]
    consistent_cut: Callable[[Any], UUID] | None


def on(
    payload: type[Data], *, consistent_cut: Callable[[Data], UUID] | None = None
) -> Callable[[Handler], Handler]:
    """Mark a function of `consumers` as the handler of one event type.

    With `consistent_cut` the handler runs REPEATABLE READ, begun after every write in progress
    on that institution ended and before any other may start: what it reads is one instant, and
    the lock it sets covers everything after it.
    """

    def mark(function: Handler) -> Handler:
        function.__otsp_on__ = Subscription(  # type: ignore[attr-defined]
            payload, function, consistent_cut
        )
        return function

    return mark


def subscriptions(module: ModuleType | None) -> dict[str, Subscription]:
    """The handlers of a consumers module by event type; two for one type are refused."""
    found: dict[str, Subscription] = {}
    for member in vars(module).values() if module else ():
        subscription = getattr(member, "__otsp_on__", None)
        if subscription is None:
            continue
        if subscription.payload.TYPE in found:
            message = f"two handlers for {subscription.payload.TYPE} in {module}"
            raise TypeError(message)
        found[subscription.payload.TYPE] = subscription
    return found


class Inbox:
    """Takes envelopes into one service."""

    def __init__(self, runtime: Runtime, handlers: dict[str, Subscription]) -> None:
        self._runtime = runtime
        self._handlers = handlers
        self._stop = threading.Event()

    @property
    def types(self) -> frozenset[str]:
        return frozenset(self._handlers)

    def receive(self, envelope: Envelope) -> None:
        """Handle, or set aside durably. Raises only when the database cannot be reached.

        That is no fault of the event, so it stays where it is: set aside, it would be overtaken.
        """
        subscription = self._handlers[envelope.type]
        with self._door(envelope) as outcome:
            try:
                with unavailable_database_told():
                    done = self._handled(envelope, subscription, _claim_first)
                outcome.append("done" if done else "duplicate")
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - the event door: set aside with its reason
                outcome.append("failed")
                self._set_aside(envelope, error)

    def retry_due(self) -> int:
        """Try every event whose pause is over once more; returns how many were tried.

        Raises when the database cannot be reached; such a try does not count as an attempt.
        """
        tried = 0
        while (due := self._next_due()) is not None:
            envelope, is_redriven = due
            tried += 1
            if is_redriven:
                metrics.REDRIVEN.labels(self._runtime.service, envelope.type).inc()
            with self._door(envelope) as outcome:
                try:
                    with unavailable_database_told():
                        self._handled(envelope, self._handlers[envelope.type], _claim_again)
                    outcome.append("done")
                except Unavailable:
                    raise
                except Exception as error:  # noqa: BLE001 - the event door, see receive
                    outcome.append("failed")
                    self._put_off(envelope, error)
        return tried

    def run_retries(self) -> None:
        """Until stopped: retry what is due and measure what waits."""
        service = self._runtime.service
        outage = Outage("inbox_lost_database", "inbox_found_database", service=service)
        while not self._stop.wait(1.0):
            try:
                with unavailable_database_told():
                    if self.measure() and self.retry_due():
                        self.measure()
            except Unavailable as error:
                outage.lasts(exc_info=error)
            else:
                outage.is_over()

    def stop(self) -> None:
        self._stop.set()

    def measure(self) -> int:
        """Set the gauges of waiting and dead events; returns how many wait."""
        with self._runtime.database.autocommit.connect() as reader:
            waiting, dead = reader.exec_driver_sql(UNDONE).one()
        metrics.INBOX_WAITING.labels(self._runtime.service).set(waiting)
        metrics.INBOX_DEAD.labels(self._runtime.service).set(dead)
        return int(waiting)

    @contextmanager
    def _door(self, envelope: Envelope) -> Iterator[list[str]]:
        started, outcome = time.perf_counter(), list[str]()
        call = Call(
            operation=f"event:{envelope.type}",
            request_id=str(envelope.id),
            is_write=False,
            correlation_id=envelope.correlationid,
            causation_id=str(envelope.id),
        )
        service, parent = self._runtime.service, envelope.traceparent
        with tracing.door(service, envelope.type, kind="consumer", traceparent=parent) as span:
            if span.is_recording:
                span.note("messaging.message.id", str(envelope.id))
                span.note_ids(envelope.data)
            with activate(self._runtime, call):
                yield outcome
            label = outcome[0] if outcome else "failed"
            span.note("otsp.outcome", label)
        elapsed = time.perf_counter() - started
        if label == "duplicate":
            metrics.INBOX_DUPLICATES.labels(service).inc()
        if label == "done" and is_republished(envelope.correlationid):
            metrics.REPUBLISHED.labels(service, envelope.type).inc()
        seconds = metrics.EVENT_HANDLING.labels(service, envelope.type, label)
        seconds.observe(elapsed, span.exemplar)

    def _handled(
        self,
        envelope: Envelope,
        subscription: Subscription,
        claim: Callable[[Tx, Envelope], bool],
    ) -> bool:
        told = subscription.payload.model_validate(envelope.data)
        data = redeem(self._runtime, told)
        for race in range(_LOST_RACES + 1):
            try:
                with self._transaction(subscription, data) as tx:
                    if not claim(tx, envelope):
                        return False
                    subscription.handle(tx, _received(envelope, data))
                    return True
            except (OperationalError, SerializationFailure, DeadlockDetected) as error:
                cause = error.orig if isinstance(error, OperationalError) else error
                lost = isinstance(cause, SerializationFailure | DeadlockDetected)
                if not lost or race == _LOST_RACES:
                    raise
        raise AssertionError

    @contextmanager
    def _transaction(self, subscription: Subscription, data: Payload) -> Iterator[Tx]:
        cut = subscription.consistent_cut
        with self._connection(cut(data) if cut else None) as connection:
            session = Session(connection, expire_on_commit=False)
            with session, ambient(session):
                yield session
                session.commit()

    @contextmanager
    def _connection(self, cut: UUID | None) -> Iterator[Connection]:
        database = self._runtime.database
        if cut is None:
            with database.engine.connect() as connection:
                yield connection
            return
        with database.autocommit.connect() as connection, _cut_lock(connection, cut):
            yield connection

    def _set_aside(self, envelope: Envelope, error: Exception) -> None:
        tracing.current().fail(error)
        _log.error("event_set_aside", event_type=envelope.type, exc_info=error)
        row = insert(inbox).values(
            **_identity(envelope),
            state="waiting",
            attempts=1,
            next_attempt_at=clock.now() + timedelta(seconds=BACK_OFF_SECONDS[0]),
            first_error=_reason(error),
            error=_reason(error),
            envelope=envelope.to_bytes(),
        )
        with self._runtime.database.engine.begin() as connection:
            connection.execute(row.on_conflict_do_nothing())

    def _put_off(self, envelope: Envelope, error: Exception) -> None:
        tracing.current().fail(error)
        with self._runtime.database.engine.begin() as connection:
            this = inbox.c.event_id == envelope.id
            attempts = connection.scalar(select(inbox.c.attempts).where(this)) or 0
            is_dead = attempts >= len(BACK_OFF_SECONDS)
            pause = timedelta(seconds=0 if is_dead else BACK_OFF_SECONDS[attempts])
            connection.execute(
                update(inbox)
                .where(this)
                .values(
                    state="dead" if is_dead else "waiting",
                    attempts=attempts + 1,
                    next_attempt_at=clock.now() + pause,
                    error=_reason(error),
                )
            )
        say = _log.error if is_dead else _log.warning
        say("event_dead" if is_dead else "event_put_off", event_type=envelope.type, exc_info=error)

    def _next_due(self) -> tuple[Envelope, bool] | None:
        """The event, and whether somebody gave it its attempts anew."""
        due = (
            select(inbox.c.envelope, inbox.c.attempts)
            .where(inbox.c.state == "waiting", inbox.c.next_attempt_at <= clock.now())
            .order_by(inbox.c.next_attempt_at)
            .limit(1)
        )
        with self._runtime.database.autocommit.connect() as reader:
            row = reader.execute(due).first()
        return None if row is None else (Envelope.from_bytes(row.envelope), row.attempts == 0)


@contextmanager
def _cut_lock(connection: Connection, institution_id: UUID) -> Iterator[None]:
    """Hold the institution's advisory lock round the transaction, not inside it.

    A REPEATABLE READ snapshot is taken by the first statement; were the lock that statement,
    the snapshot would be older than the writes that the lock had waited for.
    """
    key = {"key": advisory_key(institution_id)}
    connection.exec_driver_sql("SELECT pg_advisory_lock(%(key)s)", key)
    connection.commit()
    connection.execution_options(isolation_level="REPEATABLE READ")
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.rollback()
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("SELECT pg_advisory_unlock(%(key)s)", key)
            connection.commit()


def _claim_first(tx: Tx, envelope: Envelope) -> bool:
    """Enter the event as done; False when it was seen before."""
    return statements.run(tx, _CLAIM, _identity(envelope)).rowcount == 1


def _claim_again(tx: Tx, envelope: Envelope) -> bool:
    """Take a waiting event up as done; False when another replica was faster."""
    claimed = tx.scalar(
        update(inbox)
        .where(inbox.c.event_id == envelope.id, inbox.c.state == "waiting")
        .values(
            state="done",
            attempts=inbox.c.attempts + 1,
            envelope=None,
            first_error=None,
            error=None,
        )
        .returning(inbox.c.event_id)
    )
    return claimed is not None


def _identity(envelope: Envelope) -> dict[str, Any]:
    return {"event_id": envelope.id, "type": envelope.type, "subject": envelope.subject}


def _received(envelope: Envelope, data: Payload) -> Received[Any]:
    return Received(envelope.id, envelope.time, envelope.correlationid, data)


def _reason(error: Exception) -> str:
    """The kind and the code place of the failure; messages could quote personal data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else ""
    return f"{error.__class__.__name__}{place}"
