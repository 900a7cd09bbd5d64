"""What was removed may be restored until its business day ends in Shanghai, and no longer."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.history.reading import History
from otsp_chassis.history.recording import Subject, record
from otsp_chassis.ids import new_id
from otsp_chassis.removals import NotRemoved, Removable, Removals, RestorationOver
from otsp_chassis.removals import require_restorable as require
from otsp_testkit.sample.model import Item

ITEM = {"name": "一号", "kind": "small", "amount_fen": 100, "opened_on": "2024-10-15"}
EVENING = datetime(2024, 10, 15, 15, 59, 59, tzinfo=UTC)
"""One second to midnight in Shanghai."""


@pytest.fixture
def shifted():
    yield clock.set_offset
    clock.set_offset(0)


def test_removed_in_the_evening_is_restorable_until_midnight_in_shanghai():
    with clock.frozen(EVENING):
        require(EVENING - timedelta(hours=20))
        require(EVENING)
    with clock.frozen(EVENING + timedelta(seconds=1)), pytest.raises(RestorationOver):
        require(EVENING)


def test_removed_after_midnight_is_restorable_the_whole_day():
    midnight = EVENING + timedelta(seconds=1)

    with clock.frozen(midnight + timedelta(hours=23, minutes=59)):
        require(midnight)
    with clock.frozen(midnight + timedelta(hours=24)), pytest.raises(RestorationOver):
        require(midnight)


def test_shifted_business_clock_has_the_same_hours(shifted):
    shifted(-400)

    with clock.frozen(EVENING):
        require(EVENING - timedelta(hours=20))
    with clock.frozen(EVENING + timedelta(seconds=1)), pytest.raises(RestorationOver):
        require(EVENING)


def test_what_stands_cannot_be_restored():
    with pytest.raises(NotRemoved):
        require(None)


@pytest.fixture
def removals():  # `checked_at` of the sample's items stands in for their removal
    kind = Removable(
        Item.__table__, "item_id", name="name", place="items/{object_id}", removed_at="checked_at"
    )
    return Removals({"item": kind}, {"item": ("物品", {})})


@pytest.fixture
def removed(kit):  # items of a new institution, removed at these moments, in this order
    def remove(*moments):
        own = kit.as_institution(new_id())
        with kit.active(), transaction() as tx:
            for number, moment in enumerate(moments):
                tx.add(
                    Item(
                        item_id=new_id(),
                        institution_id=own.principal.institution_id,
                        name=f"{number}号",
                        kind="small",
                        amount_fen=1,
                        opened_on=clock.today(),
                    )
                )
                tx.flush()
                tx.execute(update(Item).where(Item.name == f"{number}号").values(checked_at=moment))
        return own.principal

    return remove


def told(kit, removals, principal, **page):
    with kit.active():
        return removals.list_removals(str(principal.institution_id), principal, **page)


def test_list_tells_todays_removals_the_newest_first(kit, removals, removed):
    yesterday = EVENING - timedelta(days=1)
    principal = removed(yesterday, EVENING - timedelta(hours=2), None, EVENING)

    with clock.frozen(EVENING):
        page = told(kit, removals, principal, limit=9)

    assert [each.name for each in page.items] == ["3号", "1号"]
    newest = page.items[0]
    assert (newest.part, newest.part_zh, newest.removed_at) == ("item", "物品", EVENING)
    assert newest.place == f"items/{newest.object_id}"


def test_list_tells_nothing_of_others(kit, removals, removed):
    removed(EVENING)
    principal = removed()

    with clock.frozen(EVENING):
        assert told(kit, removals, principal, limit=9).items == []


def test_list_continues_where_it_ended_though_two_were_removed_at_once(kit, removals, removed):
    principal = removed(EVENING, EVENING, EVENING - timedelta(hours=1))

    with clock.frozen(EVENING):
        first = told(kit, removals, principal, limit=1)
        second = told(kit, removals, principal, limit=1, cursor=first.next)
        third = told(kit, removals, principal, limit=1, cursor=second.next)

    assert {first.items[0].name, second.items[0].name} == {"0号", "1号"}
    assert ([each.name for each in third.items], third.next) == (["2号"], None)


def test_what_was_removed_and_restored_is_no_difference(kit):
    institution_id, item = new_id(), new_id()
    states = [({"a": 1}, None), (None, {"a": 1}), ({"a": 1}, {"a": 2})]
    with kit.active(), transaction() as tx:
        for version, (before, after) in enumerate(states, 2):
            record(
                tx,
                Subject(institution_id, "item", item),
                version=version,
                before=before,
                after=after,
            )
        untouched = Subject(institution_id, "item", new_id())
        record(tx, untouched, version=2, before={"a": 1}, after=None)
        record(tx, untouched, version=3, before=None, after={"a": 1})

    moments = {"from": "2000-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z"}
    with kit.runtime.database.autocommit.connect() as reader:
        found = History({"item": ("物品", {})}).list_differences(reader, [], moments)

    assert [(each.object_id, each.kind) for each in found] == [(item, "changed")]
    assert [(each.before, each.after) for each in found[0].fields] == [(1, 2)]
