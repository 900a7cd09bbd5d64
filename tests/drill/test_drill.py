"""A short drill ends without damage; the same with bugs planted in its workers does not.

The long one is `./dev drill` (docs/drill.md).
"""

import json
from dataclasses import replace

import pytest
from drill.planted import ACK_BEFORE_COMMIT, MARK_BEFORE_CONFIRM, NO_INBOX_INSERT
from drill.run import Plan, Stand
from drill.schedule import KILL, QUIT, Schedule, draw
from drill.topology import TARGETS
from drill.town import Town

SEED = 20261130
SECONDS = 30
SUBMISSIONS = 30


@pytest.fixture
def some_of(drill_stand):
    """The same platform with some of its residents: each drill has its own."""

    def choose(first: int, last: int) -> Stand:
        town = drill_stand.town
        return replace(drill_stand, town=Town(town.residents[first:last], town.reviewers))

    return choose


@pytest.mark.timeout(900)
def test_nothing_is_lost_doubled_or_stuck_while_every_kind_of_process_is_killed(some_of, tmp_path):
    schedule = draw(SEED, SECONDS, kills=len(TARGETS))

    report = some_of(0, 10).hold(Plan(schedule, SUBMISSIONS, tmp_path))

    assert not report.findings
    assert report.acknowledged >= SUBMISSIONS
    assert {each.target for each in schedule.faults if each.do in (KILL, QUIT)} == set(TARGETS)
    told = json.loads((tmp_path / "report.json").read_text())
    assert told["kills"] == len(TARGETS)


@pytest.mark.timeout(900)
def test_each_planted_bug_shows_on_the_true_topology(some_of, tmp_path):
    """In a service each: that only the infested ones are named shows which bug did it."""
    stand = some_of(10, 16)
    bugs = {
        "worker-staff": ACK_BEFORE_COMMIT,
        "worker-courses": MARK_BEFORE_CONFIRM,
        "worker-materials": NO_INBOX_INSERT,
    }

    with stand.topology.infested(bugs):
        report = stand.hold(Plan(Schedule(SEED, 5, []), 20, tmp_path, quiet_seconds=15))

    missed = [each.what for each in report.findings if each.invariant == "I5"]
    assert any(each.endswith("never came to staff") for each in missed)
    assert any(" of courses never came" in each for each in missed)
    assert any(each.endswith("never came to materials") for each in missed)
    innocent = [each for each in missed if not _is_of_the_infested(each)]
    assert not innocent


def _is_of_the_infested(what: str) -> bool:
    return " of courses never came" in what or what.endswith(("to staff", "to materials"))
