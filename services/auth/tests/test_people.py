"""What administrators do with the accounts of others; nobody learns anybody's password."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.identity import HEADER, IdentityVerifier
from otsp_chassis.ids import new_id
from otsp_contracts.auth import AuthorityChanged
from otsp_contracts.institution import ProfileChanged

BASE, PASSWORD, NEW = "/api/auth/v1", "Xihu-2026-peixun", "Xihu-2027-peixun"
MOBILE = "13800000055"
REASON = {"reason": "本人来电核实"}
XIHU = {
    "name": "杭州市西湖区教育局",
    "level": "county",
    "department": "education",
    "region_code": "330106",
}


@pytest.fixture
def national(kit):
    return kit.as_authority("national_admin", level="national", region="000000")


@pytest.fixture
def office(national) -> str:
    return national.post(f"{BASE}/authorities", XIHU).json["authority_id"]


@pytest.fixture
def admin(kit, office):
    return kit.as_authority("region_admin", authority_id=office)


def person(office: str, role: str = "reviewer", name: str = "shenhe.one", **fields) -> dict:
    told = {"username": name, "role": role, "authority_id": office, "person_name": "沈禾生"}
    return told | {"password": PASSWORD} | fields


def hire(client, *given, **fields) -> str:
    answer = client.post(f"{BASE}/accounts", person(*given, **fields))
    assert answer.status == 201, answer.content
    return answer.json["account_id"]


def act(client, account_id: str, action: str, **body):
    return client.post(f"{BASE}/accounts/{account_id}/{action}", REASON | body)


def link_to(kit, mobile: str = MOBILE) -> str:
    """The token that the last text to the number carries."""
    answer = kit.anonymous().get(f"{BASE}/development/messages", query={"mobile": mobile})
    return re.search(r"#([A-Za-z0-9_-]{43})", answer.json["items"][0]["text"])[1]


def choose(kit, token: str, password: str = NEW):
    body = {"token": token, "new_password": password}
    return kit.anonymous().post(f"{BASE}/password-links/completion", body)


def scopes_of_session(kit, desk, token: str) -> frozenset[str]:
    verifier = IdentityVerifier(kit.runtime.settings.identity_public_keys)
    return verifier.verify(desk.use(token).headers[HEADER]).scopes


def counted(kit, office: str) -> int:
    told = [each.data for each in kit.published(AuthorityChanged)]
    return [each["reviewer_count"] for each in told if each["authority_id"] == office][-1]


def reasons(kit, action: str) -> list[str]:
    with kit.active(), reading() as tx:
        query = "SELECT reason FROM audit_entry WHERE action = :action"
        return list(tx.execute(text(query), {"action": action}).scalars())


def test_password_that_an_administrator_chose_is_good_for_one_login(kit, desk, office, admin):
    hire(admin, office)

    session = desk.login("shenhe.one").json

    assert "new_password" in session["account"]["duties"]
    assert scopes_of_session(kit, desk, session["token"]) == {"account:self"}


def test_person_without_a_password_is_texted_a_link_to_choose_one(kit, desk, office, admin):
    body = person(office, mobile=MOBILE)
    del body["password"]

    assert admin.post(f"{BASE}/accounts", body).status == 201
    assert desk.login("shenhe.one").status == 401
    assert choose(kit, link_to(kit)).status == 204

    account = desk.login("shenhe.one", NEW).json["account"]
    assert "new_password" not in account["duties"]


def test_person_without_password_and_mobile_cannot_be_reached(office, admin):
    body = person(office)
    del body["password"]

    assert admin.post(f"{BASE}/accounts", body).pointers == {"/mobile"}


def test_suspended_person_is_logged_out_and_not_counted_until_resumed(kit, desk, office, admin):
    account_id = hire(admin, office)
    token = desk.login("shenhe.one").json["token"]

    suspended = act(admin, account_id, "suspension", reason="已调离岗位")

    assert (suspended.status, suspended.json["status"]) == (200, "suspended")
    assert (desk.use(token).status, counted(kit, office)) == (401, 0)
    assert desk.login("shenhe.one").problem == "account-suspended"
    assert reasons(kit, "auth.account_suspended") == ["已调离岗位"]

    assert act(admin, account_id, "resumption").json["status"] == "active"
    assert (desk.login("shenhe.one").status, counted(kit, office)) == (201, 1)
    assert desk.use(token).status == 401


def test_what_is_suspended_already_is_not_suspended_again(office, admin):
    account_id = hire(admin, office)
    act(admin, account_id, "suspension")

    again, unlocked = act(admin, account_id, "suspension"), act(admin, account_id, "unlocking")

    assert {each.problem for each in (again, unlocked)} == {"account-status-forbids"}


def test_locked_person_is_unlocked_before_the_lock_ends(desk, office, admin):
    account_id = hire(admin, office)
    for _ in range(5):
        desk.login("shenhe.one", "Wrong-2026-wrong")
    assert desk.login("shenhe.one").status == 401

    assert act(admin, account_id, "unlocking").json["status"] == "active"

    assert desk.login("shenhe.one").status == 201


def test_action_without_a_reason_is_refused(office, admin):
    account_id = hire(admin, office)

    answer = admin.post(f"{BASE}/accounts/{account_id}/suspension", {})

    assert (answer.status, answer.pointers) == (422, {"/reason"})


def test_password_link_is_good_once_and_ends_all_sessions(kit, desk, office, admin):
    account_id = hire(admin, office, mobile=MOBILE)
    token = desk.login("shenhe.one").json["token"]

    sent = act(admin, account_id, "password-link")
    link = link_to(kit)

    assert sent.status == 200
    assert link not in sent.content.decode()
    assert desk.use(token).status == 200
    assert choose(kit, link).status == 204
    assert desk.use(token).status == 401
    assert choose(kit, link, "Xihu-2028-peixun").problem == "link-not-good"
    assert desk.login("shenhe.one", NEW).status == 201


def test_newer_link_voids_the_former(kit, office, admin):
    account_id = hire(admin, office, mobile=MOBILE)
    act(admin, account_id, "password-link")
    former = link_to(kit)
    act(admin, account_id, "password-link")

    assert choose(kit, former).problem == "link-not-good"
    assert choose(kit, link_to(kit)).status == 204


def test_link_is_good_for_half_an_hour(kit, office, admin):
    account_id = hire(admin, office, mobile=MOBILE)
    act(admin, account_id, "password-link")
    made = clock.now()

    with clock.frozen(made + timedelta(minutes=31)):
        assert choose(kit, link_to(kit)).problem == "link-not-good"


def test_links_that_ran_out_are_deleted(kit, office, admin):
    act(admin, hire(admin, office, mobile=MOBILE), "password-link")

    with clock.frozen(clock.now() + timedelta(minutes=31)):
        kit.run_job("forget_outdated")

    with kit.active(), reading() as tx:
        assert tx.execute(text("SELECT count(*) FROM password_link")).scalar() == 0


def test_link_takes_no_weak_password_and_stays_good(kit, office, admin):
    account_id = hire(admin, office, mobile=MOBILE)
    act(admin, account_id, "password-link")
    link = link_to(kit)

    weak, same = choose(kit, link, "12345678"), choose(kit, link, PASSWORD)

    assert weak.pointers == same.pointers == {"/new_password"}
    assert choose(kit, link).status == 204


def test_link_needs_a_mobile(office, admin):
    assert act(admin, hire(admin, office), "password-link").problem == "no-mobile"


def test_transferred_person_begins_anew_at_the_other_authority(kit, desk, national, office, admin):
    other = national.post(f"{BASE}/authorities", XIHU | {"region_code": "330105"}).json
    other_id = other["authority_id"]
    account_id = hire(admin, office)
    token = desk.login("shenhe.one").json["token"]

    moved = act(national, account_id, "transfer", authority_id=other_id, reason="岗位调整")

    assert moved.json["authority"]["authority_id"] == other_id
    assert desk.use(token).status == 401
    assert (counted(kit, office), counted(kit, other_id)) == (0, 1)
    assert admin.get(f"{BASE}/accounts/{account_id}").status == 404
    assert reasons(kit, "auth.account_transferred") == ["岗位调整"]


def test_person_is_transferred_only_to_another_active_authority(national, office, admin):
    account_id = hire(admin, office)

    same = act(national, account_id, "transfer", authority_id=office)
    unknown = act(national, account_id, "transfer", authority_id=str(new_id()))

    assert same.pointers == unknown.pointers == {"/authority_id"}


def test_changed_role_ends_sessions(desk, national, office, admin):
    account_id = hire(admin, office)
    token = desk.login("shenhe.one").json["token"]

    changed = act(national, account_id, "role", role="region_admin")

    assert changed.json["role"] == "region_admin"
    assert desk.use(token).status == 401
    assert desk.login("shenhe.one").json["account"]["role"] == "region_admin"


def test_person_who_becomes_an_auditor_decides_no_more_cases(kit, national, office, admin):
    account_id = hire(admin, office)

    act(national, account_id, "role", role="auditor")

    assert counted(kit, office) == 0


@pytest.mark.parametrize("action", ["suspension", "unlocking", "password-link", "role", "transfer"])
def test_region_administrator_manages_no_region_administrators(national, office, admin, action):
    account_id = hire(national, office, role="region_admin")
    more = {"role": {"role": "auditor"}, "transfer": {"authority_id": str(new_id())}}

    answer = act(admin, account_id, action, **more.get(action, {}))

    assert (answer.status, answer.problem) == (403, "forbidden")


def test_institution_of_the_region_is_suspended_and_unlocked_by_its_education_department(
    kit, desk, admin, national
):
    account = desk.register("13800000001")
    kit.deliver(
        ProfileChanged(
            institution_id=account["institution_id"],
            version=1,
            name="西湖启明培训学校",
            region_code="330106",
            categories=("subject",),
            delivery_modes=("offline",),
            stages=("primary",),
            legal_nature="nonprofit",
            registration_status="approved",
            compliance_status="not_applied",
        )
    )
    account_id = account["account_id"]
    province = kit.as_authority("region_admin", level="province", region="330000")
    sports = kit.as_authority("region_admin", department="sports")
    elsewhere = kit.as_authority("region_admin", region="330105")
    for _ in range(5):
        desk.login("13800000001", "Wrong-2026-wrong")

    assert act(sports, account_id, "unlocking").status == 404
    assert act(elsewhere, account_id, "unlocking").status == 404
    assert act(admin, account_id, "unlocking").status == 200
    assert desk.login("13800000001").status == 201
    assert act(admin, account_id, "password-link").problem == "forbidden"
    assert act(province, account_id, "suspension").problem == "account-status-forbids"
    assert act(national, account_id, "role", role="auditor").problem == "forbidden"


def test_who_reviews_knows_the_names_of_those_who_share_its_cases(kit, national, office, admin):
    names = {"one": "沈禾甲", "two": "沈禾乙", "three": "沈禾丙"}
    here = [
        hire(admin, office, name=f"shenhe.{end}", person_name=name) for end, name in names.items()
    ]
    act(admin, here[1], "suspension")
    other = XIHU | {"name": "杭州市上城区教育局", "region_code": "330102"}
    elsewhere = national.post(f"{BASE}/authorities", other).json["authority_id"]
    hire(national, elsewhere, name="shangcheng.one")
    hire(national, office, role="auditor", name="shenji.one")
    reviewer = kit.as_authority("reviewer", authority_id=office)

    first = reviewer.get(f"{BASE}/colleagues", query={"limit": 2}).json
    rest = reviewer.get(f"{BASE}/colleagues", query={"cursor": first["next"]}).json

    assert [*first["items"], *rest["items"]] == [
        {"account_id": account_id, "person_name": name, "role": "reviewer", "is_active": active}
        for account_id, name, active in zip(here, names.values(), (True, False, True), strict=True)
    ]
    assert rest["next"] is None
    assert "mobile" not in str(first)


@pytest.mark.parametrize("action", ["suspension", "resumption", "unlocking", "password-link"])
def test_people_of_another_authority_do_not_exist(kit, office, admin, action):
    stranger = kit.as_authority("region_admin", region="330105")

    assert act(stranger, hire(admin, office), action).status == 404


def test_nobody_manages_the_own_account(kit, national, office):
    account_id = hire(national, office, role="region_admin")
    own = kit.as_principal(replace(national.principal, account_id=UUID(account_id)))

    assert act(own, account_id, "suspension").problem == "forbidden"


def test_people_are_listed_in_pages_and_found(kit, national, office, admin):
    for name in ("shenhe.one", "shenhe.two", "fushen.one"):
        hire(national, office, name=name)
    hire(national, office, role="auditor", name="shenji.one")
    hire(national, None, role="operator", name="yunwei.one")

    def listed(client, **query):
        page = client.get(f"{BASE}/accounts", query=query).json
        return [each["username"] for each in page["items"]], page["next"]

    first, more = listed(admin, limit=2)
    rest, end = listed(admin, limit=2, cursor=more)
    assert (first, rest, end) == (["shenhe.one", "shenhe.two"], ["fushen.one", "shenji.one"], None)
    assert listed(admin, q="SHENHE")[0] == ["shenhe.one", "shenhe.two"]
    assert listed(admin, role="auditor")[0] == ["shenji.one"]
    assert listed(national, role="operator")[0] == ["yunwei.one"]
    assert listed(national, authority_id=office, role="reviewer", limit=1)[0] == ["shenhe.one"]
    assert listed(kit.as_authority("region_admin"))[0] == []


def test_list_tells_masked_and_finds_by_status(desk, office, admin):
    hire(admin, office, mobile=MOBILE)
    hire(admin, office, name="shenhe.two")
    for _ in range(5):
        desk.login("shenhe.one", "Wrong-2026-wrong")

    locked = admin.get(f"{BASE}/accounts", query={"status": "locked"}).json["items"]
    active = admin.get(f"{BASE}/accounts", query={"status": "active"}).json["items"]

    assert [(each["mobile"], each["person_name"]) for each in locked] == [("138****0055", "沈**")]
    assert [each["username"] for each in active] == ["shenhe.two"]


def test_username_is_not_searched_by_number(admin):
    assert admin.get(f"{BASE}/accounts", query={"q": "138"}).status == 400
