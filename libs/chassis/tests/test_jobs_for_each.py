"""One thing that cannot be worked on keeps no other waiting, and is told by its id."""

import pytest
from structlog.testing import capture_logs

from otsp_chassis.ids import new_id
from otsp_chassis.jobs import for_each
from otsp_chassis.problems import Unavailable


def test_those_behind_a_poisoned_one_have_their_turn_and_the_job_fails():
    ids, done = [new_id() for _ in range(3)], []

    def work(each):
        if each == ids[1]:
            raise RuntimeError(each)
        done.append(each)

    with capture_logs() as logs, pytest.raises(RuntimeError):
        for_each(ids, work)

    assert done == [ids[0], ids[2]]
    assert [(line["event"], line["item"]) for line in logs] == [("job_item_failed", str(ids[1]))]


def test_a_database_that_is_away_ends_it_at_once():
    ids, asked = [new_id() for _ in range(3)], []

    def work(each):
        asked.append(each)
        raise Unavailable

    with pytest.raises(Unavailable):
        for_each(ids, work)

    assert asked == ids[:1]


def test_where_nothing_fails_each_had_its_turn_in_order():
    ids, asked = [new_id() for _ in range(3)], []

    for_each(ids, asked.append)

    assert asked == ids
