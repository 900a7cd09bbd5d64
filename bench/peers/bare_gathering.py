"""The floor of P5 and P6: ask five participants, take their five answers, and nothing else.

Each is a process with a database of its own, an outbox with a relay, and an inbox that commits
with the outbox. A participant answers with the same 10 KB; the coordinator stores them and
counts. No locks, no snapshot, no rules, no retries, no metrics, no validation.

`python -m bench.peers.bare_gathering NUMBER`: 0 coordinates, 1 to 5 participate.
"""

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pika
import psycopg

from bench.peers.bare_relay import SCHEMA, BareRelay, Publisher

PARTICIPANTS = 5
PART_BYTES = 10_000
EXCHANGE, REPLIES = "bare.requests", "bare.replies"
_QUORUM = {"x-queue-type": "quorum"}
_TABLES = """
CREATE TABLE inbox (event_id uuid PRIMARY KEY);
CREATE TABLE application (
  application_id uuid PRIMARY KEY, state text NOT NULL, parts int NOT NULL DEFAULT 0
);
CREATE TABLE part (
  application_id uuid, participant int, content bytea NOT NULL,
  PRIMARY KEY (application_id, participant)
);
ALTER TABLE part ALTER COLUMN content SET STORAGE EXTERNAL;
"""
_SEEN = "INSERT INTO inbox (event_id) VALUES (%s) ON CONFLICT DO NOTHING"
_COUNT = """
UPDATE application SET parts = parts + 1,
  state = CASE parts + 1 WHEN %s THEN 'submitted' ELSE state END
WHERE application_id = %s
"""
_PUT = "INSERT INTO outbox (exchange, routing_key, body) VALUES (%s, %s, %b)"
Take = Callable[[psycopg.Connection, bytes], None]


def database_name(number: int) -> str:
    return f"bare{number}"


def prepare(database_urls: list[str], amqp_url: str) -> None:
    """Tables, exchange and queues; databases must be there and empty."""
    for url in database_urls:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SCHEMA)
            connection.execute(_TABLES)
    with pika.BlockingConnection(pika.URLParameters(amqp_url)) as broker:
        channel = broker.channel()
        channel.exchange_declare(EXCHANGE, "fanout", durable=True)
        channel.queue_declare(REPLIES, durable=True, arguments=_QUORUM)
        for number in range(1, PARTICIPANTS + 1):
            channel.queue_declare(queue_of(number), durable=True, arguments=_QUORUM)
            channel.queue_bind(queue_of(number), EXCHANGE)


def queue_of(number: int) -> str:
    return f"bare.participant.{number}" if number else REPLIES


def submit(connection: psycopg.Connection, application_id: UUID) -> None:
    """What an accepted POST leaves behind: the row and the request, one commit."""
    request = json.dumps({"id": str(application_id), "pad": "x" * 900}).encode()
    with connection.transaction():
        connection.execute(
            "INSERT INTO application (application_id, state) VALUES (%s, 'locking')",
            (application_id,),
        )
        connection.execute(_PUT, (EXCHANGE, "", request))


def _participant(number: int) -> Take:
    row = {
        "id": 12_345,
        "code": "C-00012345",
        "name": "An item",
        "on": "2024-10-15",
        "state": "new",
    }
    snapshot = json.dumps([row] * (PART_BYTES // len(json.dumps(row)))).encode()

    def answer(connection: psycopg.Connection, request: bytes) -> None:
        asked = json.loads(request)["id"]
        head = json.dumps({"id": asked, "participant": number}).encode()
        connection.execute(_PUT, ("", REPLIES, head + b"\n" + snapshot))

    return answer


def _coordinator() -> Take:
    def count(connection: psycopg.Connection, answer: bytes) -> None:
        head, _, content = answer.partition(b"\n")
        told = json.loads(head)
        row = (told["id"], told["participant"], content)
        connection.execute("INSERT INTO part VALUES (%s, %s, %b)", row)
        connection.execute(_COUNT, (PARTICIPANTS, told["id"]))

    return count


def main() -> None:
    number = int(sys.argv[1])
    database_url, amqp_url = os.environ["BENCH_DATABASE_URL"], os.environ["BENCH_AMQP_URL"]
    relay = BareRelay(database_url, Publisher(amqp_url), batch=100)
    threading.Thread(target=relay.run, daemon=True).start()
    _consume(database_url, amqp_url, number)


def _consume(database_url: str, amqp_url: str, number: int) -> None:
    """The inbox row commits with what the event leads to; then it is acknowledged."""
    take = _participant(number) if number else _coordinator()
    connection = psycopg.connect(database_url, autocommit=True)

    def received(*told: Any) -> None:  # noqa: ANN401 - pika's channel, method, properties, body
        channel, method, properties, body = told
        with connection.transaction():
            if connection.execute(_SEEN, (properties.message_id,)).rowcount:
                take(connection, body)
        channel.basic_ack(method.delivery_tag)

    channel = pika.BlockingConnection(pika.URLParameters(amqp_url)).channel()
    channel.basic_qos(prefetch_count=50)
    channel.basic_consume(queue_of(number), received)
    Path(os.environ["BENCH_READY"]).touch()
    channel.start_consuming()


if __name__ == "__main__":
    main()
