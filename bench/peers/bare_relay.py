"""The floor of P8, and of the relays in P5 and P6: select, publish, await the confirms, delete.

No advisory lock, no metrics, no routing by content, nothing for a broker that goes away.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pika
import psycopg
from pika.channel import Channel

CHANNEL = "bare_outbox"
SCHEMA = f"""
CREATE TABLE outbox (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id uuid NOT NULL DEFAULT gen_random_uuid(),
  exchange text NOT NULL,
  routing_key text NOT NULL,
  body bytea NOT NULL
);
ALTER TABLE outbox ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('{CHANNEL}', ''); RETURN NULL; END $$;
CREATE TRIGGER outbox_notify AFTER INSERT ON outbox
FOR EACH STATEMENT EXECUTE FUNCTION outbox_notify();
"""
_NEXT = (
    "SELECT sequence, event_id, exchange, routing_key, body FROM outbox"
    " ORDER BY sequence LIMIT %s FOR UPDATE SKIP LOCKED"
)
_SAFETY_SECONDS = 1.0
_CONFIRM_SECONDS = 60
Row = tuple[int, Any, str, str, bytes]


class Publisher:
    """A connection in a thread of its own; `publish` returns when the broker has confirmed all."""

    def __init__(self, url: str) -> None:
        self._ready = threading.Event()
        self._confirmed = threading.Event()
        self._waiting: set[int] = set()
        self._sent = 0
        self._connection = pika.SelectConnection(
            pika.URLParameters(url),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_close_callback=lambda connection, _: connection.ioloop.stop(),
        )
        threading.Thread(target=self._connection.ioloop.start, daemon=True).start()
        if not self._ready.wait(_CONFIRM_SECONDS):
            raise TimeoutError

    def publish(self, rows: Sequence[Row]) -> None:
        self._confirmed.clear()
        self._connection.ioloop.add_callback_threadsafe(lambda: self._send(rows))
        if not self._confirmed.wait(_CONFIRM_SECONDS):
            raise TimeoutError

    def close(self) -> None:
        self._connection.ioloop.add_callback_threadsafe(self._connection.close)

    def _opened(self, channel: Channel) -> None:
        self._channel = channel
        channel.confirm_delivery(self._settle, callback=lambda _: self._ready.set())

    def _send(self, rows: Sequence[Row]) -> None:
        for _, event_id, exchange, routing_key, body in rows:
            self._sent += 1
            self._waiting.add(self._sent)
            properties = pika.BasicProperties(delivery_mode=2, message_id=str(event_id))
            self._channel.basic_publish(exchange, routing_key, body, properties)

    def _settle(self, frame: Any) -> None:  # noqa: ANN401 - pika's own frame
        tag, is_multiple = frame.method.delivery_tag, frame.method.multiple
        if is_multiple:
            self._waiting -= {each for each in self._waiting if each <= tag}
        else:
            self._waiting.discard(tag)
        if not self._waiting:
            self._confirmed.set()


@dataclass(slots=True)
class BareRelay:
    """Moves one outbox to the broker."""

    database_url: str
    publisher: Publisher
    batch: int = 500
    _connection: psycopg.Connection[Any] = field(init=False)

    def __post_init__(self) -> None:
        self._connection = psycopg.connect(self.database_url, autocommit=True)

    def drain(self) -> int:
        """Until nothing waits; returns how many were moved."""
        moved = 0
        while step := self._move_batch():
            moved += step
        return moved

    def run(self) -> None:
        """For ever: woken by NOTIFY, or by nothing after a second."""
        self._connection.execute(f"LISTEN {CHANNEL}")
        while True:
            self.drain()
            for _ in self._connection.notifies(timeout=_SAFETY_SECONDS, stop_after=1):
                pass

    def close(self) -> None:
        self._connection.close()
        self.publisher.close()

    def _move_batch(self) -> int:
        with self._connection.transaction():
            rows = self._connection.execute(_NEXT, (self.batch,), binary=True).fetchall()
            if rows:
                self.publisher.publish(rows)
                gone = [row[0] for row in rows]
                self._connection.execute("DELETE FROM outbox WHERE sequence = ANY(%s)", (gone,))
        return len(rows)
