"""An owner tells its things again: page by page, resumable, with events of their own."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from otsp_chassis import clock, metrics
from otsp_chassis.context import is_republished
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_chassis.republish import By, Wanted, republish
from otsp_chassis.tables import audit_entry
from otsp_testkit.sample.app import service
from otsp_testkit.sample.commands import ItemAdded
from otsp_testkit.sample.model import Item

BY = By("keeper", "copies were lost")
[SOURCE] = service.republish_sources()


@pytest.fixture
def items(kit):
    """Five, in the order of their ids."""
    ids = [new_id() for _ in range(5)]
    with kit.active(), transaction() as tx:
        tx.add_all(
            Item(
                item_id=item_id, institution_id=new_id(), name=f"物品{item_id}", kind="small",
                amount_fen=0, opened_on=clock.today(),
            )
            for item_id in ids
        )  # fmt: skip
    return ids


def tell(kit, **wanted):
    return list(republish(kit.runtime, SOURCE, wanted=Wanted(**{"page": 2, **wanted}), by=BY))


def told(kit):
    return [envelope.subject for envelope in kit.published(ItemAdded)]


def test_everything_is_told_once_in_order(kit, items):
    progress = tell(kit)

    assert told(kit) == [str(item_id) for item_id in items]
    assert [each.seen for each in progress] == [0, 2, 4, 5]
    assert {each.total for each in progress} == {5}
    assert (progress[-1].told, progress[-1].last) == (5, items[-1])


def test_events_are_new_ones_and_say_what_brought_them_about(kit, items):
    tell(kit)
    tell(kit)

    envelopes = kit.published()
    assert len({envelope.id for envelope in envelopes}) == 10
    assert len({envelope.correlationid for envelope in envelopes}) == 2
    assert all(is_republished(envelope.correlationid) for envelope in envelopes)


def test_a_run_that_was_broken_off_goes_on_behind_its_cursor(kit, items):
    run = republish(kit.runtime, SOURCE, wanted=Wanted(page=2), by=BY)
    next(run)
    cursor = next(run).last
    run.close()

    progress = tell(kit, after=cursor)

    assert told(kit) == [str(item_id) for item_id in items]
    assert progress[-1].total == 3


def test_only_what_changed_since_is_told(kit, items):
    moment = clock.now()
    with kit.active(), transaction() as tx:
        tx.execute(update(Item).where(Item.item_id == items[3]).values(updated_at=moment))
        tx.execute(
            update(Item)
            .where(Item.item_id != items[3])
            .values(updated_at=moment - timedelta(seconds=1))
        )

    tell(kit, since=moment)

    assert told(kit) == [str(items[3])]


def test_a_dry_run_counts_and_leaves_nothing_behind(kit, items):
    progress = tell(kit, is_dry=True)

    assert progress[-1].told == 5
    assert kit.published() == []
    assert entries(kit) == []


def test_each_page_is_a_transaction_with_its_entry_in_the_audit_trail(kit, items):
    tell(kit)

    assert entries(kit) == [
        ("operator:keeper", f"{items[0]}..{items[1]}", "copies were lost"),
        ("operator:keeper", f"{items[2]}..{items[3]}", "copies were lost"),
        ("operator:keeper", f"{items[4]}..{items[4]}", "copies were lost"),
    ]


def test_a_page_that_fails_is_not_told_at_all(kit, items, monkeypatch):
    def fail_at_the_fourth(payload):
        if payload.item_id == items[3]:
            raise RuntimeError
        return str(payload.item_id)

    monkeypatch.setattr(ItemAdded, "subject", fail_at_the_fourth)
    with pytest.raises(RuntimeError):
        tell(kit)

    assert told(kit) == [str(item_id) for item_id in items[:2]]
    assert len(entries(kit)) == 1


def test_readers_count_what_was_told_again(kit, items):
    tell(kit)
    counted = metrics.REPUBLISHED.labels("sample", ItemAdded.TYPE)
    before = counted._value.get()
    for envelope in kit.published():
        kit.work.inbox.receive(envelope)
        kit.work.inbox.receive(envelope)
    kit.deliver(ItemAdded(item_id=items[0], institution_id=new_id()))

    assert counted._value.get() == before + 5


def test_nothing_to_tell_is_told_at_once(kit):
    [only] = tell(kit)

    assert (only.total, only.told, only.last) == (0, 0, None)


def entries(kit):
    row = audit_entry.c
    query = select(row.role, row.object_id, row.reason).order_by(row.sequence)
    with kit.runtime.database.autocommit.connect() as reader:
        found = reader.execute(query.where(row.action == "messages.republished")).all()
        assert reader.scalar(select(func.count()).select_from(audit_entry)) == len(found)
    return found
