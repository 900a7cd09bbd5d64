"""The blacklist finds somebody who works: told once, with the day by which the person must go."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from otsp_chassis import clock
from otsp_contracts.staff import BlacklistMatched

FRIDAY = datetime(2024, 10, 18, 4, tzinfo=UTC)
WEDNESDAY = "2024-10-23"
NUMBER = "330199198506079917"
ENTRY = {
    "id_type": "cnid",
    "id_no": NUMBER,
    "name": "周甲",
    "reason": "improper_gains",
    "decided_on": "2024-10-15",
    "basis_doc": "示例教监〔2024〕1号",
}


@pytest.fixture(autouse=True)
def _friday():
    with clock.frozen(FRIDAY):
        yield


@pytest.fixture
def enlist(kit):
    """Puts the person on the list; how to revoke it comes back."""

    def _enlist():
        authority = kit.as_authority("region_admin")
        entry = authority.post("/api/staff/v1/blacklist-entries", ENTRY)
        assert entry.status == 201, entry.content
        place = f"/api/staff/v1/blacklist-entries/{entry.json['entry_id']}/revocation"
        body = {"revoked_on": "2024-10-18", "reason": "经复核，原认定不成立"}
        return entry.json["entry_id"], lambda: authority.post(place, body)

    return _enlist


def told(kit):
    return [each.payload() for each in kit.published(BlacklistMatched)]


def test_an_entry_tells_of_who_is_employed_with_the_third_working_day(kit, owner, register, enlist):
    person = register(owner)

    entry_id, _ = enlist()

    [match] = told(kit)
    assert (str(match.staff_id), str(match.entry_id)) == (person["staff_id"], entry_id)
    assert match.institution_id == owner.principal.institution_id
    assert (match.matched_on, match.depart_by) == (date(2024, 10, 18), date(2024, 10, 23))
    assert owner.get(person["url"]).json["depart_by"] == WEDNESDAY
    assert match.model_dump().keys() == {
        "staff_id", "institution_id", "entry_id", "matched_on", "depart_by",
    }  # fmt: skip


def test_who_is_registered_afterwards_is_told_of_at_once(kit, owner, register, enlist):
    enlist()

    person = register(owner)

    assert person["depart_by"] == WEDNESDAY
    assert [str(each.staff_id) for each in told(kit)] == [person["staff_id"]]


def test_a_match_is_told_once_whatever_is_written_afterwards(kit, owner, register, enlist):
    person = register(owner)
    enlist()
    owner.put(person["url"], {"name": "周甲"}, if_match=1)
    kit.run_job("match_blacklist")

    assert len(told(kit)) == 1


def test_who_has_left_is_not_told_of_and_is_when_coming_back(kit, owner, register, enlist):
    person = register(owner)
    owner.post(f"{person['url']}/departure", {"departed_on": "2024-01-31", "reason": "other"})
    enlist()
    assert told(kit) == []

    terms = {"hired_on": "2024-10-01", "contract_signed": True, "precheck_clear": True}
    owner.post(f"{person['url']}/reinstatement", terms | {"precheck_on": "2024-09-20"})

    assert len(told(kit)) == 1


def test_who_departs_or_is_cleared_has_no_day_any_more(owner, register, enlist):
    person = register(owner)
    _, revoke = enlist()
    departure = {"departed_on": "2024-10-18", "reason": "prohibited"}

    revoke()
    assert owner.get(person["url"]).json["depart_by"] is None
    enlist()
    assert owner.get(person["url"]).json["depart_by"] == WEDNESDAY
    assert owner.post(f"{person['url']}/departure", departure).json["depart_by"] is None


def test_a_revoked_entry_matches_nobody_who_comes_later(kit, owner, register, enlist):
    _, revoke = enlist()
    revoke()

    person = register(owner)
    kit.run_job("match_blacklist")

    assert person["depart_by"] is None
    assert told(kit) == []


def test_what_was_written_at_one_moment_is_found_by_the_job(kit, owner, register, enlist):
    register(owner)
    enlist()
    with kit.runtime.database.engine.begin() as writer:
        writer.execute(text("DELETE FROM blacklist_match"))

    kit.run_job("match_blacklist")

    assert len(told(kit)) == 2
