"""Whatever dies or is cut off between an outbox and an inbox: each entry has its effect, once."""

import pytest
from ledger import faults, scenarios
from ledger.process import Orders


def test_relay_killed_between_publish_and_mark_loses_nothing_and_doubles_nothing(stand):
    stand.writer.deaths = stand.deaths("after_publish", lives=3, within=5)

    with stand.under_load():
        stand.until(lambda: stand.writer.has_died_as_told)

    assert stand.settle().damage == {}


def test_relay_killed_before_it_publishes_loses_nothing(stand):
    scenarios.relay_is_killed_before_it_publishes(stand)

    assert stand.settle().damage == {}


def test_consumer_killed_between_commit_and_ack_loses_nothing_and_doubles_nothing(stand):
    stand.reader.deaths = stand.deaths("after_commit", lives=3, within=20)

    with stand.under_load():
        stand.until(lambda: stand.reader.has_died_as_told)

    assert stand.settle().damage == {}


def test_consumer_killed_before_its_commit_loses_nothing(stand):
    scenarios.consumer_is_killed_before_its_commit(stand)

    assert stand.settle().damage == {}


def test_broker_killed_and_restarted_under_load_loses_nothing(stand):
    with stand.under_load():
        faults.kill_broker(stand)
        faults.start_broker(stand)
        stand.until_posted(50)

    assert stand.settle().damage == {}


@pytest.mark.parametrize("fault", [faults.reset_connections, faults.close_connections])
def test_connections_to_the_broker_cut_again_and_again_lose_nothing(stand, fault):
    with stand.under_load():
        for _ in range(4):
            fault(stand)
            stand.until_posted(stand.chance.randint(1, 30))

    assert stand.settle().damage == {}


def test_postgres_restarted_under_load_loses_nothing_and_keeps_the_order(stand):
    with stand.under_load():
        for _ in range(2):
            faults.restart_postgres(stand)
            stand.until_posted(30)

    assert stand.settle().damage == {}


def test_database_sessions_ended_again_and_again_lose_nothing_and_keep_the_order(stand):
    with stand.under_load():
        for _ in range(8):
            faults.end_sessions(stand)
            stand.until_posted(stand.chance.randint(1, 20))

    assert stand.settle().damage == {}


def test_every_message_delivered_twice_late_and_shuffled_has_one_effect(stand):
    scenarios.everything_comes_twice_more_late_and_shuffled(stand)

    assert stand.settle().damage == {}


def test_publisher_blocked_by_a_memory_alarm_goes_on_when_it_is_over(stand):
    """The connection outlives an alarm that is longer than its heartbeats allow for silence."""
    stand.writer.orders = Orders(heartbeat_seconds=2)

    with stand.under_load():
        with faults.memory_alarm(stand):
            stand.until(lambda: faults.blocked(stand))
            held_back = faults.blocked(stand)
            stand.until_written(150)
        stand.until_posted(150)
        assert held_back <= faults.connections(stand)

    assert stand.settle().damage == {}


def test_publisher_that_lost_patience_with_a_memory_alarm_tries_anew_until_it_is_over(stand):
    stand.writer.orders = Orders(patience_seconds=1)

    with stand.under_load():
        with faults.memory_alarm(stand):
            stand.until(lambda: faults.blocked(stand))
            first = faults.blocked(stand)
            stand.until(lambda: faults.blocked(stand) - first)
        stand.until_posted(50)

    assert stand.settle().damage == {}


def test_poison_among_good_entries_ends_dead_and_harms_none_of_its_neighbours(stand):
    unreadable = [b"{not an envelope", b"\xff\x00", faults.envelope_of("writer.unheard_of.v1")]

    with stand.under_load():
        for account_id in stand.load.accounts[:3]:
            stand.load.plant(account_id)
            stand.until_posted(5)
        faults.plant_unreadable(stand, unreadable)
        stand.until_posted(20)
    stand.until(lambda: faults.has_given_up(stand, 3))
    report = stand.settle(unreadable)

    assert report.damage == {}
    assert (report.planted, report.dead) == (6, 6)


@pytest.mark.timeout(3600)
def test_everything_breaks_at_random_and_nothing_is_lost_or_doubled(stand, fault_settings):
    """With a second replica of each standing by; OTSP_FAULTS_ROUNDS makes it long."""
    stand.add_standbys()

    with stand.under_load():
        for _ in range(fault_settings.rounds):
            for fault in stand.chance.sample(faults.ALL, len(faults.ALL)):
                fault(stand)
                stand.until_posted(stand.chance.randint(0, 30))

    assert stand.settle().damage == {}
