"""Cover of a reviewer on leave (替班); a region administrator's rights lent for a time (委托)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from otsp_auth.model import Account
from otsp_auth.rules.roles import ROLE_SCOPES
from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.identity import HEADER, IdentityVerifier
from otsp_chassis.ids import new_id
from otsp_contracts.auth import DelegationChanged

BASE, PASSWORD, NEW = "/api/auth/v1", "Xihu-2026-peixun", "Xihu-2027-peixun"
XIHU = {
    "name": "杭州市西湖区教育局",
    "level": "county",
    "department": "education",
    "region_code": "330106",
}
NOW = datetime(2027, 2, 1, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _first_of_february():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def national(kit):
    return kit.as_authority("national_admin", level="national", region="000000")


@pytest.fixture
def office(national) -> str:
    return national.post(f"{BASE}/authorities", XIHU).json["authority_id"]


@pytest.fixture
def admin(kit, office):
    return kit.as_authority("region_admin", authority_id=UUID(office))


@pytest.fixture
def people(kit, admin, office) -> list[str]:
    """Two reviewers who have chosen their own passwords."""
    return [hire(kit, admin, office, f"shenhe.{name}") for name in ("one", "two")]


def hire(kit, client, office: str, name: str, role: str = "reviewer") -> str:
    body = {"username": name, "password": PASSWORD, "role": role}
    told = client.post(f"{BASE}/accounts", body | {"authority_id": office, "person_name": "沈禾"})
    assert told.status == 201, told.content
    with kit.active(), transaction() as tx:
        tx.get(Account, UUID(told.json["account_id"])).must_change_password = False
    return told.json["account_id"]


def lend(client, to: str, *, days: float = 7, begins: datetime = NOW, **changes):
    body = {
        "kind": "administration",
        "to_account_id": to,
        "valid_from": begins.isoformat(),
        "valid_to": (begins + timedelta(days=days)).isoformat(),
        "reason": "出差学习",
    }
    return client.post(f"{BASE}/delegations", body | changes)


def cover(client, away: str, by: str, **changes):
    return lend(client, by, kind="leave_cover", from_account_id=away, reason="年休假", **changes)


def identity(kit, desk, token: str):
    verifier = IdentityVerifier(kit.runtime.settings.identity_public_keys)
    return verifier.verify(desk.use(token).headers[HEADER])


def log_in(desk, name: str = "shenhe.one") -> str:
    return desk.login(name).json["token"]


def test_lent_rights_are_carried_until_the_second_they_expire(kit, desk, admin, people):
    token = log_in(desk)
    assert identity(kit, desk, token).scopes == ROLE_SCOPES["reviewer"]

    ends = NOW + timedelta(minutes=20)
    assert lend(admin, people[0], days=20 / 24 / 60).status == 201

    assert identity(kit, desk, token).role == "region_admin"
    assert identity(kit, desk, token).scopes == ROLE_SCOPES["region_admin"]
    told = desk.login("shenhe.one").json["account"]
    assert (told["role"], told["acting_role"]) == ("reviewer", "region_admin")
    with clock.frozen(ends - timedelta(seconds=1)):
        assert identity(kit, desk, token).role == "region_admin"
    with clock.frozen(ends):
        assert identity(kit, desk, token).role == "reviewer"


def test_lent_rights_begin_when_they_should(kit, desk, admin, people):
    token = log_in(desk)
    lend(admin, people[0], begins=NOW + timedelta(minutes=5))

    assert identity(kit, desk, token).role == "reviewer"
    with clock.frozen(NOW + timedelta(minutes=5)):
        assert identity(kit, desk, token).role == "region_admin"


def test_whoever_administers_for_another_acts_as_one(kit, desk, admin, people):
    lend(admin, people[0])
    delegate = kit.as_principal(identity(kit, desk, log_in(desk)))

    suspended = delegate.post(f"{BASE}/accounts/{people[1]}/suspension", {"reason": "已调离"})

    assert suspended.status == 200


def test_lent_rights_are_not_lent_on_nor_prolonged(kit, desk, admin, people):
    lend(admin, people[0])
    delegate = kit.as_principal(identity(kit, desk, log_in(desk)))

    assert lend(delegate, people[1]).problem == "forbidden"
    assert cover(delegate, *people).problem == "forbidden"


def test_ended_delegation_counts_no_more(kit, desk, admin, people):
    token = log_in(desk)
    delegation = lend(admin, people[0]).json
    path = f"{BASE}/delegations/{delegation['delegation_id']}/end"

    ended = admin.post(path, {"reason": "提前返岗"})

    assert ended.json["valid_to"] == NOW.isoformat()
    assert identity(kit, desk, token).role == "reviewer"
    assert admin.post(path, {"reason": "提前返岗"}).problem == "delegation-over"


def test_cover_is_told_with_ids_and_dates_alone(kit, admin, people):
    made = cover(admin, *people).json
    admin.post(f"{BASE}/delegations/{made['delegation_id']}/end", {"reason": "提前返岗"})

    first, last = (each.data for each in kit.published(DelegationChanged))

    assert (first["kind"], first["from_account_id"], first["to_account_id"]) == (
        "leave_cover",
        *people,
    )
    assert (first["version"], last["version"]) == (1, 2)
    assert datetime.fromisoformat(last["valid_to"]) == NOW
    assert "reason" not in first


def test_cover_lends_no_rights(kit, desk, admin, people):
    cover(admin, people[1], people[0])

    assert identity(kit, desk, log_in(desk)).role == "reviewer"


def test_both_people_are_of_the_own_authority(kit, national, admin, people):
    other = national.post(f"{BASE}/authorities", XIHU | {"region_code": "330105"}).json
    stranger = hire(kit, national, other["authority_id"], "shenhe.three")
    auditor = hire(kit, national, other["authority_id"], "shenji.one", role="auditor")

    assert cover(admin, people[0], stranger).pointers == {"/to_account_id"}
    assert cover(admin, stranger, people[0]).pointers == {"/from_account_id"}
    assert lend(admin, auditor).pointers == {"/to_account_id"}
    assert lend(admin, str(new_id())).pointers == {"/to_account_id"}


def test_faults_of_a_delegation_are_told(admin, people):
    first = people[0]

    assert cover(admin, first, first).pointers == {"/to_account_id"}
    assert lend(admin, first, kind="leave_cover").pointers == {"/from_account_id"}
    assert lend(admin, first, from_account_id=people[1]).pointers == {"/from_account_id"}
    assert lend(admin, first, days=0).pointers == {"/valid_to"}
    assert lend(admin, first, days=93).pointers == {"/valid_to"}
    assert lend(admin, first, begins=NOW - timedelta(days=9)).pointers == {"/valid_to"}


def test_transfer_ends_what_was_lent(kit, desk, national, admin, people):
    other = national.post(f"{BASE}/authorities", XIHU | {"region_code": "330105"}).json
    lend(admin, people[0])
    body = {"authority_id": other["authority_id"], "reason": "岗位调整"}

    national.post(f"{BASE}/accounts/{people[0]}/transfer", body)

    assert identity(kit, desk, log_in(desk)).role == "reviewer"
    assert datetime.fromisoformat(kit.published(DelegationChanged)[-1].data["valid_to"]) == NOW


def test_a_reviewer_names_the_cover_of_her_own_leave_and_ends_it(kit, desk, people):
    one, two = (
        kit.as_principal(identity(kit, desk, log_in(desk, f"shenhe.{name}")))
        for name in ("one", "two")
    )

    made = cover(one, *people)

    assert made.status == 201
    assert [len(each.get(f"{BASE}/delegations").json["items"]) for each in (one, two)] == [1, 1]
    path = f"{BASE}/delegations/{made.json['delegation_id']}/end"
    assert two.post(path, {"reason": "不愿替班"}).status == 404
    assert one.post(path, {"reason": "提前返岗"}).json["valid_to"] == NOW.isoformat()


def test_a_reviewer_arranges_nothing_for_others(kit, desk, admin, people):
    reviewer = kit.as_principal(identity(kit, desk, log_in(desk)))
    others = cover(admin, people[1], people[0], begins=NOW + timedelta(days=9)).json
    path = f"{BASE}/delegations/{others['delegation_id']}/end"

    assert cover(reviewer, people[1], people[0]).problem == "forbidden"
    assert lend(reviewer, people[1]).problem == "forbidden"
    assert reviewer.post(path, {"reason": "不愿替班"}).status == 404


def test_another_authority_neither_sees_nor_ends_a_delegation(kit, admin, people):
    made = lend(admin, people[0]).json
    stranger = kit.as_authority("region_admin", region="330105")
    path = f"{BASE}/delegations/{made['delegation_id']}/end"

    assert stranger.get(f"{BASE}/delegations").json["items"] == []
    assert stranger.post(path, {"reason": "无"}).status == 422
    assert stranger.post(path, {"reason": "提前返岗"}).status == 404


def test_delegations_are_listed_in_pages_and_by_person(national, admin, people):
    made = [cover(admin, *people).json, lend(admin, people[0]).json, lend(admin, people[1]).json]
    ids = [each["delegation_id"] for each in made]

    first = admin.get(f"{BASE}/delegations", query={"limit": 2}).json
    rest = national.get(f"{BASE}/delegations", query={"cursor": first["next"]}).json
    theirs = admin.get(f"{BASE}/delegations", query={"account_id": people[0]}).json

    assert [each["delegation_id"] for each in first["items"] + rest["items"]] == ids
    assert [each["delegation_id"] for each in theirs["items"]] == ids[:2]


def test_national_administrator_names_no_cover(national, people):
    assert cover(national, *people).problem == "forbidden"
