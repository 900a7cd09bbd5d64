"""Messages that nobody can handle: one that breaks its handler, one that is no event at all."""

import json
from collections.abc import Iterable, Mapping

import pika
import psycopg

from drill.journal import Journal
from otsp_chassis.bus.topology import EVENTS
from otsp_chassis.ids import new_id
from otsp_local.processes import wait_until

TYPE = "courses.snapshot_provided.v1"
READER = "compliance"
GIVEN_UP_SECONDS = 90
_HURRY = "UPDATE inbox SET next_attempt_at = now() WHERE state = 'waiting' AND event_id = ANY(%s)"
_LEFT = "SELECT count(*) FROM inbox WHERE state <> 'dead' AND event_id = ANY(%s)"
_CAME = "SELECT count(*) FROM inbox WHERE event_id = ANY(%s)"


def plant(amqp_url: str, journal: Journal) -> None:
    """Past the wires; both are in the broker when it returns. A broker that is away gets none."""
    event_id = str(new_id())
    envelope = {
        "specversion": "1.0", "id": event_id, "source": "/drill", "type": TYPE,
        "time": "2025-01-01T00:00:00Z", "subject": event_id, "data": {"nothing": "of use"},
    }  # fmt: skip
    with pika.BlockingConnection(pika.URLParameters(amqp_url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish(EVENTS, TYPE, json.dumps(envelope).encode(), mandatory=True)
        journal.planted.append(event_id)
        journal.write("planted", event_id=event_id)
        channel.basic_publish(EVENTS, TYPE, b"no event", mandatory=True)
        journal.write("planted_unreadable")


def give_up_sooner(urls: Mapping[str, str], planted: Iterable[str]) -> bool:
    """Its pauses are somebody else's test; whether all of it is dead in the end."""
    events = list(planted)
    with psycopg.connect(urls[READER], autocommit=True) as connection:

        def is_dead() -> bool:
            connection.execute(_HURRY, [events])
            [(left,)] = connection.execute(_LEFT, [events]).fetchall()
            [(came,)] = connection.execute(_CAME, [events]).fetchall()
            return bool(left == 0 and came == len(events))

        return wait_until(is_dead, seconds=GIVEN_UP_SECONDS)
