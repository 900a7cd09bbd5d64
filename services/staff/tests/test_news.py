"""What others keep of a person is told when it says something else: ids and codes only."""

import pytest

from otsp_contracts.staff import PersonChanged


def news(kit):
    return [PersonChanged.model_validate(each.data) for each in kit.published(PersonChanged)]


@pytest.fixture
def person(owner, register):
    return register(owner, staff_type="teaching")


@pytest.fixture
def place(owner, person):
    base = f"/api/staff/v1/institutions/{owner.principal.institution_id}"
    return f"{base}/staff/{person['staff_id']}"


def test_a_new_person_is_told_without_personal_data(kit, owner, person):
    [told] = kit.published(PersonChanged)

    assert told.data == {
        "staff_id": person["staff_id"],
        "institution_id": str(owner.principal.institution_id),
        "version": 1,
        "status": "employed",
        "staff_type": "teaching",
        "removed": False,
    }


def test_another_name_is_no_news_and_another_type_is(kit, owner, person, place):
    own = {"name": "周乙", "staff_type": "teaching"}

    owner.put(place, own, if_match=1)
    assert len(news(kit)) == 1

    owner.put(place, own | {"staff_type": "assistant"}, if_match=2)
    assert [(each.version, each.staff_type) for each in news(kit)[1:]] == [(3, "assistant")]


def test_a_departure_is_told(kit, owner, person, place):
    left = owner.post(f"{place}/departure", {"departed_on": "2024-09-30", "reason": "resigned"})
    assert left.status == 200, left.json

    assert [each.status for each in news(kit)] == ["employed", "departed"]


def test_a_deleted_person_is_told_as_removed(kit, owner, person, place):
    owner.delete(place, if_match=1)

    told = news(kit)[-1]

    assert (told.removed, told.version > 1) == (True, True)
