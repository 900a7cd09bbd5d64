"""Waits until nothing moves, compares everything, tells."""

import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pika
import psycopg

from drill.checker import asked, auditing, edits, events, sealing, stored, submissions
from drill.checker.found import Finding, Report

LOOK_SECONDS = 0.25
AGAIN_SECONDS = 2.0
KILLING = frozenset({"kill", "quit"})
EVERYWHERE = ("trail", "inbox", "audit", "seals", "keys")
OF_COMPLIANCE = ("applications", "parts", "receipts")
DEAD_QUEUE = "otsp.dead.q1"
_MOVING = {
    "outbox": "SELECT count(*) FROM outbox",
    "inbox": "SELECT count(*) FROM inbox WHERE state = 'waiting'",
}
_GATHERING = (
    "SELECT count(*) FROM application WHERE state IN ('locking', 'gathering', 'evaluating')"
)


@dataclass(frozen=True, slots=True)
class Where:
    """What is looked at. Addresses are past every wire, and of somebody who may see everything."""

    journal: Path
    databases: Mapping[str, str]
    amqp_url: str
    definitions: Path
    receipt_keys: Path
    quiet_seconds: float
    """How long nothing may grow less of what moves; what then still does is stuck."""


def check(where: Where) -> Report:
    """Once the load is over and everything runs again."""
    moving, quiet_at = _await_quiet(where), time.time()
    journal = asked.read(where.journal)
    seen, found = _settled(where, journal)
    findings = [*moving, *found]
    filings = [each for each in journal.commands if each.do == "file"]
    unknown = [each for each in filings if each.was_unknown]
    return Report(
        attempted=len(filings),
        acknowledged=sum(each.is_acknowledged for each in filings),
        unknown=len(unknown),
        recovered=sum(each.status is not None for each in unknown),
        refused=sum(each.status is not None and not each.is_acknowledged for each in filings),
        commands=len(journal.commands),
        kills=sum(count for do, count in journal.faults.items() if do in KILLING),
        faults=sum(journal.faults.values()),
        findings=findings,
        max_settle_s=_slowest(journal, seen),
        quiet_after_s=max(quiet_at - journal.over_at, 0.0),
        looked_at={name: len(seen.everywhere(name)) for name in EVERYWHERE}
        | {name: len(seen.compliance(name)) for name in OF_COMPLIANCE},
    )


def compare(where: Where, journal: asked.Journal, seen: stored.Stored) -> Iterator[Finding]:
    """Everything against everything else."""
    keys = json.loads(where.receipt_keys.read_text(encoding="utf-8"))
    yield from submissions.check(journal, seen)
    yield from edits.check(journal, seen)
    yield from auditing.check(seen)
    yield from sealing.check(journal, seen, keys)
    yield from events.check(journal, seen, events.bindings_of(where.definitions))


def _await_quiet(where: Where) -> list[Finding]:
    """Empty when nothing moves any more; else what still does though it grew no less for long."""
    least, deadline, pause = sys.maxsize, 0.0, threading.Event()
    while moving := _moving(where):
        if sum(moving.values()) < least:
            least, deadline = sum(moving.values()), time.monotonic() + where.quiet_seconds
        if time.monotonic() > deadline:
            return [Finding("stuck", "I7", f"{count} {what}") for what, count in moving.items()]
        pause.wait(LOOK_SECONDS)
    return []


def _settled(where: Where, journal: asked.Journal) -> tuple[stored.Stored, list[Finding]]:
    """Compared until nothing is found, or for as long as one waits for quiet: the broker does not
    tell of what a consumer holds in its hands, and that is neither lost nor handled yet.
    """
    deadline, pause = time.monotonic() + where.quiet_seconds, threading.Event()
    while True:
        seen = stored.read(where.databases)
        found = [*compare(where, journal, seen), *dead_messages(where, journal)]
        if not found or time.monotonic() > deadline:
            return seen, found
        pause.wait(AGAIN_SECONDS)


def _moving(where: Where) -> dict[str, int]:
    """What is on its way, and how much of it."""
    found: dict[str, int] = {}
    for service, url in where.databases.items():
        with psycopg.connect(url) as connection:
            queries = dict(_MOVING)
            if service == "compliance":
                queries["gatherings"] = _GATHERING
            for name, query in queries.items():
                [(count,)] = connection.execute(query).fetchall()
                found[f"in the {name} of {service}"] = count
    found |= {f"in the queue {queue}": count for queue, count in _depths(where).items()}
    return {what: count for what, count in found.items() if count}


def _depths(where: Where) -> dict[str, int]:
    queues = [f"{service}{events.QUEUE}" for service in where.databases]
    with pika.BlockingConnection(pika.URLParameters(where.amqp_url)) as connection:
        channel = connection.channel()
        return {
            queue: channel.queue_declare(queue, passive=True).method.message_count
            for queue in queues
        }


def _dead(where: Where) -> int:
    """By taking one in hand: of a queue's depth a busy engine says 0."""
    with pika.BlockingConnection(pika.URLParameters(where.amqp_url)) as connection:
        channel = connection.channel()
        method, _, _ = channel.basic_get(DEAD_QUEUE)
        if method is None:
            return 0
        channel.basic_nack(method.delivery_tag)
        return int(method.message_count) + 1


def dead_messages(where: Where, journal: asked.Journal) -> Iterator[Finding]:
    """I8: in the dead queue lies what was no event, and nothing else."""
    count = _dead(where)
    if count != journal.unreadable:
        what = f"{count} messages are in {DEAD_QUEUE}, {journal.unreadable} were planted"
        yield Finding("mismatched", "I8", what)


def _slowest(journal: asked.Journal, seen: stored.Stored) -> float:
    ended = {row["application_id"]: row["ended_at"] for row in seen.compliance("gatherings")}
    waits: list[float] = [
        ended[application_id] - each.answered_at
        for each in journal.acknowledged("file")
        if ended.get(application_id := str(each.told["application_id"])) is not None
    ]
    return max([0.0, *waits])
