"""What does not move is found where it lies, with its age; what moves is not."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_chassis.jobs import Job, run_job
from otsp_chassis.locks import clear_lock, set_lock
from otsp_chassis.outbox import publish
from otsp_chassis.stuck import Watch, find_stuck, held_locks, over_among
from otsp_chassis.tables import inbox, job_run, outbox, review_lock
from otsp_testkit.sample import consumers
from otsp_testkit.sample.commands import ItemAdded

TEN_MINUTES = timedelta(minutes=10)
NOW, LONG_AGO = timedelta(0), timedelta(hours=1)


def added():
    return ItemAdded(item_id=new_id(), institution_id=new_id())


def fail(_):
    raise RuntimeError


def kinds(kit, jobs=(), older=TEN_MINUTES, watch=None):
    return [each.kind for each in find_stuck(kit.runtime, watch or Watch(), jobs, older=older)]


def age(kit, table, column, by=LONG_AGO):
    with kit.runtime.database.engine.begin() as connection:
        connection.execute(update(table).values({column: clock.now() - by}))


def test_nothing_is_stuck_where_nothing_happened(kit):
    assert kinds(kit, kit.work.jobs) == []
    assert held_locks(kit.runtime, older=TEN_MINUTES) == []


def test_event_that_the_bus_did_not_take_is_told_once_it_is_old(kit):
    with kit.active(), transaction() as tx:
        publish(tx, added())
        publish(tx, added())
    assert kinds(kit) == []
    age(kit, outbox, "created_at")

    [told] = find_stuck(kit.runtime, Watch(), (), older=TEN_MINUTES)

    assert (told.kind, told.what[:8]) == ("outbox", "2 events")
    assert ItemAdded.TYPE in told.what
    assert clock.now() - told.since > TEN_MINUTES


def test_waiting_event_is_told_once_it_is_old_and_a_dead_one_at_once(kit):
    consumers.behaviour.append(fail)
    kit.deliver(added())
    assert kinds(kit) == []
    age(kit, inbox, "received_at")
    assert kinds(kit) == ["waiting"]

    with kit.runtime.database.engine.begin() as connection:
        connection.execute(update(inbox).values(state="dead", received_at=clock.now()))

    [told] = find_stuck(kit.runtime, Watch(), (), older=TEN_MINUTES)
    assert (told.kind, "RuntimeError at fail" in told.what) == ("dead", True)


def test_handled_events_are_never_stuck(kit):
    kit.deliver(added())
    age(kit, inbox, "received_at")

    assert kinds(kit) == []


@pytest.mark.parametrize(
    ("last", "failures", "found"),
    [
        (timedelta(minutes=1), 0, []),
        (timedelta(minutes=30, seconds=30), 0, []),
        (timedelta(minutes=32), 0, ["job"]),
        (timedelta(minutes=1), 3, []),
        (None, 0, []),
        (None, 1, ["job"]),
    ],
    ids=["in time", "noted a minute behind", "late", "failed once lately", "not due yet", "never"],
)
def test_job_is_late_after_three_of_its_periods(kit, last, failures, found):
    job = Job("sweep", 600, lambda: None)
    moment = None if last is None else clock.now() - last
    with kit.runtime.database.engine.begin() as connection:
        row = insert(job_run).values(name="sweep", last_success_at=moment, failures=failures)
        connection.execute(row)

    assert kinds(kit, [job]) == found


def test_job_that_began_and_does_not_end_is_told(kit):
    begun, released = threading.Event(), threading.Event()
    job = Job("endless", 1, lambda: (begun.set(), released.wait(20)))
    other = Job("another", 1, lambda: None)
    running = threading.Thread(target=run_job, args=(kit.runtime, job))
    running.start()
    assert begun.wait(10)

    found = find_stuck(kit.runtime, Watch(), [job, other], older=NOW)
    young = find_stuck(kit.runtime, Watch(), [job, other], older=TEN_MINUTES)
    released.set()
    running.join(20)

    assert [each.what for each in found] == ["endless began and has not ended"]
    assert young == []
    assert kinds(kit, [job], older=TEN_MINUTES) == []


def test_locks_in_force_are_listed_by_the_age_of_their_application(kit):
    institution, old, new, released = new_id(), new_id(), new_id(), new_id()
    with kit.active(), transaction() as tx:
        set_lock(tx, institution_id=institution, application_id=old, scopes=["items"])
        set_lock(tx, institution_id=released, application_id=old, scopes=["items"])
        clear_lock(tx, institution_id=released, application_id=old)
    age(kit, review_lock, "set_at")
    [held] = held_locks(kit.runtime, older=TEN_MINUTES)

    with kit.active(), transaction() as tx:
        set_lock(tx, institution_id=institution, application_id=old, scopes=["items"])
    again = held_locks(kit.runtime, older=TEN_MINUTES)
    with kit.active(), transaction() as tx:
        set_lock(tx, institution_id=institution, application_id=new, scopes=["items"])

    assert (held.institution_id, held.application_id) == (institution, old)
    assert again == [held], "asked again for the same application, it is as old as it was"
    assert held_locks(kit.runtime, older=TEN_MINUTES) == [], "another one's lock is young"


def test_services_own_finders_are_asked_too_and_who_knows_applications(kit):
    asked = []
    over = new_id()
    watch = Watch((lambda _, before: asked.append(before) or (),), lambda _, __: frozenset({over}))

    find_stuck(kit.runtime, watch, (), older=TEN_MINUTES)

    assert len(asked) == 1
    assert over_among(kit.runtime, watch, [over]) == {over}
    assert over_among(kit.runtime, Watch(), [over]) is None
