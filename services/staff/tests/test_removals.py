"""A person deleted by mistake is restored within the day, with everything that was known."""

from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_chassis.locks import set_lock
from otsp_contracts.staff import PersonChanged

NUMBER = "330199198506079917"


@pytest.fixture(autouse=True)
def noon():  # in Shanghai, so that no test runs over midnight
    with clock.frozen(clock.now().replace(hour=4, minute=0)):
        yield


@pytest.fixture
def place(owner):
    return f"/api/staff/v1/institutions/{owner.principal.institution_id}"


@pytest.fixture
def removed(owner, register):
    person = register(owner)
    assert owner.delete(person["url"], if_match=1).status == 204
    return person


def test_person_deleted_today_stands_again_with_the_number_too(owner, removed):
    restored = owner.post(f"{removed['url']}/restoration")

    assert (restored.status, restored.version) == (200, 3)
    before = {name: value for name, value in removed.items() if name != "url"}
    assert restored.json == before | {"version": 3}
    revealed = owner.post(f"{removed['url']}/reveals", {"fields": ["id_no"]})
    assert revealed.json["values"] == {"id_no": NUMBER}


def test_deletions_of_today_are_listed_with_the_place_to_restore_them_at(owner, place, removed):
    [told] = owner.get(f"{place}/removals").json["items"]

    assert (told["part"], told["name"]) == ("staff", "周甲")
    assert f"{place}/{told['place']}" == removed["url"]
    owner.post(f"{removed['url']}/restoration")
    assert owner.get(f"{place}/removals").json["items"] == []


def test_too_late_too_early_and_never(owner, place, removed, register):
    standing = register(owner, name="周乙", id_no=None)

    with clock.frozen(clock.now() + timedelta(days=1)):
        late = owner.post(f"{removed['url']}/restoration")
    early = owner.post(f"{standing['url']}/restoration")

    assert (late.status, late.problem) == (410, "restoration-over")
    assert (early.status, early.problem) == (409, "not-removed")
    assert early.json["current"]["name"] == "周乙"
    assert owner.post(f"{place}/staff/{new_id()}/restoration").problem == "not-found"


def test_under_review_nobody_is_restored(kit, owner, removed):
    institution_id = owner.principal.institution_id
    with kit.active(), transaction() as tx:
        set_lock(tx, institution_id=institution_id, application_id=new_id(), scopes=["staff"])

    assert owner.post(f"{removed['url']}/restoration").problem == "locked"


def test_restoration_is_the_institutions_own(kit, owner, place, removed):
    stranger = kit.as_institution(new_id())
    url = removed["url"]
    theirs = url.replace(
        str(owner.principal.institution_id), str(stranger.principal.institution_id)
    )

    assert stranger.post(f"{url}/restoration").problem == "other-institution"
    assert stranger.post(f"{theirs}/restoration").problem == "not-found"
    assert kit.as_authority("reviewer").post(f"{url}/restoration").problem == "forbidden"
    assert stranger.get(f"{place}/removals").problem == "other-institution"


def test_history_and_others_hear_of_deletion_and_restoration(kit, owner, place, removed):
    owner.post(f"{removed['url']}/restoration")

    changes = owner.get(f"{place}/history").json["items"]
    news = [each.data["removed"] for each in kit.published(PersonChanged)]

    assert [each["kind"] for each in changes] == ["added", "removed", "added"]
    assert news == [False, True, False]


def test_clerk_who_saves_a_person_too_late_sees_the_other_version_masked(owner, register):
    person = register(owner)
    body = {"name": "周甲", "id_type": "cnid", "id_no": NUMBER, "mobile": "13911112222"}
    owner.put(person["url"], body | {"major": "数学"}, if_match=1)

    late = owner.put(person["url"], body | {"major": "物理"}, if_match=1)

    assert (late.status, late.json["current_version"]) == (412, 2)
    major = {"pointer": "/major", "label_zh": "专业", "yours": "物理", "current": "数学"}
    assert late.json["differences"] == [major]
    assert late.json["current"]["mobile_masked"] == "139****2222"
    for secret in (NUMBER, "13911112222"):
        assert secret.encode() not in late.content
