"""The checker can fail: each of three known bugs shows, under the fault that brings it out.

The same faults without the bug are test_messaging's; where it costs nothing it is shown here.
"""

import pytest
from ledger import faults

SOUND = None


@pytest.mark.parametrize(("bug", "damage"), [("ack_before_commit", {"lost"}), (SOUND, set())])
def test_acknowledging_before_the_commit_loses_what_a_killed_consumer_held(stand, bug, damage):
    stand.reader.arguments = bug_of(bug)
    stand.reader.deaths = stand.deaths("before_commit", lives=2, within=10)

    with stand.under_load():
        stand.until(lambda: stand.reader.has_died_as_told)

    assert stand.settle().damage.keys() == damage


@pytest.mark.parametrize(("bug", "damage"), [("mark_before_confirm", {"lost"}), (SOUND, set())])
def test_marking_before_the_confirm_loses_what_a_killed_relay_held(stand, bug, damage):
    stand.writer.arguments = bug_of(bug)
    stand.writer.deaths = stand.deaths("before_publish", lives=2, within=5)

    with stand.under_load():
        stand.until(lambda: stand.writer.has_died_as_told)

    assert stand.settle().damage.keys() == damage


@pytest.mark.parametrize(("bug", "damage"), [("no_inbox_insert", {"duplicated"}), (SOUND, set())])
def test_not_entering_an_event_doubles_what_comes_again(stand, bug, damage):
    stand.reader.arguments = bug_of(bug)
    tap = faults.Tap(stand)

    with stand.under_load():
        tap.repeat_all(times=2, chance=stand.chance)

    assert stand.settle().damage.keys() == damage


def bug_of(name: str | None) -> list[str]:
    return ["--bug", name] if name else []
