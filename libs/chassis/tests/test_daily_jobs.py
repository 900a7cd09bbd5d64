"""The work of a business day: once for each day, caught up when nobody was there."""

import threading
from datetime import UTC, date, datetime, timedelta
from functools import partial
from types import ModuleType

import pytest
from sqlalchemy import insert, select

from otsp_chassis import clock
from otsp_chassis.jobs import daily, jobs_of, run_job
from otsp_chassis.tables import job_run

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
FIRST = date(2026, 3, 2)


class Nights:
    """A module with one daily job that keeps the days it was called for."""

    def __init__(self, kit):
        self.kit, self.days, self.fails = kit, [], 0
        self.job = job_of(self._note)

    def _note(self, tx, day):
        if self.fails:
            self.fails -= 1
            raise RuntimeError
        self.days.append(day)

    def run(self, *, after_days=0):
        with clock.frozen(NOON + timedelta(days=after_days)):
            run_job(self.kit.runtime, self.job)

    def done_until(self):
        with self.kit.runtime.database.autocommit.connect() as reader:
            return reader.scalar(select(job_run.c.done_until))


def job_of(work):
    """As a jobs module would mark it."""
    module = ModuleType("jobs")
    module.note_day = daily(partial(work))
    (job,) = [each for each in jobs_of(module) if each.name == "note_day"]
    return job


@pytest.fixture
def nights(kit):
    return Nights(kit)


def test_a_day_is_done_once(nights):
    for _ in range(3):
        nights.run()

    assert nights.days == [FIRST]


def test_days_that_nobody_was_there_for_are_caught_up_in_order(nights):
    nights.run()

    nights.run(after_days=3)

    assert nights.days == [FIRST + timedelta(days=each) for each in range(4)]


def test_a_day_that_failed_is_done_before_the_next(nights):
    nights.run()
    nights.fails = 1

    nights.run(after_days=1)
    assert nights.done_until() == FIRST
    nights.run(after_days=2)

    assert nights.days == [FIRST + timedelta(days=each) for each in range(3)]


def test_what_a_day_wrote_is_undone_with_it(kit):
    def write_and_fail(tx, _day):
        tx.execute(insert(job_run).values(name="other"))
        raise RuntimeError

    with clock.frozen(NOON):
        run_job(kit.runtime, job_of(write_and_fail))

    with kit.runtime.database.autocommit.connect() as reader:
        assert reader.scalars(select(job_run.c.name)).all() == ["note_day"]


def test_of_two_replicas_one_does_the_day(nights):
    gate = threading.Barrier(2)

    def replica():
        gate.wait(timeout=10)
        run_job(nights.kit.runtime, nights.job)

    threads = [threading.Thread(target=replica) for _ in range(2)]
    with clock.frozen(NOON):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)

    assert nights.days == [FIRST]
