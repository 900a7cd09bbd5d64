"""What is drawn from a seed, and that a file of it replays."""

import pytest
from drill.schedule import (
    BLACK_HOLE,
    CLOCK,
    DISK_FULL,
    HALF_CLOSE,
    KILL,
    LATENCY,
    POISON,
    QUIT,
    RABBIT,
    RESET,
    SECTION_AWAY,
    Schedule,
    broker_away,
    draw,
)
from drill.topology import TARGETS


def test_a_seed_draws_the_same_schedule_again_and_another_seed_another():
    assert draw(7, 300, 50) == draw(7, 300, 50)
    assert draw(7, 300, 50) != draw(8, 300, 50)


def test_a_written_schedule_replays(tmp_path):
    schedule = draw(7, 300, 50)

    schedule.write(tmp_path / "schedule.json")

    assert Schedule.read(tmp_path / "schedule.json") == schedule


@pytest.mark.parametrize("seed", range(5))
def test_every_kind_of_process_is_killed_and_every_wire_fault_happens(seed):
    schedule = draw(seed, 300, 50)

    kills = [each for each in schedule.faults if each.do in (KILL, QUIT)]
    assert {each.target for each in kills} == set(TARGETS)
    assert len(kills) >= 50
    does = {each.do for each in schedule.faults}
    assert does >= {RESET, HALF_CLOSE, BLACK_HOLE, LATENCY, CLOCK, POISON, DISK_FULL}
    assert any(each.seconds == SECTION_AWAY for each in kills)


def test_faults_begin_within_the_drill_in_their_order():
    moments = [each.at for each in draw(7, 120, 20).faults]

    assert moments == sorted(moments)
    assert moments[0] > 0
    assert moments[-1] < 120


def test_nothing_is_asked_of_a_broker_that_is_away_by_plan():
    schedule = broker_away(draw(7, 120, 20), 600)

    [away] = [each for each in schedule.faults if each.seconds == 600]
    during = [each for each in schedule.faults if away.at < each.at < away.at + away.seconds]
    assert away.target == RABBIT
    assert schedule.seconds == 720
    assert during == []
