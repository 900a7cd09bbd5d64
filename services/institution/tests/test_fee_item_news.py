"""What others keep of a fee item is told when it says something else, and only then."""

import pytest

from otsp_contracts.institution import FeeItemChanged

ITEM = {"name": "秋季班", "charge_mode": "lesson", "publicized": False, "amount_fen": 192_000}


@pytest.fixture
def item(own, place):
    return own.post(f"{place}/funds/fee-items", ITEM).headers["Location"]


def news(kit):
    return [FeeItemChanged.model_validate(each.data) for each in kit.published(FeeItemChanged)]


def test_a_new_fee_item_is_told(kit, own, item):
    [told] = news(kit)

    assert str(told.fee_item_id) == item.rpartition("/")[2]
    assert told.institution_id == own.principal.institution_id
    assert (told.version, told.name, told.charge_mode) == (1, "秋季班", "lesson")
    assert (told.publicized, told.removed) == (False, False)


@pytest.mark.parametrize(
    "change", [{"publicized": True}, {"name": "冬季班"}, {"charge_mode": None}]
)
def test_what_readers_keep_is_told_again_when_it_changes(kit, own, item, change):
    own.put(item, ITEM | change, if_match=1)

    _, told = news(kit)

    assert told.version == 2
    [name] = change
    assert getattr(told, name) == change[name]


def test_another_amount_is_no_news(kit, own, item):
    own.put(item, ITEM | {"amount_fen": 1}, if_match=1)

    assert len(news(kit)) == 1


def test_a_removed_fee_item_is_told_as_removed(kit, own, item):
    own.delete(item, if_match=1)

    _, told = news(kit)

    assert (told.version, told.removed) == (2, True)


def test_other_parts_are_no_fee_items(kit, own, place):
    own.post(f"{place}/other-docs", {"doc_type": "charter", "title": "章程"})

    assert news(kit) == []
