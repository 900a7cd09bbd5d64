"""The national blacklist, and full-time posts elsewhere: told as flags, never with a place."""

import pytest

from otsp_chassis.ids import new_id

ENTRIES = "/api/staff/v1/blacklist-entries"
NUMBER = "330199198506079917"
OTHER_NUMBER = "330199199001019921"
ENTRY = {
    "id_type": "cnid",
    "id_no": NUMBER,
    "name": "周甲",
    "reason": "improper_gains",
    "decided_on": "2024-06-30",
    "basis_doc": "示例教监〔2024〕1号",
}
REVOCATION = {"revoked_on": "2024-07-01", "reason": "经复核不成立"}


@pytest.fixture
def authority(kit):
    return kit.as_authority("region_admin", region="330106")


def flags(client, person):
    answered = client.get(person["url"]).json
    return answered["blacklisted"], answered["other_full_time"]


def test_an_entry_is_answered_masked(authority):
    created = authority.post(ENTRIES, ENTRY)

    assert created.status == 201
    assert created.json["id_masked"] == "330***********9917"
    assert created.json["name_masked"] == "周*"
    assert created.json["region_code"] == "330106"
    assert NUMBER.encode() not in created.content


def test_present_and_future_staff_everywhere_are_flagged(kit, owner, authority, register):
    present = register(owner)
    version = owner.get(present["url"]).version

    authority.post(ENTRIES, ENTRY)

    far_away = kit.as_institution(new_id())
    future = register(far_away, employment="part_time")
    stranger = register(owner, id_no=OTHER_NUMBER)
    assert flags(owner, present) == (True, False)
    assert flags(far_away, future)[0] is True
    assert flags(owner, stranger)[0] is False
    assert owner.get(present["url"]).version == version


def test_a_passport_is_matched_in_any_spelling(owner, authority, register):
    person = register(owner, nationality="US", id_type="passport", id_no="x000 0001")

    authority.post(ENTRIES, ENTRY | {"id_type": "passport", "id_no": "Ｘ0000001"})

    assert flags(owner, person)[0] is True


def test_nothing_tells_the_institution_who_decided_or_why(owner, authority, register):
    person = register(owner)
    authority.post(ENTRIES, ENTRY)

    answered = owner.get(person["url"])

    assert ENTRY["reason"].encode() not in answered.content
    assert str(authority.principal.authority.authority_id).encode() not in answered.content


def test_one_person_has_one_standing_entry(authority):
    authority.post(ENTRIES, ENTRY)

    refused = authority.post(ENTRIES, ENTRY | {"reason": "cult"})

    assert (refused.status, refused.problem) == (409, "blacklist-entry-exists")


def test_an_unsound_number_and_an_unknown_reason_are_refused(authority):
    refused = authority.post(ENTRIES, ENTRY | {"id_no": NUMBER[:-1] + "1", "reason": "rude"})

    assert (refused.status, refused.pointers) == (422, {"/id_no", "/reason"})


def test_a_revoked_entry_flags_nobody_and_may_be_followed_by_another(owner, authority, register):
    person = register(owner)
    entry = authority.post(ENTRIES, ENTRY).json
    place = f"{ENTRIES}/{entry['entry_id']}/revocation"

    revoked = authority.post(place, REVOCATION)

    assert (revoked.status, revoked.json["revoked_on"]) == (200, "2024-07-01")
    assert flags(owner, person)[0] is False
    assert authority.post(place, REVOCATION).problem == "blacklist-entry-revoked"
    assert authority.post(ENTRIES, ENTRY).status == 201


def test_only_its_own_jurisdiction_revokes_and_lists_an_entry(kit, authority):
    entry = authority.post(ENTRIES, ENTRY).json
    elsewhere = kit.as_authority("region_admin", region="110108")
    province = kit.as_authority("region_admin", region="330000", level="province")

    refused = elsewhere.post(f"{ENTRIES}/{entry['entry_id']}/revocation", REVOCATION)

    assert (refused.status, refused.problem) == (403, "outside-jurisdiction")
    assert elsewhere.get(ENTRIES).json["items"] == []
    assert [each["entry_id"] for each in province.get(ENTRIES).json["items"]] == [entry["entry_id"]]
    unknown = authority.post(f"{ENTRIES}/{new_id()}/revocation", REVOCATION)
    assert unknown.problem == "not-found"


def test_entries_are_paged(authority):
    authority.post(ENTRIES, ENTRY)
    authority.post(ENTRIES, ENTRY | {"id_no": OTHER_NUMBER})

    first = authority.get(ENTRIES, query={"limit": 1}).json
    second = authority.get(ENTRIES, query={"limit": 1, "cursor": first["next"]}).json

    assert len({each["entry_id"] for each in first["items"] + second["items"]}) == 2
    assert second["next"] is None


@pytest.mark.parametrize("role", ["reviewer", "national_admin", "auditor", "operator"])
def test_no_other_authority_role_keeps_the_list(kit, role):
    caller = kit.as_authority(role)

    assert caller.get(ENTRIES).problem == "forbidden"
    assert caller.post(ENTRIES, ENTRY).problem == "forbidden"


def test_no_institution_keeps_the_list(owner):
    assert owner.post(ENTRIES, ENTRY).problem == "forbidden"


def test_a_full_time_post_elsewhere_is_flagged_on_both_sides(kit, owner, register):
    other = kit.as_institution(new_id())
    here = register(owner, employment="part_time")
    there = register(other)

    assert flags(owner, here)[1] is True
    assert flags(other, there)[1] is False
    assert str(other.principal.institution_id).encode() not in owner.get(here["url"]).content


def test_a_post_that_ended_or_is_part_time_flags_nobody(kit, owner, register):
    person = register(owner)
    other = kit.as_institution(new_id())
    register(other, employment="part_time")
    register(other, existing=True, status="departed", departed_on="2023-01-01")
    deleted = register(other)
    other.delete(deleted["url"], if_match=1)

    assert flags(owner, person)[1] is False


def test_the_same_person_twice_at_one_institution_is_not_elsewhere(owner, register):
    person = register(owner)
    register(owner)

    assert flags(owner, person)[1] is False
