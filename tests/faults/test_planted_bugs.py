"""The checker can fail: each of three known bugs shows, under the fault that brings it out.

The same scenarios without the bug are test_messaging's, and end without damage.
"""

from ledger import scenarios
from ledger.planted import Bug
from ledger.process import Orders


def test_acknowledging_before_the_commit_loses_what_a_killed_consumer_held(stand):
    stand.reader.orders = Orders(bug=Bug.ACK_BEFORE_COMMIT)

    scenarios.consumer_is_killed_before_its_commit(stand)

    assert set(stand.settle().damage) == {"lost"}


def test_marking_before_the_confirm_loses_what_a_killed_relay_held(stand):
    stand.writer.orders = Orders(bug=Bug.MARK_BEFORE_CONFIRM)

    scenarios.relay_is_killed_before_it_publishes(stand)

    assert set(stand.settle().damage) == {"lost"}


def test_not_entering_an_event_doubles_what_comes_again(stand):
    stand.reader.orders = Orders(bug=Bug.NO_INBOX_INSERT)

    scenarios.everything_comes_twice_more_late_and_shuffled(stand)

    assert set(stand.settle().damage) == {"duplicated"}
