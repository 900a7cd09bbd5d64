"""Sessions: login, its failures and locks, use through the edge, every way to end."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text, update

from otsp_auth.commands.identity import identify
from otsp_auth.commands.passwords import HashingBusy, Passwords
from otsp_auth.model import Account, Authority
from otsp_chassis import clock, metrics
from otsp_chassis.context import activate
from otsp_chassis.db import reading, transaction
from otsp_chassis.identity import HEADER, IdentityVerifier
from otsp_testkit.listening import statements_sent

MOBILE, PASSWORD, WRONG = "13800000001", "Xihu-2026-peixun", "Xihu-2026-peixuN"
BASE = "/api/auth/v1"


@pytest.fixture
def account(desk) -> dict:
    return desk.register(MOBILE)


@pytest.fixture
def argon2_calls(monkeypatch) -> Counter:
    """Counts hashes and verifications at the library's edge."""
    calls: Counter = Counter()

    def counted(name: str):
        original = getattr(PasswordHasher, name)

        def call(self, *arguments):
            calls[name] += 1
            return original(self, *arguments)

        monkeypatch.setattr(PasswordHasher, name, call)

    counted("hash")
    counted("verify")
    return calls


def change(kit, statement) -> None:
    with kit.active(), transaction() as tx:
        tx.execute(statement)


def rows(kit, statement: str) -> list:
    with kit.active(), reading() as tx:
        return list(tx.execute(text(statement)))


def principal_of(kit, answer):
    return IdentityVerifier(kit.runtime.settings.identity_public_keys).verify(
        answer.headers[HEADER]
    )


def test_login_gives_a_token_that_stands_for_the_account(kit, desk, account):
    opened = desk.login(MOBILE)

    assert opened.status == 201
    assert opened.json["account"]["institution_id"] == account["institution_id"]
    assert opened.json["idle_seconds"] == 7200
    principal = principal_of(kit, desk.use(opened.json["token"]))
    assert str(principal.account_id) == account["account_id"]
    assert str(principal.institution_id) == account["institution_id"]
    assert principal.role == "inst_admin"
    assert "staff:write" in principal.scopes
    assert principal.authority is None


def test_token_itself_is_not_stored(kit, desk, account):
    token = desk.login(MOBILE).json["token"]

    assert len(token) == 43
    assert token not in str(rows(kit, "SELECT row_to_json(login_session) FROM login_session"))


def test_wrong_password_unknown_name_and_locked_account_are_answered_alike(desk, account):
    wrong, unknown = desk.login(MOBILE, WRONG), desk.login("13900000009")
    for _ in range(4):
        desk.login(MOBILE, WRONG)
    locked, locked_right = desk.login(MOBILE, WRONG), desk.login(MOBILE)

    refusals = [wrong, unknown, locked, locked_right]
    assert {each.status for each in refusals} == {401}
    assert {each.problem for each in refusals} == {"bad-credentials"}
    assert len({str({**each.json, "instance": ""}) for each in refusals}) == 1


def test_login_costs_one_argon2_whoever_asks(desk, account, argon2_calls):
    def cost_of(*credentials: str) -> Counter:
        argon2_calls.clear()
        desk.login(*credentials)
        return Counter(argon2_calls)

    once = Counter(verify=1)
    assert cost_of(MOBILE) == once
    assert cost_of(MOBILE, WRONG) == once
    assert cost_of("13900000009") == once
    assert cost_of("nobody.here") == once
    for _ in range(5):
        desk.login(MOBILE, WRONG)
    assert cost_of(MOBILE) == once


def test_fifth_failure_locks_for_half_an_hour(desk, account):
    begun = clock.now()
    with clock.frozen(begun):
        for _ in range(5):
            desk.login(MOBILE, WRONG)

    with clock.frozen(begun + timedelta(minutes=29, seconds=59)):
        assert desk.login(MOBILE).status == 401
    with clock.frozen(begun + timedelta(minutes=30)):
        assert desk.login(MOBILE).status == 201


def test_four_failures_do_not_lock_and_a_login_forgets_them(desk, account):
    for _ in range(3):
        for _ in range(4):
            desk.login(MOBILE, WRONG)
        assert desk.login(MOBILE).status == 201


def test_failure_during_the_lock_does_not_prolong_it(desk, account):
    begun = clock.now()
    with clock.frozen(begun):
        for _ in range(5):
            desk.login(MOBILE, WRONG)
    with clock.frozen(begun + timedelta(minutes=20)):
        for _ in range(6):
            desk.login(MOBILE, WRONG)

    with clock.frozen(begun + timedelta(minutes=30)):
        assert desk.login(MOBILE).status == 201


def test_failures_before_a_lock_do_not_count_after_it(desk, account):
    begun = clock.now()
    with clock.frozen(begun):
        for _ in range(5):
            desk.login(MOBILE, WRONG)

    with clock.frozen(begun + timedelta(minutes=31)):
        for _ in range(4):
            desk.login(MOBILE, WRONG)
        assert desk.login(MOBILE).status == 201


def test_guesses_in_parallel_are_counted_one_by_one(desk, account, kit):
    threads = [threading.Thread(target=desk.login, args=(MOBILE, WRONG)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert desk.login(MOBILE).status == 401
    actions = rows(kit, "SELECT action FROM audit_entry WHERE action LIKE 'auth.%ed'")
    assert Counter(action for (action,) in actions)["auth.account_locked"] == 1


def test_locked_account_keeps_the_sessions_that_it_had(desk, account):
    token = desk.login(MOBILE).json["token"]
    for _ in range(5):
        desk.login(MOBILE, WRONG)

    answer = desk.use(token)

    assert answer.status == 200


def test_address_with_many_failures_is_sent_away_whatever_it_tries(kit, desk, account):
    begun = clock.now()
    there = {"headers": {"X-Forwarded-For": "203.0.113.7"}}
    with clock.frozen(begun):
        for number in range(20):
            desk.login(f"139000000{number:02d}", **there)
        refused = desk.login(MOBILE, **there)
        elsewhere = desk.login(MOBILE, headers={"X-Forwarded-For": "203.0.113.8"})
    with clock.frozen(begun + timedelta(minutes=5, seconds=1)):
        later = desk.login(MOBILE, **there)

    assert (refused.status, refused.problem) == (429, "address-exhausted")
    assert elsewhere.status == later.status == 201


def test_hashing_beyond_the_queue_is_refused_and_the_place_is_given_back():
    passwords = Passwords(PasswordHasher(1, 8, 1), slots=1, queue=0)
    known = passwords.hash(PASSWORD)

    with passwords._gate(), pytest.raises(HashingBusy):
        passwords.matches(known, PASSWORD)

    assert passwords.matches(known, PASSWORD)


def test_waiting_request_gets_the_slot_when_it_is_free():
    passwords = Passwords(PasswordHasher(1, 8, 1), slots=1, queue=1)
    known, verdicts = passwords.hash(PASSWORD), []

    with passwords._gate():
        waiting = threading.Thread(
            target=lambda: verdicts.append(passwords.matches(known, PASSWORD))
        )
        waiting.start()
    waiting.join()

    assert verdicts == [True]


def test_hash_of_nobody_costs_what_the_settings_say_and_matches_nothing():
    passwords = Passwords(PasswordHasher(2, 64, 1), slots=1, queue=0)

    assert passwords._nobodys.startswith("$argon2id$v=19$m=64,t=2,p=1$")
    assert not passwords._hasher.check_needs_rehash(passwords._nobodys)
    assert not passwords.matches(None, PASSWORD)


def test_login_renews_a_hash_of_older_parameters(kit, desk, account):
    weaker = PasswordHasher(1, 8, 1).hash(PASSWORD)
    change(kit, update(Account).values(password_hash=weaker))

    assert desk.login(MOBILE).status == 201

    assert "m=64" in rows(kit, "SELECT password_hash FROM account")[0][0]
    assert desk.login(MOBILE).status == 201


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic eDp5", "Bearer " + "a" * 43])
def test_what_is_no_live_token_is_refused(kit, header):
    headers = {} if header is None else {"Authorization": header}

    answer = kit.anonymous().get("/internal/session", headers=headers)

    assert (answer.status, answer.problem) == (401, "unauthorised")
    assert HEADER not in answer.headers


def test_session_check_is_one_select(desk, account):
    token = desk.login(MOBILE).json["token"]
    with statements_sent() as sent:
        desk.use(token)

    assert [statement.split()[0] for statement, _ in sent] == ["SELECT"]


def test_institutions_session_ends_after_two_hours_of_rest(desk, account):
    begun = clock.now()
    with clock.frozen(begun):
        token = desk.login(MOBILE).json["token"]

    with clock.frozen(begun + timedelta(hours=2)):
        at_the_limit = desk.use(token)
    with clock.frozen(begun + timedelta(hours=4)):
        used_since = desk.use(token)
    with clock.frozen(begun + timedelta(hours=6, seconds=1)):
        rested = desk.use(token)

    assert (at_the_limit.status, used_since.status, rested.status) == (200, 200, 401)


def test_session_in_use_ends_after_twelve_hours(desk, account):
    begun = clock.now()
    with clock.frozen(begun):
        token = desk.login(MOBILE).json["token"]
    for hour in range(1, 12):
        with clock.frozen(begun + timedelta(hours=hour)):
            assert desk.use(token).status == 200

    with clock.frozen(begun + timedelta(hours=12)):
        assert desk.use(token).status == 401


def test_activity_is_written_at_most_every_half_minute(kit, desk, account):
    begun = clock.now()
    with clock.frozen(begun):
        token = desk.login(MOBILE).json["token"]

    def last_activity_after(seconds: int) -> timedelta:
        with clock.frozen(begun + timedelta(seconds=seconds)):
            desk.use(token)
        return rows(kit, "SELECT last_activity_at FROM login_session")[0][0] - begun

    assert last_activity_after(29) == timedelta(0)
    assert last_activity_after(30) == timedelta(seconds=30)
    assert last_activity_after(59) == timedelta(seconds=30)
    assert last_activity_after(61) == timedelta(seconds=61)


def test_logout_ends_this_session_and_no_other(kit, desk, account):
    here, there = (desk.login(MOBILE).json["token"] for _ in range(2))

    answer = kit.as_principal(principal_of(kit, desk.use(here))).delete(f"{BASE}/sessions/current")

    assert answer.status == 204
    assert desk.use(here).status == 401
    assert desk.use(there).status == 200


@pytest.mark.parametrize("status", ["suspended", "cancelled"])
def test_session_of_an_account_out_of_use_is_refused(kit, desk, account, status):
    token = desk.login(MOBILE).json["token"]

    change(kit, update(Account).values(status=status))

    assert desk.use(token).status == 401


def test_suspension_is_told_only_to_who_knows_the_password(kit, desk, account):
    change(kit, update(Account).values(status="suspended"))

    right, wrong = desk.login(MOBILE), desk.login(MOBILE, WRONG)

    assert (right.status, right.problem) == (403, "account-suspended")
    assert (wrong.status, wrong.problem) == (401, "bad-credentials")
    trail = rows(kit, "SELECT action FROM audit_entry WHERE action = 'auth.suspended_refused'")
    assert len(trail) == 1


def test_session_of_an_authority_out_of_use_is_refused(kit, desk, reviewer):
    token = desk.login(reviewer).json["token"]

    change(kit, update(Authority).values(is_active=False))

    assert desk.use(token).status == 401


@pytest.fixture
def reviewer(kit) -> str:
    """The username of one, in an authority of his own."""
    national = kit.as_authority("national_admin", level="national", region="000000")
    body = {"name": "西湖区教育局", "level": "county", "department": "education"}
    authority = national.post(f"{BASE}/authorities", body | {"region_code": "330106"}).json
    person = {"username": "xihu.shenhe", "password": PASSWORD, "person_name": "沈禾"}
    made = national.post(
        f"{BASE}/accounts",
        person | {"role": "reviewer", "authority_id": authority["authority_id"]},
    )
    assert made.status == 201, made.content
    return person["username"]


def test_reviewer_acts_for_his_authority_and_rests_half_an_hour_at_most(kit, desk, reviewer):
    begun = clock.now()
    with clock.frozen(begun):
        opened = desk.login("XIHU.shenhe")
        principal = principal_of(kit, desk.use(opened.json["token"]))
    with clock.frozen(begun + timedelta(minutes=30)):
        at_the_limit = desk.use(opened.json["token"])
    with clock.frozen(begun + timedelta(hours=1, seconds=1)):
        rested = desk.use(opened.json["token"])

    told = opened.json["account"]["authority"]
    assert principal.authority.name == told["name"] == "西湖区教育局"
    assert (principal.authority.level, principal.authority.region_code) == ("county", "330106")
    assert str(principal.authority.authority_id) == told["authority_id"]
    assert (at_the_limit.status, rested.status) == (200, 401)
    assert opened.json["idle_seconds"] == 1800


def test_logins_are_counted_by_outcome(desk, account):
    def counts() -> list[float]:
        return [
            metrics.LOGINS.labels(outcome)._value.get()
            for outcome in ("opened", "refused", "locked")
        ]

    before = counts()
    desk.login(MOBILE)
    for _ in range(6):
        desk.login(MOBILE, WRONG)

    assert [now - then for now, then in zip(counts(), before, strict=True)] == [1, 5, 1]


def test_trail_tells_logins_failures_locks_and_logouts(kit, desk, account):
    token = desk.login(MOBILE).json["token"]
    kit.as_principal(principal_of(kit, desk.use(token))).delete(f"{BASE}/sessions/current")
    desk.login("13900000009")
    for _ in range(6):
        desk.login(MOBILE, WRONG)

    trail = rows(kit, "SELECT action, object_id FROM audit_entry ORDER BY sequence")
    known = [action for action, of in trail if of == account["account_id"]]
    assert known == [
        "auth.account_created",
        "auth.logged_in",
        "auth.logged_out",
        *["auth.password_refused"] * 4,
        "auth.account_locked",
        "auth.locked_refused",
    ]
    assert ("auth.password_refused", "unknown") in {tuple(row) for row in trail}


def test_ended_sessions_and_old_codes_are_deleted(kit, desk, account):
    desk.login(MOBILE)

    with clock.frozen(clock.now() + timedelta(hours=11)):
        kit.run_job("forget_outdated")
        assert len(rows(kit, "SELECT 1 FROM login_session")) == 1
    with clock.frozen(clock.now() + timedelta(days=3)):
        kit.run_job("forget_outdated")

    for table in ("login_session", "verification", "address_attempt", "development_message"):
        assert rows(kit, f"SELECT 1 FROM {table}") == []


def test_minter_signs_with_the_key_of_the_settings(kit, desk, account, tmp_path):
    token = desk.login(MOBILE).json["token"]
    elsewhere = tmp_path / "key.jwk"
    elsewhere.write_bytes(kit.runtime.settings.identity_private_key.read_bytes())
    settings = kit.runtime.settings.model_copy(update={"identity_private_key": elsewhere})

    with activate(replace(kit.runtime, settings=settings)):
        identity = identify(token).identity

    public_keys = kit.runtime.settings.identity_public_keys
    assert IdentityVerifier(public_keys).verify(identity).role == "inst_admin"


def test_edge_is_told_when_a_resting_session_would_end(kit, desk, account):
    begun = clock.now().replace(microsecond=0)
    with clock.frozen(begun):
        token = desk.login(MOBILE).json["token"]
    with clock.frozen(begun + timedelta(minutes=30)):
        resting = desk.use(token).headers["OTSP-Session-Expires-At"]
    for hours in (2, 4, 6, 8, 10):
        with clock.frozen(begun + timedelta(hours=hours)):
            desk.use(token)
    with clock.frozen(begun + timedelta(hours=11)):
        old = desk.use(token).headers["OTSP-Session-Expires-At"]

    assert resting == (begun + timedelta(hours=2, minutes=30)).isoformat()
    assert old == (begun + timedelta(hours=12)).isoformat()


def test_duty_leaves_a_session_nothing_but_the_account(kit, desk, account):
    change(kit, update(Account).values(must_change_password=True))

    opened = desk.login(MOBILE)

    assert opened.json["account"]["duties"] == ["new_password"]
    token = opened.json["token"]
    assert principal_of(kit, desk.use(token)).scopes == {"account:self"}
    change(kit, update(Account).values(must_change_password=False))
    assert "staff:write" in principal_of(kit, desk.use(token)).scopes
