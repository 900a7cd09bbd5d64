"""An event leaves with its change, arrives once, waits when it must, and is never lost."""

import threading
from datetime import timedelta

import psycopg
import pytest
from psycopg.errors import DeadlockDetected, SerializationFailure
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from otsp_chassis import clock, metrics
from otsp_chassis.bus import LocalBus
from otsp_chassis.db import transaction
from otsp_chassis.dead_letters import Selection, list_letters, redrive
from otsp_chassis.ids import new_id
from otsp_chassis.inbox import BACK_OFF_SECONDS, UNDONE, Inbox, Subscription, subscriptions
from otsp_chassis.outbox import CHANNEL, Relay, publish
from otsp_chassis.problems import Unavailable
from otsp_chassis.tables import inbox
from otsp_chassis.worker import Worker
from otsp_contracts.envelope import Envelope
from otsp_testkit import ServiceKit
from otsp_testkit.sample import consumers
from otsp_testkit.sample.commands import ItemAdded
from otsp_testkit.sample.model import Item

ATTEMPTS = len(BACK_OFF_SECONDS) + 1


def stored_item(kit: ServiceKit) -> Item:
    with kit.active(), transaction() as tx:
        item = Item(
            item_id=new_id(),
            institution_id=new_id(),
            name=f"物品{new_id()}",
            kind="small",
            amount_fen=0,
            opened_on=clock.today(),
        )
        tx.add(item)
    return item


def amount(kit: ServiceKit, item: Item) -> int:
    with kit.runtime.database.autocommit.connect() as reader:
        return reader.scalar(select(Item.amount_fen).where(Item.item_id == item.item_id))


def added(item: Item) -> ItemAdded:
    return ItemAdded(item_id=item.item_id, institution_id=item.institution_id)


def fail(_: ItemAdded) -> None:
    raise RuntimeError("身份证号 330199197803129904 must not be stored")


def test_event_of_a_failed_change_is_never_published(kit):
    item = stored_item(kit)

    def change_and_fail() -> None:
        with kit.active(), transaction() as tx:
            publish(tx, added(item))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()

    assert kit.published() == []


def test_event_delivered_twice_has_one_effect(kit):
    item = stored_item(kit)

    kit.deliver(added(item), times=3)

    assert amount(kit, item) == 1
    assert kit.set_aside() == []


def test_failed_event_is_set_aside_whole_and_retried(kit):
    item = stored_item(kit)
    consumers.behaviour.append(fail)
    kit.deliver(added(item), times=2)
    assert amount(kit, item) == 0

    consumers.behaviour.clear()
    assert kit.work.inbox.retry_due() == 0
    with clock.frozen(clock.now() + timedelta(seconds=BACK_OFF_SECONDS[0] + 1)):
        assert kit.work.inbox.retry_due() == 1

    assert amount(kit, item) == 1
    assert kit.set_aside() == []


def test_worker_tries_again_by_itself_when_the_pause_is_over(kit):
    item = stored_item(kit)
    consumers.behaviour.append(fail)
    kit.deliver(added(item), times=1)
    tried = threading.Event()
    consumers.behaviour[:] = [lambda _: tried.set()]
    with kit.runtime.database.engine.begin() as connection:
        connection.execute(update(inbox).values(next_attempt_at=clock.now()))
    worked = Inbox(kit.runtime, subscriptions(consumers))
    retries = threading.Thread(target=worked.run_retries)
    retries.start()

    was_tried = tried.wait(20)
    worked.stop()
    retries.join(20)

    assert was_tried
    assert not retries.is_alive()
    assert amount(kit, item) == 1


def test_reason_of_a_failure_holds_no_personal_data(kit):
    consumers.behaviour.append(fail)

    kit.deliver(added(stored_item(kit)))

    assert kit.set_aside() == [
        f"{ItemAdded.TYPE}: RuntimeError at fail:{fail.__code__.co_firstlineno + 1}"
    ]


@pytest.mark.parametrize("lost", [SerializationFailure, DeadlockDetected])
@pytest.mark.parametrize("is_wrapped", [True, False])
def test_lost_race_is_run_again_at_once(kit, lost, is_wrapped):
    item, tries = stored_item(kit), []

    def lose_twice(_: ItemAdded) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("UPDATE", {}, lost()) if is_wrapped else lost()

    consumers.behaviour.append(lose_twice)
    kit.deliver(added(item), times=1)

    assert (amount(kit, item), len(tries)) == (1, 3)
    assert kit.set_aside() == []


@pytest.fixture
def end_sessions(postgres):
    """What a fail-over does, in the middle of an event's handling."""

    def end(_: ItemAdded) -> None:
        with psycopg.connect(postgres.superuser_dsn(), autocommit=True) as superuser:
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = 'otsp_sample' AND pid <> pg_backend_pid()"
            )

    return end


def test_event_whose_database_is_lost_stays_with_the_bus_where_nothing_overtakes_it(
    kit, end_sessions
):
    item = stored_item(kit)
    envelope = Envelope.around(added(item), id=new_id(), time=clock.now())
    consumers.behaviour.append(end_sessions)

    with pytest.raises(Unavailable):
        kit.work.inbox.receive(envelope)
    assert kit.set_aside() == []

    consumers.behaviour.clear()
    kit.work.inbox.receive(envelope)
    assert amount(kit, item) == 1


@pytest.mark.parametrize("cut", [None, lambda data: data.institution_id])
def test_connections_lost_while_nothing_happened_do_not_stay_in_the_pool(kit, end_sessions, cut):
    seen = []
    subscription = Subscription(ItemAdded, lambda _tx, event: seen.append(event.id), cut)
    inbox = Inbox(kit.runtime, {ItemAdded.TYPE: subscription})
    first, second = (
        Envelope.around(added(stored_item(kit)), id=new_id(), time=clock.now()) for _ in range(2)
    )
    inbox.receive(first)
    end_sessions(first)

    with pytest.raises(Unavailable):
        inbox.receive(second)
    inbox.receive(second)

    assert seen == [first.id, second.id]


def test_attempt_whose_database_is_lost_does_not_count(kit, end_sessions):
    item = stored_item(kit)
    consumers.behaviour.append(fail)
    kit.deliver(added(item), times=1)
    consumers.behaviour[:] = [end_sessions]
    with clock.frozen(clock.now() + timedelta(seconds=BACK_OFF_SECONDS[0] + 1)):
        with pytest.raises(Unavailable):
            kit.work.inbox.retry_due()

        consumers.behaviour.clear()
        assert kit.work.inbox.retry_due() == 1

    assert amount(kit, item) == 1
    assert kit.set_aside() == []


def test_hopeless_event_is_dead_until_redriven(kit):
    item = stored_item(kit)
    consumers.behaviour.append(fail)
    kit.deliver(added(item))
    later = clock.now()
    for pause in BACK_OFF_SECONDS:
        later += timedelta(seconds=pause + 1)
        with clock.frozen(later):
            assert kit.work.inbox.retry_due() == 1

    [letter] = list_letters(kit.runtime).items
    assert (letter.type, letter.attempts) == (ItemAdded.TYPE, ATTEMPTS)
    kit.work.inbox.measure()
    assert metrics.INBOX_DEAD.labels("sample")._value.get() == 1

    consumers.behaviour.clear()
    chosen = Selection(event_id=letter.event_id)
    assert redrive(kit.runtime, chosen, operator="somebody", reason="mended") == 1
    assert kit.work.inbox.retry_due() == 1
    assert amount(kit, item) == 1
    assert list_letters(kit.runtime).items == []


def test_event_that_does_not_fit_its_schema_is_set_aside_not_lost(kit):
    envelope = Envelope.around(added(stored_item(kit)), id=new_id(), time=clock.now())
    broken = envelope.model_copy(update={"data": {"item_id": "x"}})

    kit.work.inbox.receive(broken)

    [reason] = kit.set_aside()
    assert "ValidationError" in reason


def test_relay_moves_events_in_order_and_forgets_only_what_was_confirmed(kit):
    items = [stored_item(kit) for _ in range(5)]
    seen: list[str] = []
    stubborn = {str(items[3].item_id)}

    def deliver(envelope: Envelope) -> None:
        if envelope.subject in stubborn:
            raise ConnectionError
        seen.append(envelope.subject)

    bus = LocalBus()
    bus.subscribe("reader", frozenset({ItemAdded.TYPE}), deliver)
    bus.start()
    with kit.active(), transaction() as tx:
        for item in items:
            publish(tx, added(item))

    kit.relay_to(bus)
    waiting = [envelope.subject for envelope in kit.published()]
    stubborn.clear()
    kit.relay_to(bus)
    bus.stop()

    wanted = [str(item.item_id) for item in items]
    assert waiting == wanted[3:]
    assert [subject for subject in seen if subject in wanted[:4]] == wanted[:4]
    assert kit.published() == []


def test_relay_takes_all_news_that_has_come_before_it_looks(kit):
    relay = Relay(kit.runtime, LocalBus())
    with psycopg.connect(kit.runtime.database.url, autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        for _ in range(5):
            connection.execute(f"NOTIFY {CHANNEL}")

        relay._await_news(connection)

        assert list(connection.notifies(timeout=0)) == []


def test_what_the_relay_deletes_waits_for_no_disk(kit):
    asked = "SELECT setting, source FROM pg_settings WHERE name = 'synchronous_commit'"

    with Relay(kit.runtime, LocalBus())._connect() as connection:
        told = connection.execute(asked).fetchone()

    assert told == ("off", "client")


def test_what_waits_is_counted_without_reading_what_is_done(kit):
    done = "SELECT gen_random_uuid(), 'sample.item_added.v1', 's', 'done', 1"
    with kit.runtime.database.engine.begin() as connection:
        columns = "(event_id, type, subject, state, attempts)"
        connection.exec_driver_sql(
            f"INSERT INTO inbox {columns} {done} FROM generate_series(1, 5000)"
        )
        plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {UNDONE}").scalar_one()

    assert "Seq Scan" not in str(plan)


def test_retry_keeps_the_events_id(kit):
    with kit.active(), transaction() as tx:
        publish(tx, added(stored_item(kit)))
    [first] = kit.published()

    kit.relay_to(LocalBus())

    assert [each.id for each in kit.published()] == [first.id]


def test_worker_told_to_stop_finishes_the_event_in_hand(kit):
    item, begun, released = stored_item(kit), threading.Event(), threading.Event()
    consumers.behaviour.append(lambda _: (begun.set(), released.wait(10)))
    worker = Worker(LocalBus(), [kit.work])
    worker.start()
    with kit.active(), transaction() as tx:
        publish(tx, added(item))
    assert begun.wait(10)

    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    released.set()
    stopping.join(10)

    assert amount(kit, item) == 1
    assert kit.published() == []


def test_worker_whose_thread_dies_ends_as_a_process(kit, monkeypatch):
    from otsp_chassis.outbox import Relay

    def die(_: Relay) -> None:
        raise RuntimeError

    monkeypatch.setattr(Relay, "run", die)
    monkeypatch.setattr("otsp_chassis.worker.signal.signal", lambda *_: None)

    assert Worker(LocalBus(), [kit.work]).run_until_signalled() == 1


def test_worker_carries_an_event_from_outbox_to_effect_and_stops_in_order(kit):
    item, arrived = stored_item(kit), threading.Event()
    consumers.behaviour.append(lambda _: arrived.set())
    worker = Worker(LocalBus(), [kit.work])
    worker.start()

    with kit.active(), transaction() as tx:
        publish(tx, added(item))

    assert arrived.wait(10)
    worker.stop()
    assert amount(kit, item) == 1
    assert kit.published() == []
