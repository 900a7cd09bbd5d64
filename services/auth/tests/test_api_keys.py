"""Keys of an institution's systems (系统接入): made, used through the edge, ended in every way."""

from datetime import UTC, timedelta
from importlib.resources import files
from uuid import UUID

import pytest
import yaml
from sqlalchemy import text, update

from otsp_auth.model import Account
from otsp_auth.rules.roles import API_KEY_SCOPES
from otsp_chassis import clock, metrics
from otsp_chassis.db import reading, transaction
from otsp_chassis.identity import HEADER, IdentityVerifier, Principal
from otsp_chassis.ids import new_id
from otsp_testkit.listening import statements_sent

MOBILE, OTHER_MOBILE = "13800000001", "13800000002"
KEYS = "/api/auth/v1/api-keys"
ENDS = "OTSP-Session-Expires-At"


def today():
    return clock.now().astimezone(clock.SHANGHAI).date()


def wanted(days=30, scopes=("staff:read",), name="教务系统"):
    return {
        "name": name,
        "scopes": list(scopes),
        "expires_on": (today() + timedelta(days=days)).isoformat(),
    }


def principal_of(kit, answer):
    verifier = IdentityVerifier(kit.runtime.settings.identity_public_keys)
    return verifier.verify(answer.headers[HEADER])


def rows(kit, statement):
    with kit.active(), reading() as tx:
        return [tuple(row) for row in tx.execute(text(statement))]


def change(kit, **values):
    with kit.active(), transaction() as tx:
        tx.execute(update(Account).values(values))


@pytest.fixture(autouse=True)
def noon():
    """Of today in China: no day ends in the middle of a test."""
    day = clock.now().astimezone(clock.SHANGHAI)
    with clock.frozen(day.replace(hour=12, minute=0, second=0, microsecond=0)):
        yield


@pytest.fixture
def administrator(kit, desk):
    """The institution's own, logged in."""
    desk.register(MOBILE)
    return kit.as_principal(principal_of(kit, desk.use(desk.login(MOBILE).json["token"])))


@pytest.fixture
def issue(administrator):
    def make(**options):
        answer = administrator.post(KEYS, wanted(**options))
        assert answer.status == 201, answer.content
        return answer.json

    return make


def test_key_is_told_once_and_only_its_hash_is_kept(kit, administrator, issue):
    issued = issue(name="教务系统")

    assert issued["key"].startswith("otsp_")
    assert len(issued["key"]) == len("otsp_") + 43
    (told,) = administrator.get(KEYS).json["items"]
    assert (told["name"], told["scopes"]) == ("教务系统", ["staff:read"])
    assert issued["key"] not in str(rows(kit, "SELECT row_to_json(api_key) FROM api_key"))
    assert issued["key"][5:] not in str(
        rows(kit, "SELECT row_to_json(audit_entry) FROM audit_entry")
    )


def test_key_stands_for_its_institution_under_a_role_and_an_id_of_its_own(
    kit, desk, administrator, issue
):
    issued = issue(scopes=["staff:read", "courses:write"])

    principal = principal_of(kit, desk.use(issued["key"]))

    assert principal == Principal(
        account_id=UUID(issued["api_key_id"]),
        role="api_key",
        scopes=frozenset({"staff:read", "courses:write"}),
        session_id=issued["api_key_id"],
        institution_id=administrator.principal.institution_id,
    )


@pytest.mark.parametrize(
    "scope",
    [
        *("account:self", "auth:integrate", "auth:administer", "compliance:review"),
        *("staff:reveal", "institution:reveal", "everything", ""),
    ],
)
def test_key_is_given_nothing_but_the_institutions_data_and_filing(administrator, scope):
    answer = administrator.post(KEYS, wanted(scopes=["staff:read", scope]))

    assert (answer.status, answer.pointers) == (422, {"/scopes/1"})


def test_contract_names_the_scopes_that_a_key_may_carry():
    specification = yaml.safe_load(files("otsp_auth").joinpath("openapi.yaml").read_text("utf-8"))

    assert set(specification["components"]["schemas"]["Scope"]["enum"]) == API_KEY_SCOPES


def test_key_files_only_when_filing_is_named(kit, desk, issue):
    named = issue(scopes=["compliance:read", "compliance:file"])
    unnamed = issue(scopes=sorted(API_KEY_SCOPES - {"compliance:file"}))

    assert "compliance:file" in principal_of(kit, desk.use(named["key"])).scopes
    assert "compliance:file" not in principal_of(kit, desk.use(unnamed["key"])).scopes


def test_a_key_without_a_scope_is_not_made(administrator):
    assert administrator.post(KEYS, wanted(scopes=[])).pointers == {"/scopes"}


@pytest.mark.parametrize(("days", "code"), [(-1, "past"), (366, "too_long"), (3_000, "too_long")])
def test_key_lives_a_year_at_most(administrator, days, code):
    answer = administrator.post(KEYS, wanted(days=days))

    assert answer.status == 422
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [
        ("/expires_on", code)
    ]


def test_key_is_good_through_its_last_day_in_china(desk, administrator, issue):
    issued, longest = issue(days=0), issue(days=365)
    midnight = clock.now().astimezone(clock.SHANGHAI).replace(hour=0, minute=0, second=0)
    midnight = midnight.replace(microsecond=0) + timedelta(days=1)

    with clock.frozen(midnight - timedelta(seconds=1)):
        last = desk.use(issued["key"])
    with clock.frozen(midnight):
        over, still = desk.use(issued["key"]), desk.use(longest["key"])

    assert (last.status, last.headers[ENDS]) == (200, midnight.astimezone(UTC).isoformat())
    assert (over.status, over.problem) == (401, "unauthorised")
    assert HEADER not in over.headers
    assert still.status == 200


def test_rest_does_not_end_a_key(desk, issue):
    issued = issue(days=100)

    with clock.frozen(clock.now() + timedelta(days=99)):
        assert desk.use(issued["key"]).status == 200


def test_revoked_key_is_refused_at_once_and_its_neighbour_is_not(kit, desk, administrator, issue):
    key, neighbour = issue(), issue()
    assert desk.use(key["key"]).status == 200

    answers = [administrator.delete(f"{KEYS}/{key['api_key_id']}").status for _ in range(2)]

    assert answers == [204, 204]
    assert desk.use(key["key"]).status == 401
    assert desk.use(neighbour["key"]).status == 200
    revoked, live = administrator.get(KEYS).json["items"]
    assert revoked["revoked_at"] is not None
    assert live["revoked_at"] is None
    actions = [action for (action,) in rows(kit, "SELECT action FROM audit_entry")]
    assert actions.count("auth.api_key_revoked") == 1


@pytest.mark.parametrize("status", ["suspended", "cancelled"])
def test_key_ends_and_returns_with_the_account_that_made_it(kit, desk, issue, status):
    issued = issue()

    change(kit, status=status)
    assert desk.use(issued["key"]).status == 401

    change(kit, status="active")
    assert desk.use(issued["key"]).status == 200


def test_key_ends_when_its_account_is_another_institutions(kit, desk, issue):
    issued = issue()

    change(kit, institution_id=new_id())

    assert desk.use(issued["key"]).status == 401


def test_key_opens_nothing_while_its_account_has_a_duty_left(kit, desk, issue):
    issued = issue()

    change(kit, must_change_password=True)

    assert principal_of(kit, desk.use(issued["key"])).scopes == frozenset()


def test_logout_and_a_new_password_leave_keys_alone(kit, desk, administrator, issue):
    issued = issue()

    assert administrator.delete("/api/auth/v1/sessions/current").status == 204

    assert desk.use(issued["key"]).status == 200


@pytest.mark.parametrize(
    "key", ["otsp_" + "a" * 43, "otsp_" + "a" * 42, "otsp_", "subject_" + "a" * 43]
)
def test_what_is_no_key_is_refused(desk, issue, key):
    issue()

    assert (desk.use(key).status, desk.use(key).problem) == (401, "unauthorised")


def test_key_without_its_prefix_or_as_a_session_is_no_key(desk, issue):
    key = issue()["key"]

    assert desk.use(key.removeprefix("otsp_")).status == 401
    assert desk.use(key.replace("otsp_", "subject_")).status == 401


def test_keys_of_another_institution_do_not_exist(kit, desk, administrator, issue):
    issued = issue()
    desk.register(OTHER_MOBILE)
    other = kit.as_principal(principal_of(kit, desk.use(desk.login(OTHER_MOBILE).json["token"])))

    answer = other.delete(f"{KEYS}/{issued['api_key_id']}")

    assert (answer.status, answer.problem) == (404, "not-found")
    assert other.get(KEYS).json["items"] == []
    assert desk.use(issued["key"]).status == 200


def test_a_key_makes_lists_and_revokes_no_keys(kit, desk, issue):
    issued = issue(scopes=sorted(API_KEY_SCOPES))
    system = kit.as_principal(principal_of(kit, desk.use(issued["key"])))

    refused = [
        system.post(KEYS, wanted()),
        system.get(KEYS),
        system.delete(f"{KEYS}/{issued['api_key_id']}"),
        system.get("/api/auth/v1/account"),
    ]

    assert [each.status for each in refused] == [403] * 4
    assert refused[0].json["missing_scopes"] == ["auth:integrate"]


@pytest.mark.parametrize("role", ["reviewer", "region_admin", "national_admin", "auditor"])
def test_authorities_have_no_keys_to_give(kit, role):
    assert kit.as_authority(role).post(KEYS, wanted()).status == 403


def test_somebody_who_is_no_account_makes_no_key(kit):
    assert kit.as_institution(new_id()).post(KEYS, wanted()).status == 404


def test_institution_has_twenty_live_keys_at_most(administrator, issue):
    keys = [issue(days=number) for number in range(20)]

    refused = administrator.post(KEYS, wanted())
    administrator.delete(f"{KEYS}/{keys[-1]['api_key_id']}")
    after_a_revocation = administrator.post(KEYS, wanted())
    with clock.frozen(clock.now() + timedelta(days=1)):
        after_an_expiry = administrator.post(KEYS, wanted())
        again = administrator.post(KEYS, wanted())

    assert (refused.status, refused.problem) == (409, "too-many-api-keys")
    assert (after_a_revocation.status, after_an_expiry.status, again.status) == (201, 201, 409)


def test_keys_are_listed_page_by_page(administrator, issue):
    names = [issue(name=f"系统 {number}")["name"] for number in range(3)]

    first = administrator.get(KEYS, query={"limit": 2}).json
    second = administrator.get(KEYS, query={"limit": 2, "cursor": first["next"]}).json

    assert [each["name"] for page in (first, second) for each in page["items"]] == names
    assert second["next"] is None


def use_from(desk, key, address):
    headers = {"Authorization": f"Bearer {key}", "X-Forwarded-For": address}
    return desk._door.get("/internal/session", headers=headers)


def test_last_use_is_written_at_most_every_half_minute(kit, desk, administrator, issue):
    key, begun = issue()["key"], clock.now()

    def told_after(seconds, address):
        with clock.frozen(begun + timedelta(seconds=seconds)):
            use_from(desk, key, address)
            (told,) = administrator.get(KEYS).json["items"]
        return told["last_used_at"], told["last_address"]

    def moment(seconds):
        return (begun + timedelta(seconds=seconds)).isoformat()

    assert administrator.get(KEYS).json["items"][0]["last_used_at"] is None
    assert told_after(0, "203.0.113.7") == (moment(0), "203.0.113.7")
    assert told_after(29, "203.0.113.7") == (moment(0), "203.0.113.7")
    assert told_after(30, "203.0.113.7") == (moment(30), "203.0.113.7")
    assert told_after(31, "198.51.100.8") == (moment(31), "198.51.100.8")
    assert told_after(32, "203.0.113.7") == (moment(31), "198.51.100.8")
    assert b"198.51.100.8" not in bytes(rows(kit, "SELECT last_address FROM api_key")[0][0])


def test_trail_tells_the_first_use_of_a_day_from_an_address(kit, desk, issue):
    issued, begun = issue(), clock.now()
    for hours, address in [(0, "203.0.113.7"), (1, "203.0.113.7"), (2, "198.51.100.8"),
                           (3, "203.0.113.7"), (24, "203.0.113.7")]:  # fmt: skip
        with clock.frozen(begun + timedelta(hours=hours)):
            use_from(desk, issued["key"], address)

    trail = rows(
        kit,
        "SELECT object_id, client_ip, institution_id IS NOT NULL FROM audit_entry"
        " WHERE action = 'auth.api_key_used' ORDER BY sequence",
    )

    assert trail == [
        (issued["api_key_id"], "203.0.113.7", True),
        (issued["api_key_id"], "198.51.100.8", True),
        (issued["api_key_id"], "203.0.113.7", True),
    ]


def test_trail_tells_who_tries_a_key_that_has_ended(kit, desk, administrator, issue):
    issued = issue()
    administrator.delete(f"{KEYS}/{issued['api_key_id']}")

    for _ in range(3):
        use_from(desk, issued["key"], "203.0.113.66")

    trail = rows(
        kit, "SELECT object_id, client_ip FROM audit_entry WHERE action = 'auth.api_key_refused'"
    )
    assert trail == [(issued["api_key_id"], "203.0.113.66")]
    assert administrator.get(KEYS).json["items"][0]["last_used_at"] is None


def test_check_of_a_key_is_one_select(desk, issue):
    key = issue()["key"]
    with clock.frozen(clock.now()):
        desk.use(key)
        with statements_sent() as sent:
            desk.use(key)

    assert [statement.split()[0] for statement, _ in sent] == ["SELECT"]


def test_checks_of_keys_are_counted(desk, issue):
    def counts():
        return [
            metrics.API_KEY_CHECKS.labels(outcome)._value.get()
            for outcome in ("accepted", "refused")
        ]

    key, before = issue()["key"], counts()
    desk.use(key)
    desk.use("otsp_" + "a" * 43)

    assert [now - then for now, then in zip(counts(), before, strict=True)] == [1, 1]


def test_uses_are_forgotten_when_the_day_is_past(kit, desk, issue):
    desk.use(issue()["key"])

    kit.run_job("forget_outdated")
    assert len(rows(kit, "SELECT 1 FROM api_key_use")) == 1
    with clock.frozen(clock.now() + timedelta(days=4)):
        kit.run_job("forget_outdated")

    assert rows(kit, "SELECT 1 FROM api_key_use") == []
    assert len(rows(kit, "SELECT 1 FROM api_key")) == 1
