"""The checker finds each fault that is put into a world in which everything was right."""

import gzip
import sys
import tomllib
from pathlib import Path

import pika
import pytest

sys.path.append(str(Path(__file__).parent))
import specimen
from drill.checker import auditing, edits, events, sealing, submissions
from drill.checker.check import DEAD_QUEUE, Where, dead_messages
from drill.checker.sealing import canonical
from specimen import FIRST, INSTITUTION, PERSON, SECOND


def findings(world=None, lines=None):
    journal = specimen.journal(lines)
    seen = specimen.stored(world or specimen.world())
    found = [
        *submissions.check(journal, seen),
        *edits.check(journal, seen),
        *auditing.check(seen),
        *sealing.check(journal, seen, specimen.keys()),
        *events.check(journal, seen, specimen.BINDINGS),
    ]
    return {(each.kind, each.invariant) for each in found}


def rows_of(world, name, service="compliance"):
    return world[service][name]


def without(name, number=0, service="compliance"):
    def spoil(world):
        del rows_of(world, name, service)[number]

    return spoil


def doubled(name, service="compliance", **changed):
    def spoil(world):
        rows = rows_of(world, name, service)
        rows.append(rows[0] | changed)

    return spoil


def altered(name, number=0, service="compliance", **changed):
    def spoil(world):
        rows_of(world, name, service)[number] |= changed

    return spoil


def other_content(world):
    content = {"staff": [{"staff_id": PERSON, "name": "又一人"}]}
    altered("parts", 1, content=gzip.compress(canonical(content)))(world)


def not_canonical(world):
    raw = b'{"staff": []}'
    altered("parts", 1, content=gzip.compress(raw))(world)


def later_content(world):
    """The second snapshot is the first one's: whole in itself, and older than what was told."""
    for name in ("parts", "snapshots", "sections", "receipts"):
        kept = [each for each in world["compliance"][name] if each["request_id"] == "request-1"]
        moved = [each | {"request_id": "request-2"} for each in kept]
        world["compliance"][name] = kept + moved
    receipts = world["compliance"]["receipts"]
    world["compliance"]["receipts"] = [
        *receipts[:2], receipts[2] | {"application_id": SECOND}
    ]  # fmt: skip
    altered("applications", 1, snapshot_sha256=world["compliance"]["snapshots"][0]["sha256"])(world)


def forged(world):
    row = world["compliance"]["receipts"][0]
    head, body, signature = row["jws"].split(".")
    row["jws"] = f"{head}.{body}.{'A' * len(signature)}"


def changed_salt(world):
    world["compliance"]["receipts"][0]["salts"]["staff"] = "another"


def of_another(world):
    rows = world["compliance"]["receipts"]
    rows[0]["jws"] = rows[2]["jws"]


def overtaken(world):
    first, second = world["courses"]["inbox"]
    first["received_at"], second["received_at"] = second["received_at"], first["received_at"]


SPOILT = {
    "an acknowledged application is gone": (without("applications", 0), ("lost", "I1")),
    "an application is somebody else's": (
        altered("applications", 0, institution_id="institution-2"), ("mismatched", "I1")),
    "an application never ends its gathering": (
        altered("applications", 1, state="gathering"), ("stuck", "I1")),
    "a failed gathering that does not say what is missing": (
        altered("applications", 0, state="gather_failed"),
        ("mismatched", "I1"),
    ),
    "an application that nobody was told of": (
        doubled("applications", application_id="application-3"), ("duplicated", "I2")),
    "two open applications": (altered("applications", 0, state="submitted"), ("duplicated", "I2")),
    "a return that had no effect": (
        altered("applications", 0, state="in_review"), ("lost", "I1")),
    "a case closed before its time": (altered("cases", 1, state="decided"), ("mismatched", "I1")),
    "a second case": (doubled("cases", case_id="case-3"), ("duplicated", "I2")),
    "a lock that is missing": (without("locks", service="staff"), ("lost", "I6")),
    "a lock of an application that is over": (
        altered("locks", service="materials", institution_id="institution-2"), ("stuck", "I6")),
    "a lock of another application": (
        altered("locks", service="courses", application_id=FIRST), ("mismatched", "I6")),
    "an audit entry that is missing": (without("audit", 0), ("lost", "I10")),
    "an audit entry twice": (doubled("audit"), ("duplicated", "I10")),
    "a sealed audit entry that was changed": (
        altered("trail_of_audit", 0, action="compliance.other"),
        ("mismatched", "I10"),
    ),
    "a sealed audit entry that is gone": (without("trail_of_audit", 1), ("lost", "I10")),
    "a seal that is gone": (without("seals", 0), ("mismatched", "I10")),
    "a key that was not kept": (without("keys", 0), ("lost", "I11")),
    "a key kept with another answer": (altered("keys", 0, status=409), ("mismatched", "I11")),
    "a key kept twice": (doubled("keys"), ("duplicated", "I2")),
    "a key of nobody": (doubled("keys", key="drill-other"), ("mismatched", "I5")),
    "a refused edit that was done": (
        doubled("keys", service="staff", key="drill-edit-0"), ("mismatched", "I11")),
    "an edit that is not in the history": (without("changes", service="staff"), ("lost", "I2")),
    "an edit done twice": (doubled("changes", service="staff"), ("duplicated", "I2")),
    "an edit that was overwritten": (
        altered("edited", service="staff", value="示例"), ("lost", "I1")),
    "an edit that nobody made": (
        doubled("changes", service="staff", fields=[{"pointer": "/name", "after": "某"}]),
        ("mismatched", "I5")),
    "a part of a snapshot with another content": (other_content, ("mismatched", "I3")),
    "a part that is not canonical": (not_canonical, ("mismatched", "I3")),
    "a part that is gone": (without("parts", 0), ("mismatched", "I3")),
    "a seal that is not over its parts": (
        altered("snapshots", 0, sha256="0" * 64), ("mismatched", "I3")),
    "a section that is not the one received": (
        altered("sections", 0, sha256="0" * 64), ("mismatched", "I3")),
    "a snapshot older than what was told before": (later_content, ("mismatched", "I3")),
    "an application that names another seal": (
        altered("applications", 1, snapshot_sha256="0" * 64), ("mismatched", "I3")),
    "a receipt with a forged signature": (forged, ("mismatched", "I9")),
    "a receipt with another salt": (changed_salt, ("mismatched", "I9")),
    "a receipt that is another one's": (of_another, ("mismatched", "I9")),
    "a receipt that was never issued": (without("receipts", 1), ("lost", "I9")),
    "a receipt issued twice": (doubled("receipts"), ("duplicated", "I9")),
    "an event that never came": (without("inbox", service="staff"), ("lost", "I5")),
    "an event that nobody committed": (without("trail", 1), ("mismatched", "I5")),
    "an event that still waits": (
        altered("inbox", service="staff", state="waiting"), ("stuck", "I7")),
    "a dead event": (altered("inbox", service="staff", state="dead"), ("lost", "I8")),
    "an event that overtook another": (overtaken, ("out_of_order", "I4")),
}  # fmt: skip


def test_nothing_is_found_where_everything_is_right():
    assert findings() == set()


@pytest.mark.parametrize("what", SPOILT)
def test_fault_is_found(what):
    spoil, expected = SPOILT[what]
    world = specimen.world()
    spoil(world)

    assert expected in findings(world)


def test_what_waits_in_an_outbox_is_found():
    world = specimen.world()
    world["courses"]["outbox"].append({"event_id": "event-9", "type": "courses.x.v1"})

    assert findings(world) == {("stuck", "I7")}


def test_one_application_told_to_two_keys_is_found():
    lines = specimen.lines()
    for line in lines:
        if line.get("told") == {"application_id": SECOND}:
            line["told"] = {"application_id": FIRST}

    assert ("duplicated", "I2") in findings(lines=lines)


def test_an_application_of_a_filing_that_was_never_answered_is_no_fault():
    """It is wholly there: what I11 asks of it. A second one would be too many."""
    lines = specimen.lines()
    del lines[-1]
    world = specimen.world()

    once = findings(world, lines)
    doubled("applications", application_id="application-3", state="withdrawn")(world)

    assert once == set()
    assert ("duplicated", "I2") in findings(world, lines)


def test_what_failed_and_was_tried_again_may_be_overtaken():
    world = specimen.world()
    overtaken(world)
    world["courses"]["inbox"][0]["attempts"] = 2

    assert findings(world) == set()


def test_planted_poison_may_be_dead_and_nothing_else():
    world = specimen.world()
    world["staff"]["inbox"][0]["state"] = "dead"
    planted = {"event": "planted", "event_id": "event-1", "t": 0.5}

    assert findings(world, [*specimen.lines(), planted]) == set()
    assert ("mismatched", "I8") in findings(lines=[*specimen.lines(), planted])


def test_dead_queue_holds_as_many_as_were_planted_however_often_it_is_looked_at(broker):
    where = Where(Path(), {}, broker.url, Path(), Path(), quiet_seconds=0)
    planted = {"event": "planted_unreadable", "t": 0.5}

    def told(count):
        journal = specimen.journal([*specimen.lines(), *[planted] * count])
        return [each.what for each in dead_messages(where, journal)]

    with pika.BlockingConnection(pika.URLParameters(broker.url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        quorum = {"x-queue-type": "quorum"}
        channel.queue_declare(DEAD_QUEUE, durable=True, arguments=quorum)
        channel.queue_purge(DEAD_QUEUE)
        assert told(0) == []
        for _ in range(3):
            channel.basic_publish("", DEAD_QUEUE, b"{not an envelope")

        assert [told(3) for _ in range(3)] == [[]] * 3
        assert told(2) == [f"3 messages are in {DEAD_QUEUE}, 2 were planted"]
        channel.queue_purge(DEAD_QUEUE)


def test_unknown_and_recovered_are_counted_from_the_journal():
    journal = specimen.journal()
    filings = [each for each in journal.commands if each.do == "file"]

    assert [each.was_unknown for each in filings] == [False, True]
    assert [each.attempts for each in filings] == [1, 2]
    assert journal.institutions == {INSTITUTION}


def test_all_else_of_the_drill_is_named_among_what_it_may_not_import(pytestconfig):
    root = pytestconfig.rootpath
    rules = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]
    [rule] = (each for each in rules["contracts"] if each.get("id") == "drill-checker")
    found = {each.stem for each in (root / "drill").iterdir() if not each.name.startswith("__")}

    assert {f"drill.{name}" for name in found - {"checker"}} <= set(rule["forbidden_modules"])
