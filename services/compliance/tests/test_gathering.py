"""Sections arrive twice, late, in any order, or not at all; the last one decides."""

import threading
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import func, select

from otsp_chassis import clock
from otsp_chassis.canonical import pack
from otsp_chassis.db import reading
from otsp_chassis.ids import new_id
from otsp_chassis.tables import inbox
from otsp_compliance.commands import judging
from otsp_compliance.model import Finding, GatheredSection, Snapshot, SnapshotPart
from otsp_compliance.queries import monitoring
from otsp_contracts.compliance import (
    ApplicationSubmitted,
    GatheringFailed,
    PrecheckFailed,
    ReviewUnlocked,
    SnapshotRequested,
)
from otsp_contracts.envelope import Envelope

OWNERS = ("institution", "staff", "materials", "courses")


@pytest.fixture
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def filed(world, now):
    """Sample A, filed, with nothing arrived yet."""
    world.authority("杭州市西湖区教育局")
    world.profile().configure()
    return world.filed(acknowledged_warnings=["SIT-006"])


def count(kit, entity):
    with kit.active(), reading() as tx:
        return tx.scalar(select(func.count()).select_from(entity))


def later(kit, moment, **passed):
    """Time passes, and the job looks."""
    with clock.frozen(moment + timedelta(**passed)):
        kit.run_job("chase_sections")


def test_filing_asks_the_four_owners_for_their_sections(world, filed):
    request = world.requests()[-1]

    assert request.sections == OWNERS
    assert (request.purpose, str(request.application_id)) == ("application", filed)
    told = world.application(filed)
    assert told["state"] == "locking"
    assert {one["section"]: one["state"] for one in told["sections"]} == dict.fromkeys(
        OWNERS, "waiting"
    )


def test_the_first_section_moves_the_application_on(world, filed):
    world.provide("staff")

    told = world.application(filed)
    assert told["state"] == "gathering"
    assert [one["section"] for one in told["sections"] if one["state"] == "received"] == ["staff"]


@pytest.mark.parametrize(
    "order", [OWNERS, OWNERS[::-1], ("courses", "institution", "staff", "materials")]
)
def test_sections_may_come_in_any_order(world, filed, order):
    world.provide(*order)

    assert world.state(filed) == "submitted"


def test_a_section_that_is_sent_again_changes_nothing(world, kit, filed):
    world.provide("staff")
    first = world.application(filed)

    world.sections["A"]["staff"] = {"staff": []}
    kit.deliver(world.section("staff", version=2))

    assert kit.set_aside() == []
    assert world.application(filed)["sections"] == first["sections"]
    assert count(kit, SnapshotPart) == 1


def test_two_deliveries_of_the_last_section_file_once(world, kit, filed):
    world.provide()

    kit.deliver(world.section("courses"))

    assert len(kit.published(ApplicationSubmitted)) == 1
    assert count(kit, Snapshot) == 1


def test_the_last_two_sections_at_once_are_judged_once(world, kit, filed):
    world.provide("institution", "staff")
    envelopes = [
        Envelope.around(world.section(name), id=new_id(), time=clock.now())
        for name in ("materials", "courses")
    ]
    gate = threading.Barrier(2)

    def arrive(envelope):
        gate.wait(timeout=10)
        kit.work.inbox.receive(envelope)

    threads = [threading.Thread(target=arrive, args=[envelope]) for envelope in envelopes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert kit.set_aside() == []
    assert world.state(filed) == "submitted"
    assert (count(kit, Snapshot), len(kit.published(ApplicationSubmitted))) == (1, 1)


def test_a_large_section_arrives_compressed(world, kit, filed):
    staff = world.sections["A"]["staff"]["staff"]
    staff.extend({**staff[3], "staff_id": f"M{number}"} for number in range(2, 300))

    section = world.section("staff")
    kit.deliver(section)

    assert section.encoding == "gzip"
    assert kit.set_aside() == []


def test_a_section_that_is_not_what_its_hash_says_is_set_aside(world, kit, filed):
    kit.deliver(world.section("staff", sha256="0" * 64))

    assert len(kit.set_aside()) == 1
    assert "NotIntact" in kit.set_aside()[0]
    assert world.state(filed) == "locking"


def test_a_section_that_cannot_be_read_is_set_aside_itself(world, kit, filed):
    packed = pack({"staff": [{"no_id": 1}]})

    kit.deliver(world.section("staff", sha256=packed.sha256, data=packed.data))

    assert "ValidationError" in kit.set_aside()[0]
    assert count(kit, SnapshotPart) == 0


def test_a_section_of_another_institution_is_set_aside(world, kit, filed):
    kit.deliver(world.section("staff", institution_id=new_id()))

    assert "UnaskedSection" in kit.set_aside()[0]


def test_a_section_that_nobody_asked_for_is_ignored(world, kit, filed):
    kit.deliver(world.section("staff", request_id=new_id()))

    assert kit.set_aside() == []
    assert count(kit, SnapshotPart) == 0


def test_a_failing_judgement_leaves_nothing_half_and_is_tried_again(
    world, kit, filed, monkeypatch, now
):
    world.provide("institution", "staff", "materials")

    with monkeypatch.context() as planted:
        planted.setattr(judging.engine, "evaluate", lambda *_, **__: 1 // 0)
        kit.deliver(world.section("courses"))

    assert "ZeroDivisionError" in kit.set_aside()[0]
    assert world.state(filed) == "gathering"
    assert (count(kit, SnapshotPart), count(kit, Snapshot), count(kit, Finding)) == (3, 0, 0)
    with clock.frozen(now + timedelta(seconds=2)):
        kit.work.inbox.retry_due()
    assert world.state(filed) == "submitted"
    assert kit.set_aside() == []


def test_only_late_sections_are_asked_for_again(world, kit, filed, now):
    world.provide("institution", "materials")

    later(kit, now, seconds=11)

    asked = world.requests()
    assert [request.sections for request in asked] == [OWNERS, ("courses", "staff")]
    assert len({request.request_id for request in asked}) == 1


def test_nothing_is_asked_again_before_the_step_deadline(world, kit, filed, now):
    later(kit, now, seconds=7)

    assert len(world.requests()) == 1


def test_sections_are_asked_for_again_three_times_and_ever_more_rarely(world, kit, filed, now):
    """Questions to somebody who cannot keep up would make the queue longer."""
    asked = [1]
    for second in range(1, 60):
        later(kit, now, seconds=second)
        asked.append(len(world.requests()))

    assert [second for second in range(1, 60) if asked[second] > asked[second - 1]] == [8, 24, 56]
    assert world.state(filed) == "locking"


def test_only_who_is_asked_again_or_given_up_is_looked_at(world, kit, filed, now):
    """A gathering that waits is not locked every two seconds beside the sections that arrive."""
    for second in (8, 24, 56):
        later(kit, now, seconds=second)
    with kit.active(), reading() as tx:
        late = partial(monitoring.late_gatherings, tx, asked_by=[now + timedelta(hours=1)] * 3)

        assert late(began_by=now - timedelta(seconds=1)) == []
        assert late(began_by=now) == [world.requests()[-1].request_id]


def test_past_the_final_deadline_the_missing_sections_are_named_and_the_data_unlocked(
    world, kit, filed, now
):
    world.provide("institution", "staff", "materials")

    later(kit, now, seconds=61)
    later(kit, now, seconds=70)

    told = world.application(filed)
    assert (told["state"], told["missing_sections"]) == ("gather_failed", ["courses"])
    (failed,) = [each.payload() for each in kit.published(GatheringFailed)]
    assert (failed.missing_sections, failed.version) == (("courses",), told["version"])
    assert len(kit.published(ReviewUnlocked)) == 1


def test_a_section_after_the_end_is_ignored(world, kit, filed, now):
    later(kit, now, seconds=61)

    world.provide()

    assert world.state(filed) == "gather_failed"
    assert (count(kit, SnapshotPart), count(kit, Snapshot)) == (0, 0)


def test_after_a_failed_gathering_the_institution_may_file_again(world, kit, filed, now):
    later(kit, now, seconds=61)

    again = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()

    assert again != filed
    assert world.state(again) == "submitted"


def test_late_sections_do_not_unlock_what_is_submitted(world, kit, filed):
    world.provide()

    kit.deliver(world.section("staff", version=9))

    assert world.state(filed) == "submitted"
    assert kit.published(ReviewUnlocked) == []


def test_an_exception_lets_an_overridable_finding_through(world, kit, now):
    world.authority("杭州市西湖区教育局")
    world.profile().configure()
    world.sections["A"]["staff"]["staff"][0]["employment"] = "part_time"
    application_id = world.filed()
    world.provide()
    found = world.application(application_id)
    overridable = [
        one["rule_id"] for one in found["findings"]["blocking"] if one["severity"] == "B*"
    ]

    again = world.filed(
        acknowledged_warnings=found["warnings"],
        exceptions=[{"rule_id": one, "reason": "新聘教师下月到岗"} for one in overridable],
    )
    world.provide()

    assert overridable
    told = world.application(again)
    assert [one["rule_id"] for one in told["findings"]["excused"]] == overridable
    assert told["findings"]["excused"][0]["exception_reason"] == "新聘教师下月到岗"
    assert told["state"] == "submitted"


def test_events_carry_the_version_of_the_application(world, kit, now):
    world.profile().configure()
    world.sections["A"]["institution"]["licence"] = None
    application_id = world.filed()

    world.provide()

    failed = kit.published(PrecheckFailed)[-1].payload()
    assert failed.application_id == UUID(application_id)
    assert failed.version == world.application(application_id)["version"]
    assert "LIC-001" in failed.blocking


def test_the_inbox_keeps_no_copy_of_a_handled_section(world, kit, filed):
    world.provide("staff")

    with kit.active(), reading() as tx:
        assert tx.scalar(select(func.count()).where(inbox.c.envelope.is_not(None))) == 0
    assert count(kit, GatheredSection) == 4
    assert len(kit.published(SnapshotRequested)) == 1
