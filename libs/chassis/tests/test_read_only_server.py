"""A server that only reads (its disk is nearly full, or it is no longer the primary): all waits."""

import psycopg
import pytest
from sqlalchemy import select, update

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import Relay, publish
from otsp_chassis.problems import Unavailable
from otsp_contracts.envelope import Envelope
from otsp_testkit.platform_kit import LocalBus
from otsp_testkit.sample.commands import ItemAdded
from otsp_testkit.sample.model import Item

EVENT = ItemAdded(item_id=new_id(), institution_id=new_id())


@pytest.fixture
def read_only(kit, postgres):
    """Whether it is, for sessions that begin from now on; those that there are end."""
    with psycopg.connect(postgres.superuser_dsn(), autocommit=True) as superuser:

        def become(is_read_only):
            value = "on" if is_read_only else "off"
            superuser.execute(
                f"ALTER DATABASE otsp_sample SET default_transaction_read_only = {value}"
            )
            kit.runtime.database.dispose()

        yield become
        become(is_read_only=False)


def test_writing_is_told_as_unavailable_and_reading_goes_on(kit, read_only):
    read_only(is_read_only=True)

    with kit.active(), pytest.raises(Unavailable), transaction() as tx:
        tx.execute(update(Item).values(note="later"))

    with kit.active(), transaction() as tx:
        assert tx.execute(select(Item)).all() == []


def test_a_mechanisms_own_statement_is_told_as_unavailable(kit, read_only):
    read_only(is_read_only=True)

    with kit.active(), pytest.raises(Unavailable), transaction() as tx:
        publish(tx, EVENT)


def test_an_event_stays_with_the_bus(kit, read_only):
    envelope = Envelope.around(EVENT, id=new_id(), time=clock.now())
    read_only(is_read_only=True)

    with pytest.raises(Unavailable):
        kit.work.inbox.receive(envelope)

    read_only(is_read_only=False)
    assert kit.set_aside() == []
    kit.work.inbox.receive(envelope)


def test_the_relay_waits_as_for_a_server_that_is_away(kit, read_only):
    with kit.active(), transaction() as tx:
        publish(tx, EVENT)
    read_only(is_read_only=True)
    bus = LocalBus(unheard=frozenset({ItemAdded.TYPE}))
    bus.start()
    relay = Relay(kit.runtime, bus)
    waits = []

    def wait(_: float) -> None:
        waits.append(1)
        if len(waits) == 2:
            relay.stop()

    relay._stop.wait = wait
    relay.run()
    bus.stop()

    assert len(waits) == 2
