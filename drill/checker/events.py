"""Events: every one that was committed was handled once by all that are bound to it, in order."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from drill.checker.asked import Journal
from drill.checker.found import Finding
from drill.checker.stored import Row, Stored

EXCHANGE, QUEUE = "otsp.events", ".events.q1"
APART = (".counters_changed.v1", ".snapshot_provided.v1")
Bindings = Mapping[str, frozenset[str]]
"""Event type → the services that read it."""


def bindings_of(definitions: Path) -> Bindings:
    """As the broker's own definitions say."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in json.loads(definitions.read_text(encoding="utf-8"))["bindings"]:
        if each["source"] == EXCHANGE and each["destination"].endswith(QUEUE):
            found[each["routing_key"]].add(each["destination"].removesuffix(QUEUE))
    return {event_type: frozenset(services) for event_type, services in found.items()}


def check(journal: Journal, stored: Stored, bindings: Bindings) -> Iterator[Finding]:
    inboxes = {
        service: {row["event_id"]: row for row in stored.of(service, "inbox")}
        for service in stored.by_service
    }
    yield from _handled(stored, inboxes, bindings)
    yield from _left(journal, stored, inboxes)
    yield from _invented(journal, stored, inboxes)
    yield from _in_order(stored, inboxes)


def _handled(
    stored: Stored, inboxes: Mapping[str, Mapping[str, Row]], bindings: Bindings
) -> Iterator[Finding]:
    """I5: no event without its effect in each service that is bound to its type."""
    for producer, event in stored.everywhere("trail"):
        for consumer in bindings.get(event["type"], ()):
            if consumer in inboxes and event["event_id"] not in inboxes[consumer]:
                what = f"{event['type']} {event['event_id']} of {producer} never came to {consumer}"
                yield Finding("lost", "I5", what)


def _left(
    journal: Journal, stored: Stored, inboxes: Mapping[str, Mapping[str, Row]]
) -> Iterator[Finding]:
    """I7, I8: nothing waits any more; dead is what was made to die, and all of that."""
    for service, row in stored.everywhere("outbox"):
        yield Finding("stuck", "I7", f"{row['type']} waits in the outbox of {service}")
    dead: set[str] = set()
    for service, inbox in inboxes.items():
        for event_id, row in inbox.items():
            if row["state"] == "waiting":
                yield Finding("stuck", "I7", f"{row['type']} {event_id} waits in {service}")
            elif row["state"] == "dead":
                dead.add(event_id)
                if event_id not in journal.planted:
                    yield Finding("lost", "I8", f"{row['type']} {event_id} is dead in {service}")
    for event_id in journal.planted - dead:
        yield Finding("mismatched", "I8", f"the poison {event_id} is not dead")


def _invented(
    journal: Journal, stored: Stored, inboxes: Mapping[str, Mapping[str, Row]]
) -> Iterator[Finding]:
    """I5: no effect without an event that was committed."""
    trail = {event["event_id"]: event["at"] for _, event in stored.everywhere("trail")}
    if not trail:
        return
    since = min(trail.values())
    for service, inbox in inboxes.items():
        for event_id, row in inbox.items():
            is_known = event_id in trail or event_id in journal.planted
            if row["received_at"] > since and not is_known:
                what = f"{row['type']} {event_id} came to {service}, and nobody committed it"
                yield Finding("mismatched", "I5", what)


def _in_order(stored: Stored, inboxes: Mapping[str, Mapping[str, Row]]) -> Iterator[Finding]:
    """I4: events about one thing have their effects in the order in which they were committed.

    One that failed and was tried again may be overtaken; it is left out, the others are not.
    What a service counts or shows for others it tells in transactions of their own, which hold no
    lock in common with those of an edit: such are in order among themselves.
    """
    lines: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for producer, event in stored.everywhere("trail"):
        line = event["type"] if event["type"].endswith(APART) else "all"
        lines[producer, event["subject"], line].append(event)
    for (producer, subject, line), events in lines.items():
        events.sort(key=lambda event: event["sequence"])
        for consumer, inbox in inboxes.items():
            came = [inbox[event["event_id"]] for event in events if event["event_id"] in inbox]
            moments = [row["received_at"] for row in came if row["attempts"] <= 1]
            if moments != sorted(moments):
                told = f"what {producer} says of {subject} ({line})"
                what = f"{told} came to {consumer} in another order"
                yield Finding("out_of_order", "I4", what)
