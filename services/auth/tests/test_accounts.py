"""Authorities, the accounts of their people, passwords, and who may do what with them."""

import pytest
from sqlalchemy import select, text

from otsp_auth import bootstrap
from otsp_auth.commands.accounts import UsernameTaken
from otsp_auth.model import Account
from otsp_auth.rules.roles import ROLE_SCOPES
from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.identity import HEADER, IdentityVerifier
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Invalid
from otsp_contracts.auth import AuthorityChanged
from otsp_contracts.institution import RegistrationSubmitted

BASE, PASSWORD, NEW = "/api/auth/v1", "Xihu-2026-peixun", "Xihu-2027-peixun"
NOBODY = "0192a000-0000-7000-8000-000000000000"
"""Names of tests are the same in every process."""
XIHU = {
    "name": "杭州市西湖区教育局",
    "level": "county",
    "department": "education",
    "region_code": "330106",
}
HANGZHOU = XIHU | {"name": "杭州市教育局", "level": "city", "region_code": "330100"}


@pytest.fixture
def national(kit):
    return kit.as_authority("national_admin", level="national", region="000000")


def person(role: str, authority_id: str | None = None, **fields) -> dict:
    made = {"username": f"{role}.one", "password": PASSWORD, "role": role, "person_name": "沈禾"}
    return made | ({"authority_id": authority_id} if authority_id else {}) | fields


def signed_in(kit, desk, username: str, password: str = PASSWORD):
    """A client with the identity that the edge would send."""
    token = desk.login(username, password).json["token"]
    identity = desk.use(token).headers[HEADER]
    verifier = IdentityVerifier(kit.runtime.settings.identity_public_keys)
    return kit.as_principal(verifier.verify(identity)), token


def test_authority_is_created_and_told(kit, national):
    answer = national.post(f"{BASE}/authorities", XIHU)

    assert answer.status == 201
    found = national.get(answer.headers["Location"])
    assert found.json == answer.json
    told = kit.published(AuthorityChanged)[0].data
    assert (told["name"], told["region_code"], told["active"]) == (XIHU["name"], "330106", True)
    assert (told["version"], told["reviewer_count"]) == (1, 0)
    assert told["actor"] == str(national.principal.account_id)


def test_superior_is_the_next_level_of_the_same_department(national):
    county = national.post(f"{BASE}/authorities", XIHU).json
    national.post(f"{BASE}/authorities", HANGZHOU | {"department": "sports"})
    city = national.post(f"{BASE}/authorities", HANGZHOU).json

    found = national.get(f"{BASE}/authorities/{county['authority_id']}").json

    assert found["parent_authority_id"] == city["authority_id"]


def test_region_has_one_authority_of_a_department(national):
    national.post(f"{BASE}/authorities", XIHU)

    again = national.post(f"{BASE}/authorities", XIHU | {"name": "另一个"})
    sports = national.post(f"{BASE}/authorities", XIHU | {"department": "sports"})

    assert (again.status, again.problem) == (409, "authority-exists")
    assert sports.status == 201


def test_repeated_key_creates_one_authority(kit, national):
    answers = [national.post(f"{BASE}/authorities", XIHU, key="create-xihu") for _ in range(2)]

    assert answers[0].json == answers[1].json
    assert len(kit.published(AuthorityChanged)) == 1


@pytest.mark.parametrize(
    ("level", "region_code"),
    [("county", "330100"), ("city", "330106"), ("province", "999999"), ("national", "330000")],
)
def test_region_must_be_of_the_authoritys_level(national, level, region_code):
    fields = XIHU | {"level": level, "region_code": region_code}

    refusal = national.post(f"{BASE}/authorities", fields)

    assert refusal.status == 422
    assert refusal.pointers == {"/region_code"}


def test_authorities_are_listed_in_pages_and_found_by_region(kit, national):
    for number in range(3):
        fields = XIHU | {"region_code": ("330106", "330105", "330108")[number]}
        national.post(f"{BASE}/authorities", fields)
    institution = kit.as_institution(new_id())

    first = institution.get(f"{BASE}/authorities", query={"limit": 2}).json
    rest = institution.get(f"{BASE}/authorities", query={"cursor": first["next"]}).json
    found = institution.get(
        f"{BASE}/authorities", query={"region_code": "330105", "department": "education"}
    ).json

    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]
    assert [each["region_code"] for each in found["items"]] == ["330105"]


def test_national_administrator_creates_each_role_that_can_be_granted(desk, national):
    authority_id = national.post(f"{BASE}/authorities", XIHU).json["authority_id"]

    for role in ("reviewer", "region_admin", "auditor"):
        answer = national.post(f"{BASE}/accounts", person(role, authority_id))
        assert answer.status == 201
        assert answer.json["authority"]["authority_id"] == authority_id
    assert national.post(f"{BASE}/accounts", person("operator")).status == 201

    for role in ("reviewer", "region_admin", "auditor", "operator"):
        assert desk.login(f"{role}.one").json["account"]["role"] == role


def test_reviewers_are_counted_in_what_is_told_of_their_authority(kit, national):
    authority_id = national.post(f"{BASE}/authorities", XIHU).json["authority_id"]
    hired = [
        national.post(f"{BASE}/accounts", person(role, authority_id)).json["account_id"]
        for role in ("reviewer", "region_admin", "auditor")
    ]

    told = [each.data for each in kit.published(AuthorityChanged)]

    assert [each["reviewer_count"] for each in told] == [0, 1, 2]
    assert [each["reviewer_ids"] for each in told] == [[], hired[:1], hired[:2]]
    assert [each["version"] for each in told] == [1, 2, 3]


def test_region_administrator_creates_reviewers_of_the_own_authority_only(kit, national):
    own, other = (
        national.post(f"{BASE}/authorities", XIHU | {"region_code": code}).json["authority_id"]
        for code in ("330106", "330105")
    )
    admin = kit.as_authority("region_admin", authority_id=own)

    created = admin.post(f"{BASE}/accounts", person("reviewer", own))
    refused = [
        admin.post(f"{BASE}/accounts", person("reviewer", other)),
        admin.post(f"{BASE}/accounts", person("region_admin", own)),
        admin.post(f"{BASE}/accounts", person("auditor", own)),
        admin.post(f"{BASE}/accounts", person("operator")),
    ]

    assert created.status == 201
    assert [(each.status, each.problem) for each in refused] == [(403, "forbidden")] * 4


def test_account_belongs_where_its_role_says(national):
    national.post(f"{BASE}/authorities", XIHU)

    homeless = national.post(f"{BASE}/accounts", person("reviewer"))
    unknown = national.post(f"{BASE}/accounts", person("reviewer", str(new_id())))
    bound = national.post(f"{BASE}/accounts", person("operator", str(new_id())))

    assert [each.status for each in (homeless, unknown, bound)] == [422] * 3
    assert homeless.pointers == unknown.pointers == bound.pointers == {"/authority_id"}


def test_auditor_without_an_authority_is_the_nations(desk, national):
    answer = national.post(f"{BASE}/accounts", person("auditor", authority_id=None))

    assert (answer.status, answer.json["authority"]) == (201, None)
    assert desk.login("auditor.one").json["account"]["role"] == "auditor"


def test_faults_of_a_new_account_are_told_together(national):
    answer = national.post(f"{BASE}/accounts", person("reviewer", username="1x", password="short"))

    assert answer.pointers == {"/username", "/password", "/authority_id"}


def test_username_and_mobile_are_one_accounts(desk, national):
    desk.register("13800000001")
    national.post(f"{BASE}/accounts", person("operator"))

    taken = national.post(f"{BASE}/accounts", person("operator", username="OPERATOR.one"))
    number = national.post(
        f"{BASE}/accounts", person("operator", username="operator.two", mobile="13800000001")
    )

    assert (taken.status, taken.problem) == (409, "username-taken")
    assert (number.status, number.problem) == (409, "mobile-registered")


def test_others_are_shown_masked_and_the_owner_in_full(kit, desk, national):
    fields = person("operator", mobile="13800000008", person_name="沈禾生")
    made = national.post(f"{BASE}/accounts", fields)
    owner, _ = signed_in(kit, desk, "13800000008")

    shown = national.get(made.headers["Location"]).json
    own = owner.get(f"{BASE}/account").json

    assert (shown["mobile"], shown["person_name"]) == ("138****0008", "沈**")
    assert made.json == shown
    assert (own["mobile"], own["person_name"]) == ("13800000008", "沈禾生")


def test_mobile_that_is_the_login_name_is_masked_there_too(desk, national):
    account = desk.register("13800000001")

    shown = national.get(f"{BASE}/accounts/{account['account_id']}").json

    assert shown["username"] == shown["mobile"] == "138****0001"


def test_region_administrator_sees_accounts_of_the_own_authority_only(kit, desk, national):
    authority_id = national.post(f"{BASE}/authorities", XIHU).json["authority_id"]
    path = national.post(f"{BASE}/accounts", person("reviewer", authority_id)).headers["Location"]
    institution = desk.register("13800000001")["account_id"]
    own = kit.as_authority("region_admin", authority_id=authority_id)
    other = kit.as_authority("region_admin")

    assert own.get(path).status == 200
    assert other.get(path).status == 404
    assert own.get(f"{BASE}/accounts/{institution}").status == 404


def test_first_account_is_made_once_and_may_administer(kit, desk):
    first = bootstrap.ensure_national_admin("Jiaoyubu.gly", PASSWORD, runtime=kit.runtime)
    second = bootstrap.ensure_national_admin("jiaoyubu.gly", NEW, runtime=kit.runtime)

    assert (first, second) == (True, False)
    admin, _ = signed_in(kit, desk, "jiaoyubu.gly")
    assert admin.principal.role == "national_admin"
    assert admin.post(f"{BASE}/authorities", XIHU).status == 201


def test_first_account_meets_the_rules_and_takes_nobodys_name(kit, national):
    national.post(f"{BASE}/accounts", person("operator"))

    with pytest.raises(Invalid) as refusal:
        bootstrap.ensure_national_admin("13800000001", "weak", runtime=kit.runtime)
    with pytest.raises(UsernameTaken):
        bootstrap.ensure_national_admin("operator.one", PASSWORD, runtime=kit.runtime)

    pointers = {each.pointer for each in refusal.value.errors}
    assert pointers == {"/username", "/password"}


def test_no_account_exists_before_somebody_made_one(kit):
    with kit.active(), reading() as tx:
        assert tx.execute(select(Account.account_id)).first() is None


def test_account_is_active_once_its_institution_submitted_its_registration(kit, desk):
    account = desk.register("13800000001")
    other = desk.register("13800000002")

    kit.deliver(
        RegistrationSubmitted(
            institution_id=account["institution_id"],
            version=1,
            from_state="draft",
            to_state="submitted",
            name="西湖启明培训学校",
            region_code="330106",
            categories=("subject",),
            delivery_modes=("offline",),
            stages=("primary",),
            legal_nature="nonprofit",
            submitted_on=clock.today(),
        )
    )

    assert desk.login("13800000001").json["account"]["status"] == "active"
    assert desk.login("13800000002").json["account"]["status"] == "pending_profile"
    assert other["status"] == "pending_profile"
    with kit.active(), reading() as tx:
        trail = "SELECT count(*) FROM audit_entry WHERE action = 'auth.account_completed'"
        assert tx.scalar(text(trail)) == 1
    assert kit.set_aside() == []


ADMINISTRATION = [
    ("POST", "/authorities", XIHU),
    ("POST", "/accounts", person("operator")),
    ("GET", f"/accounts/{NOBODY}", None),
]
OWN = [
    ("GET", "/account", None),
    ("DELETE", "/sessions/current", None),
    (
        "POST",
        "/account/password",
        {
            "current_password": PASSWORD,
            "new_password": NEW,
            "new_password_confirmation": NEW,
        },
    ),
    ("POST", "/account/mobile-changes", {"new_mobile": "13800000009"}),
    ("GET", "/authorities", None),
    ("GET", f"/authorities/{NOBODY}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ADMINISTRATION)
@pytest.mark.parametrize(
    "role", [role for role, scopes in ROLE_SCOPES.items() if "auth:administer" not in scopes]
)
def test_role_without_the_scope_may_not_administer(kit, role, method, path, body):
    client = kit.as_institution(new_id()) if role == "inst_admin" else kit.as_authority(role)

    answer = client.call(method, BASE + path, body=body)

    assert (answer.status, answer.problem) == (403, "forbidden")
    assert answer.json["missing_scopes"] == ["auth:administer"]


@pytest.mark.parametrize(("method", "path", "body"), [*ADMINISTRATION, *OWN])
def test_nobody_unknown_may_do_anything_of_it(kit, method, path, body):
    answer = kit.anonymous().call(method, BASE + path, body=body)

    assert (answer.status, answer.problem) == (401, "unauthorised")


def test_region_administrator_may_not_create_authorities(kit):
    answer = kit.as_authority("region_admin").post(f"{BASE}/authorities", XIHU)

    assert (answer.status, answer.problem) == (403, "forbidden")


@pytest.mark.parametrize(("method", "path", "body"), OWN)
@pytest.mark.parametrize("role", list(ROLE_SCOPES))
def test_every_role_may_use_its_own_account(kit, role, method, path, body):
    client = kit.as_institution(new_id()) if role == "inst_admin" else kit.as_authority(role)

    answer = client.call(method, BASE + path, body=body)

    assert answer.status in {200, 204, 404}
