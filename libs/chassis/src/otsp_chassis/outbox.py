"""The outbox: an event commits with the change it tells of, and leaves when the bus has it.

A relay per service holds an advisory lock, so one replica at a time publishes and one
aggregate's events keep their order. It selects rows by state, not by cursor (pitfall 18), is
woken by NOTIFY and by a slow poll, and deletes what the bus confirmed. There is no give-up
state: with the bus down, rows wait and their age is a metric.
"""

import random
import threading
import time
from typing import Any

import psycopg

from otsp_chassis import clock, metrics, statements, tracing
from otsp_chassis.audit_hook import note_change
from otsp_chassis.bus import Bus
from otsp_chassis.claims import check_in
from otsp_chassis.context import Runtime, current_call
from otsp_chassis.db import OUTAGES, Tx, link
from otsp_chassis.ids import new_id
from otsp_chassis.outage import Outage
from otsp_contracts.envelope import Envelope, Payload

CHANNEL = "otsp_outbox"
BATCH = 500
POLL_SECONDS = 1.0
_RELAY_LOCK = "SELECT pg_try_advisory_lock(hashtext('otsp'), hashtext('outbox-relay'))"
_PUT = (
    "INSERT INTO outbox (event_id, type, subject, envelope)"
    " VALUES (%(event_id)s, %(type)s, %(subject)s, %(envelope)s)"
)
_NEXT = "SELECT sequence, envelope FROM outbox ORDER BY sequence LIMIT %s"
_GONE = "DELETE FROM outbox WHERE sequence = ANY(%s)"
_PENDING = (
    "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)"
    " FROM outbox"
)


def publish(tx: Tx, payload: Payload) -> None:
    """Promise the event: it will reach every consumer at least once if `tx` commits.

    The id is fixed here and is the same on every retry. Correlation, causation and trace come
    from the call on whose behalf the change is made.
    """
    call = current_call()
    event_id = new_id()
    envelope = Envelope.around(
        payload,
        id=event_id,
        time=clock.now(),
        correlationid=(call.correlation_id if call else None) or str(event_id),
        causationid=call.causation_id if call else None,
        traceparent=tracing.traceparent(),
    )
    tracing.current().note_ids(envelope.data)
    note_change(tx)
    statements.run(
        tx,
        _PUT,
        {
            "event_id": event_id,
            "type": envelope.type,
            "subject": envelope.subject,
            "envelope": envelope.to_bytes(),
        },
    )


class Relay:
    """Moves rows from one service's outbox to the bus until stopped.

    A lost database or bus is waited for with jitter; anything else ends the thread and, with
    it, the worker process.
    """

    def __init__(self, runtime: Runtime, bus: Bus) -> None:
        self._runtime = runtime
        self._bus = bus
        self._stop = threading.Event()
        self._measure_at = 0.0
        self._is_empty = False
        self._outage = Outage(
            "relay_lost_database", "relay_found_database", service=runtime.service
        )
        self._store = Outage("claim_not_stored", "claims_stored_again", service=runtime.service)

    def stop(self) -> None:
        """Finish the batch in hand, then end `run`."""
        self._stop.set()

    def run(self) -> None:
        while not self._stop.is_set():
            try:
                self._relay_while_connected()
            except OUTAGES as error:
                self._outage.lasts(why=str(error))
                self._stop.wait(0.5 + random.random())  # noqa: S311 - jitter, not a secret

    def drain(self) -> int:
        """Publish everything that waits, now; returns how many. For tests and shutdown hooks."""
        with self._connect() as connection:
            moved = 0
            while step := self._move_batch(connection):
                moved += step
            return moved

    def _relay_while_connected(self) -> None:
        with self._connect() as connection:
            self._outage.is_over()
            if not self._become_the_relay(connection):
                return
            connection.execute(f"LISTEN {CHANNEL}")
            while not self._stop.is_set():
                moved = self._move_batch(connection)
                if time.monotonic() >= self._measure_at:
                    self._measure(connection)
                if moved < BATCH:
                    self._await_news(connection)

    def _connect(self) -> psycopg.Connection[Any]:
        """It only takes away what the bus has. A deletion that a crash undoes is a repeat, which
        the inboxes know: none waits for the disk.
        """
        return psycopg.connect(
            self._runtime.database.url, autocommit=True, **link(synchronous_commit="off")
        )

    def _become_the_relay(self, connection: psycopg.Connection[Any]) -> bool:
        while not self._stop.is_set():
            row = connection.execute(_RELAY_LOCK).fetchone()
            if row is not None and row[0]:
                return True
            self._leave_measuring()
            self._stop.wait(POLL_SECONDS)
        return False

    def _await_news(self, connection: psycopg.Connection[Any]) -> None:
        deadline = time.monotonic() + POLL_SECONDS
        while not self._stop.is_set() and time.monotonic() < deadline:
            # All that has come: each would be answered by looking again, and finding nothing.
            if list(connection.notifies(timeout=0.25, stop_after=1)):
                return

    def _move_batch(self, connection: psycopg.Connection[Any]) -> int:
        rows = connection.execute(_NEXT, (BATCH,), binary=True).fetchall()
        self._is_empty = not rows
        if not rows:
            return 0
        confirmed = self._published([bytes(envelope) for _, envelope in rows])
        gone = [row for row, ok in zip(rows, confirmed, strict=True) if ok]
        done = [sequence for sequence, _ in gone]
        if done:
            connection.execute(_GONE, (done,))
        service = self._runtime.service
        tracing.relayed(service, (bytes(envelope) for _, envelope in gone))
        metrics.PUBLISHED.labels(service, "confirmed").inc(len(done))
        if len(done) < len(rows):
            metrics.PUBLISHED.labels(service, "unconfirmed").inc(len(rows) - len(done))
            self._stop.wait(0.2 + random.random() / 2)  # noqa: S311 - jitter, not a secret
        return len(done)

    def _published(self, envelopes: list[bytes]) -> list[bool]:
        """Nothing overtakes an event whose large member the store did not take."""
        ready: list[bytes] = []
        for raw in envelopes:
            try:
                ready.append(check_in(self._runtime, raw))
            except OSError as error:
                self._store.lasts(why=repr(error))
                break
        else:
            self._store.is_over()
        return self._bus.publish(ready) + [False] * (len(envelopes) - len(ready))

    def _measure(self, connection: psycopg.Connection[Any]) -> None:
        """Once a poll: after every batch it was a statement an event.

        While batches are full too, or a relay that is slower than its writers would never tell.
        """
        self._measure_at = time.monotonic() + POLL_SECONDS
        row = (0, 0) if self._is_empty else connection.execute(_PENDING).fetchone()
        if row is not None:
            metrics.OUTBOX_PENDING.labels(self._runtime.service).set(row[0])
            metrics.OUTBOX_OLDEST.labels(self._runtime.service).set(float(row[1]))

    def _leave_measuring(self) -> None:
        """To the replica that relays: what this one saw last would stand beside it for ever."""
        for gauge in (metrics.OUTBOX_PENDING, metrics.OUTBOX_OLDEST):
            gauge.remove(self._runtime.service)
