"""What was removed by mistake is restored within the day, under the guards of an addition."""

from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_chassis.locks import set_lock
from otsp_contracts.institution import FeeItemChanged

CERTIFICATE = {"is_primary": True, "cert_type": "pne_cert", "cert_no": "示例民证字第1号"}
ITEMS = {
    "certificates": ("certificate", CERTIFICATE, "示例民证字第1号"),
    "other-docs": ("other_doc", {"doc_type": "charter", "title": "章程"}, "章程"),
    "audit-reports": ("audit_report", {"year": 2023}, "2023"),
    "funds/fee-items": ("fee_item", {"name": "秋季班", "publicized": True}, "秋季班"),
}
each_item = pytest.mark.parametrize("suffix", ITEMS)


@pytest.fixture(autouse=True)
def noon():  # in Shanghai, so that no test runs over midnight
    with clock.frozen(clock.now().replace(hour=4, minute=0)):
        yield


@pytest.fixture
def removed(own, place):  # enters an item of the kind and removes it; tells where it stood
    def remove(suffix):
        location = own.post(f"{place}/{suffix}", ITEMS[suffix][1]).headers["Location"]
        assert own.delete(location, if_match=1).status == 204
        return location

    return remove


@each_item
def test_item_removed_today_stands_again_as_it_was(own, removed, suffix):
    location = removed(suffix)

    restored = own.post(f"{location}/restoration")

    assert (restored.status, restored.version) == (200, 3)
    assert ITEMS[suffix][1].items() <= restored.json.items()
    assert own.get(location).json == restored.json


@each_item
def test_removals_of_today_are_listed_with_the_place_to_restore_them_at(
    own, place, removed, suffix
):
    part, _, name = ITEMS[suffix]
    location = removed(suffix)

    [told] = own.get(f"{place}/removals").json["items"]

    assert (told["part"], told["name"]) == (part, name)
    assert f"{place}/{told['place']}" == location
    own.post(f"{location}/restoration")
    assert own.get(f"{place}/removals").json["items"] == []


@each_item
def test_on_the_next_day_it_is_too_late(own, place, removed, suffix):
    location = removed(suffix)

    with clock.frozen(clock.now() + timedelta(days=1)):
        late = own.post(f"{location}/restoration")

        assert (late.status, late.problem) == (410, "restoration-over")
        assert "当天" in late.json["detail"]
        assert own.get(f"{place}/removals").json["items"] == []


@each_item
def test_what_stands_is_not_restored_and_what_never_was_is_not_found(own, place, removed, suffix):
    location = removed(suffix)
    own.post(f"{location}/restoration")

    again = own.post(f"{location}/restoration")

    assert (again.status, again.problem) == (409, "not-removed")
    assert again.json["current"] == own.get(location).json
    assert own.post(f"{place}/{suffix}/{new_id()}/restoration").problem == "not-found"


def test_same_restoration_sent_twice_has_one_effect(own, removed):
    location = removed("certificates")

    answers = [own.post(f"{location}/restoration", key="restore-1") for _ in range(2)]

    assert answers[0].content == answers[1].content
    assert own.get(location).version == 3


def test_primary_certificate_is_not_restored_beside_another(own, place, removed):
    location = removed("certificates")
    rival = own.post(f"{place}/certificates", CERTIFICATE)

    refused = own.post(f"{location}/restoration")

    assert (refused.status, refused.problem) == (409, "institution-primary-certificate-exists")
    assert refused.json["conflicting"] == rival.json
    assert own.get(location).problem == "not-found"


def test_audit_report_is_not_restored_beside_another_of_the_year(own, place, removed):
    location = removed("audit-reports")
    rival = own.post(f"{place}/audit-reports", {"year": 2023})

    refused = own.post(f"{location}/restoration")

    assert (refused.status, refused.problem) == (409, "institution-audit-report-exists")
    assert refused.json["conflicting"] == rival.json


def test_duplicate_is_told_what_it_duplicates(own, place):
    primary = own.post(f"{place}/certificates", CERTIFICATE)
    other = own.post(f"{place}/certificates", CERTIFICATE | {"is_primary": False})

    added = own.post(f"{place}/certificates", CERTIFICATE)
    marked = own.put(other.headers["Location"], CERTIFICATE, if_match=1)

    for refused in (added, marked):
        assert refused.problem == "institution-primary-certificate-exists"
        assert refused.json["conflicting"] == primary.json
    assert marked.json["current"] == other.json


def test_what_differs_is_no_duplicate(own, place):
    own.post(f"{place}/audit-reports", {"year": 2022})
    own.post(f"{place}/certificates", CERTIFICATE | {"is_primary": False})

    report = own.post(f"{place}/audit-reports", {"year": 2023})
    primary = own.post(f"{place}/certificates", CERTIFICATE)

    assert (report.status, primary.status) == (201, 201)


@each_item
def test_under_review_nothing_is_restored(kit, own, institution_id, removed, suffix):
    location = removed(suffix)
    with kit.active(), transaction() as tx:
        set_lock(
            tx,
            institution_id=institution_id,
            application_id=new_id(),
            scopes=["institution", "funds"],
        )

    assert own.post(f"{location}/restoration").problem == "locked"


@each_item
def test_restoration_is_the_institutions_own(kit, place, removed, suffix):
    location = removed(suffix)
    stranger = kit.as_institution(new_id())
    theirs = location.replace(place, place[:-36] + str(stranger.principal.institution_id))

    assert stranger.post(f"{location}/restoration").problem == "other-institution"
    assert stranger.post(f"{theirs}/restoration").problem == "not-found"
    assert stranger.get(f"{place}/removals").problem == "other-institution"
    assert kit.as_authority("reviewer").post(f"{location}/restoration").problem == "forbidden"
    assert kit.as_authority("reviewer").get(f"{place}/removals").problem == "other-institution"


def test_history_tells_removal_and_restoration_and_the_day_an_addition(own, place, removed):
    location = removed("funds/fee-items")
    own.post(f"{location}/restoration")

    changes = own.get(f"{place}/history").json["items"]
    day = {"from": "2000-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z"}
    [told] = own.get(f"{place}/history/differences", query=day).json["items"]

    assert [each["kind"] for each in changes] == ["added", "removed", "added"]
    assert changes[0]["operation"] == "otsp_institution.api.removals.restore_fee_item"
    assert told["kind"] == "added"


def test_others_hear_that_a_fee_item_stands_again(kit, removed, own):
    own.post(f"{removed('funds/fee-items')}/restoration")

    news = [each.data["removed"] for each in kit.published(FeeItemChanged)]
    assert news == [False, True, False]
