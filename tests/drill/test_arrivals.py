"""When those of a surge come, and from when they are measured."""

import threading
import time
from itertools import pairwise

import pytest
from drill.client import Answer, Over
from drill.surge.arrivals import AT_ONCE, Applicant, Arrivals, Plan, Town, file
from drill.town import Login, Resident

from otsp_chassis.ids import new_id

QUICKLY = Plan(rate=100.0, seconds=0.2)


class Closing(Town):
    """Tells when it is closed."""

    def __init__(self):
        super().__init__()
        self.closed = threading.Event()

    def close(self):
        super().close()
        self.closed.set()


class Filed:
    """Whoever files is told the same, at once or when `answers`; what was asked is kept."""

    def __init__(self, status=202):
        self.status, self.commands, self.answers = status, [], threading.Event()
        self.answers.set()

    def perform(self, command):
        self.commands.append(command)
        self.answers.wait(30)
        return Answer(self.status, {})

    @property
    def planned(self):
        return sorted(command.facts["planned_at"] for command in self.commands)


@pytest.fixture
def people():
    def make(count, client):
        login = Login("somebody", "")
        return [Applicant(Resident(new_id(), login), client) for _ in range(count)]

    return make


def arrivals(town, plan=QUICKLY, *, is_over=False):
    over = threading.Event()
    if is_over:
        over.set()
    return Arrivals(plan, town, is_over=over)


def test_whoever_is_late_is_measured_from_the_moment_that_was_planned(people):
    town, client = Town(), Filed()
    coming = arrivals(town)

    coming.run()
    assert client.commands == []  # nobody is free before the last is due
    for one in people(QUICKLY.count, client):
        town.settle(one)
    coming.finish(30)

    assert len(client.planned) == QUICKLY.count == 20
    steps = [later - earlier for earlier, later in pairwise(client.planned)]
    assert steps == pytest.approx([1 / QUICKLY.rate] * 19, abs=1e-5)


def test_the_last_is_due_when_its_time_has_come_not_before(people):
    town, client = Town(), Filed()
    for one in people(QUICKLY.count, client):
        town.settle(one)
    coming = arrivals(town)

    begun = time.monotonic()
    coming.run()

    assert time.monotonic() - begun >= QUICKLY.due(QUICKLY.count - 1)
    coming.finish(30)


def test_whoever_was_not_let_in_never_files(people):
    town, client = Town(), Filed()
    [only] = people(1, client)
    town.settle(only)
    coming = arrivals(town)

    coming.run()
    coming.finish(0.05)

    assert len(client.commands) == 1
    with pytest.raises(Over):
        town.take()


def test_what_was_not_begun_in_time_is_not_begun_after_it(people):
    town, client = Closing(), Filed()
    client.answers.clear()
    plan = Plan(rate=1_000.0, seconds=0.06)
    for one in people(plan.count, client):
        town.settle(one)
    coming = arrivals(town, plan)

    coming.run()
    ending = threading.Thread(target=coming.finish, args=[0.05])
    ending.start()
    town.closed.wait(30)
    client.answers.set()
    ending.join(30)

    assert len(client.commands) == AT_ONCE < plan.count


def test_a_drill_that_is_over_plans_no_more(people):
    town, client = Town(), Filed()
    for one in people(3, client):
        town.settle(one)
    coming = arrivals(town, Plan(rate=0.01, seconds=1_000), is_over=True)

    coming.run()
    coming.finish(30)

    assert client.commands == []


def test_who_is_set_free_twice_is_free_once(people):
    town = Town()
    [one] = people(1, Filed())
    town.settle(one)
    assert town.take() is one

    town.free(str(one.person.institution_id))
    town.free(str(one.person.institution_id))

    assert town.take() is one
    town.close()
    with pytest.raises(Over):
        town.take()


@pytest.mark.parametrize(("status", "is_free"), [(202, False), (409, True), (422, True)])
def test_whoever_is_refused_may_try_again(people, status, is_free):
    freed = []
    [one] = people(1, Filed(status))

    file(one, 12.5, free=freed.append)

    assert freed == [str(one.person.institution_id)] * is_free
    assert one.client.planned == [12.5]
