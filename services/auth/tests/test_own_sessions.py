"""Where an account is logged in: the list, logging out there, and what ends a session."""

from datetime import timedelta

import pytest
from sqlalchemy import text, update

from otsp_auth.model import Account
from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.identity import HEADER, IdentityVerifier
from otsp_chassis.ids import new_id

BASE, MOBILE, PASSWORD = "/api/auth/v1", "13800000001", "Xihu-2026-peixun"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def account(desk) -> dict:
    return desk.register(MOBILE)


def rows(kit, statement: str) -> list:
    with kit.active(), reading() as tx:
        return list(tx.execute(text(statement)))


def client(kit, desk, token: str):
    keys = kit.runtime.settings.identity_public_keys
    return kit.as_principal(IdentityVerifier(keys).verify(desk.use(token).headers[HEADER]))


def log_in(desk, address: str = "203.0.113.7", device: str | None = FIREFOX) -> str:
    headers = {"X-Forwarded-For": address} | ({"User-Agent": device} if device else {})
    return desk.login(MOBILE, headers=headers).json["token"]


def passive(kit, token: str, value: str = "true"):
    headers = {"Authorization": f"Bearer {token}", "OTSP-Passive": value}
    return kit.anonymous().get("/internal/session", headers=headers)


def test_list_tells_device_address_and_last_use(kit, desk, account):
    begun = clock.now().replace(microsecond=0)
    with clock.frozen(begun):
        elsewhere = log_in(desk, "198.51.100.9", "Opera/9.80")
    with clock.frozen(begun + timedelta(minutes=10)):
        here = log_in(desk)
    with clock.frozen(begun + timedelta(minutes=20)):
        desk.use(elsewhere)
        page = client(kit, desk, here).get(f"{BASE}/account/sessions").json

    told = [(each["device"], each["address"], each["current"]) for each in page["items"]]
    assert sorted(told) == [
        (FIREFOX, "203.0.113.7", True),
        ("Opera/9.80", "198.51.100.9", False),
    ]
    assert {each["last_activity_at"] for each in page["items"]} == {
        (begun + timedelta(minutes=20)).isoformat()
    }


def test_device_and_address_are_not_stored_in_clear(kit, desk, account):
    log_in(desk)

    stored = str(
        rows(kit, "SELECT encode(device, 'escape'), encode(address, 'escape') FROM login_session")
    )

    assert "Firefox" not in stored
    assert "203.0.113.7" not in stored


def test_long_story_of_a_browser_is_cut(kit, desk, account):
    token = log_in(desk, device="x" * 5000)

    page = client(kit, desk, token).get(f"{BASE}/account/sessions").json

    assert page["items"][0]["device"] == "x" * 200


def test_browser_that_says_nothing_of_itself_is_listed_too(kit, desk, account):
    token = desk.login(MOBILE, headers={"User-Agent": ""}).json["token"]

    page = client(kit, desk, token).get(f"{BASE}/account/sessions").json

    assert page["items"][0]["device"] is None


def test_list_holds_own_live_sessions_only(kit, desk, account):
    desk.register("13800000002")
    begun = clock.now()
    with clock.frozen(begun):
        log_in(desk)
        desk.login("13800000002")
    with clock.frozen(begun + timedelta(hours=2, seconds=1)):
        page = client(kit, desk, log_in(desk)).get(f"{BASE}/account/sessions").json

    assert [each["current"] for each in page["items"]] == [True]


def test_one_device_is_logged_out(kit, desk, account):
    lost, here = log_in(desk), log_in(desk)
    own = client(kit, desk, here)
    listed = own.get(f"{BASE}/account/sessions").json["items"]
    other = next(each["session_id"] for each in listed if not each["current"])

    first = own.delete(f"{BASE}/account/sessions/{other}")
    again = own.delete(f"{BASE}/account/sessions/{other}")

    assert (first.status, again.status) == (204, 404)
    assert desk.use(lost).status == 401
    assert desk.use(here).status == 200


def test_session_of_somebody_else_is_not_found(kit, desk, account):
    desk.register("13800000002")
    other = desk.login("13800000002").json["token"]
    theirs = client(kit, desk, other).principal.session_id

    answer = client(kit, desk, log_in(desk)).delete(f"{BASE}/account/sessions/{theirs}")

    assert answer.status == 404
    assert desk.use(other).status == 200


def test_logging_out_everywhere_ends_this_session_too_and_nobody_elses(kit, desk, account):
    desk.register("13800000002")
    other = desk.login("13800000002").json["token"]
    tokens = [log_in(desk) for _ in range(3)]

    answer = client(kit, desk, tokens[0]).delete(f"{BASE}/account/sessions")

    assert answer.status == 204
    assert [desk.use(token).status for token in tokens] == [401] * 3
    assert desk.use(other).status == 200


def test_ended_session_stays_ended_whoever_keeps_its_token(kit, desk, account):
    token = log_in(desk)
    own = client(kit, desk, token)
    own.delete(f"{BASE}/sessions/current")

    reused = [desk.use(token).status for _ in range(3)]

    assert reused == [401] * 3
    assert desk.login(MOBILE).json["token"] != token


def test_trail_tells_who_ended_which_session(kit, desk, account):
    own = client(kit, desk, log_in(desk))
    own.delete(f"{BASE}/account/sessions/{own.principal.session_id}")
    own = client(kit, desk, log_in(desk))
    own.delete(f"{BASE}/account/sessions")

    trail = rows(
        kit,
        "SELECT action, object_id FROM audit_entry"
        " WHERE action IN ('auth.session_closed', 'auth.logged_out_everywhere') ORDER BY sequence",
    )
    assert [action for action, _ in trail] == [
        "auth.session_closed",
        "auth.logged_out_everywhere",
    ]
    assert trail[1][1] == account["account_id"]


def test_polling_does_not_prolong_a_session(kit, desk, account):
    begun = clock.now()
    with clock.frozen(begun):
        token = desk.login(MOBILE).json["token"]
    for minutes in range(10, 121, 10):
        with clock.frozen(begun + timedelta(minutes=minutes)):
            assert passive(kit, token).status == 200

    with clock.frozen(begun + timedelta(hours=2, seconds=1)):
        assert passive(kit, token).status == 401


def test_polling_is_told_the_true_end(kit, desk, account):
    begun = clock.now().replace(microsecond=0)
    with clock.frozen(begun):
        token = desk.login(MOBILE).json["token"]
    with clock.frozen(begun + timedelta(hours=1)):
        polled = passive(kit, token).headers["OTSP-Session-Expires-At"]
        used = passive(kit, token, "false").headers["OTSP-Session-Expires-At"]

    assert polled == (begun + timedelta(hours=2)).isoformat()
    assert used == (begun + timedelta(hours=3)).isoformat()


def test_passive_header_says_true_or_false(kit, desk, account):
    assert passive(kit, desk.login(MOBILE).json["token"], "perhaps").status == 400


@pytest.mark.parametrize(
    ("used_after", "ends_after"),
    [
        (timedelta(seconds=29), timedelta(hours=2)),
        (timedelta(seconds=30), timedelta(hours=2, seconds=30)),
    ],
)
def test_rest_is_measured_exactly_to_half_a_minute(desk, account, used_after, ends_after):
    """A use within the activity step is not written: the session may end that much early."""
    begun = clock.now()
    with clock.frozen(begun):
        token = desk.login(MOBILE).json["token"]
    with clock.frozen(begun + used_after):
        desk.use(token)

    with clock.frozen(begun + ends_after + timedelta(microseconds=1)):
        assert desk.use(token).status == 401
    with clock.frozen(begun + ends_after):
        assert desk.use(token).status == 200


@pytest.mark.parametrize("status", ["suspended", "cancelled", "recovering"])
def test_session_ends_when_its_account_is_out_of_use(kit, desk, account, status):
    token = log_in(desk)

    with kit.active(), transaction() as tx:
        tx.execute(update(Account).values(status=status))

    assert desk.use(token).status == 401


def test_guessed_session_id_ends_nothing(kit, desk, account):
    own = client(kit, desk, log_in(desk))

    assert own.delete(f"{BASE}/account/sessions/{new_id()}").status == 404
