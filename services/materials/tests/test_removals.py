"""A material removed by mistake is restored within the day, under the guards of an addition."""

from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_chassis.locks import set_lock
from otsp_contracts.materials import MaterialChanged


@pytest.fixture(autouse=True)
def noon():  # in Shanghai, so that no test runs over midnight
    with clock.frozen(clock.now().replace(hour=4, minute=0)):
        yield


@pytest.fixture
def place(owner):
    return f"/api/materials/v1/institutions/{owner.principal.institution_id}"


@pytest.fixture
def removed(owner, enter):
    def remove(**fields):
        material = enter(owner, **fields)
        assert owner.delete(material["url"], if_match=material["version"]).status == 204
        return material

    return remove


@pytest.fixture
def review(kit, owner):  # begins
    def begin():
        institution_id = owner.principal.institution_id
        with kit.active(), transaction() as tx:
            set_lock(
                tx,
                institution_id=institution_id,
                application_id=new_id(),
                scopes=["materials"],
            )

    return begin


def test_material_removed_today_stands_again_as_it_was(owner, removed):
    material = removed(authors=[{"name": "周示例"}])

    restored = owner.post(f"{material['url']}/restoration")

    assert (restored.status, restored.version) == (200, 3)
    before = {name: value for name, value in material.items() if name != "url"}
    assert restored.json == before | {"version": 3}
    assert owner.get(material["url"]).json == restored.json


def test_removals_of_today_are_listed_with_the_place_to_restore_them_at(owner, place, removed):
    material = removed()

    [told] = owner.get(f"{place}/removals").json["items"]

    assert (told["part"], told["name"]) == ("material", "初中数学讲义")
    assert f"{place}/{told['place']}" == material["url"]
    owner.post(f"{material['url']}/restoration")
    assert owner.get(f"{place}/removals").json["items"] == []


def test_too_late_too_early_and_never(owner, place, removed, enter):
    material, standing = removed(), enter(owner, title="在用")

    with clock.frozen(clock.now() + timedelta(days=1)):
        late = owner.post(f"{material['url']}/restoration")
    early = owner.post(f"{standing['url']}/restoration")

    assert (late.status, late.problem) == (410, "restoration-over")
    assert (early.status, early.problem) == (409, "not-removed")
    assert early.json["current"]["title"] == "在用"
    assert owner.post(f"{place}/materials/{new_id()}/restoration").problem == "not-found"


def test_version_is_not_restored_beside_one_that_took_its_place(owner, removed, enter):
    material = removed()
    successor = enter(owner)

    refused = owner.post(f"{material['url']}/restoration")

    assert (refused.status, refused.problem) == (409, "material-version-exists")
    assert refused.json["conflicting"] == owner.get(successor["url"]).json
    assert owner.get(material["url"]).problem == "not-found"


def test_duplicate_is_told_what_it_duplicates(owner, place, enter):
    held, other = enter(owner), enter(owner, title="另一本")
    body = {"title": "初中数学讲义", "category": "subject", "form": "basic"}

    added = owner.post(f"{place}/materials", body)
    renamed = owner.put(other["url"], body, if_match=1)

    for refused in (added, renamed):
        assert (refused.status, refused.problem) == (409, "material-version-exists")
        assert refused.json["conflicting"] == owner.get(held["url"]).json
    assert renamed.json["current"]["title"] == "另一本"


def test_under_review_a_draft_is_restored_and_nothing_else(owner, removed, review):
    draft = removed()
    archived = removed(title="旧讲义", existing=True, status="archived", used_until="2024-01-31")
    review()

    assert owner.post(f"{draft['url']}/restoration").status == 200
    assert owner.post(f"{archived['url']}/restoration").problem == "locked"


def test_restoration_is_the_institutions_own(kit, owner, place, removed):
    url = removed()["url"]
    stranger = kit.as_institution(new_id())
    theirs = url.replace(
        str(owner.principal.institution_id), str(stranger.principal.institution_id)
    )

    assert stranger.post(f"{url}/restoration").problem == "other-institution"
    assert stranger.post(f"{theirs}/restoration").problem == "not-found"
    assert kit.as_authority("reviewer").post(f"{url}/restoration").problem == "forbidden"
    assert stranger.get(f"{place}/removals").problem == "other-institution"


def test_history_and_others_hear_of_removal_and_restoration(kit, owner, place, removed):
    owner.post(f"{removed()['url']}/restoration")

    changes = owner.get(f"{place}/history").json["items"]
    news = [each.data["removed"] for each in kit.published(MaterialChanged)]

    assert [each["kind"] for each in changes] == ["added", "removed", "added"]
    assert news == [False, True, False]


def test_clerk_who_saves_a_material_too_late_sees_what_the_other_entered(owner, enter):
    material = enter(owner)
    body = {"title": "初中数学讲义", "category": "subject", "form": "basic"}
    owner.put(material["url"], body | {"edition": "第二版"}, if_match=1)

    late = owner.put(material["url"], body | {"edition": "修订版"}, if_match=1)

    assert (late.status, late.json["current_version"]) == (412, 2)
    assert late.json["differences"] == [
        {"pointer": "/edition", "label_zh": "版本说明", "yours": "修订版", "current": "第二版"},
        {"pointer": "/version_no", "label_zh": "材料版次", "yours": None, "current": 1},
    ]
