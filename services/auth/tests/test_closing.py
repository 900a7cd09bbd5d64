"""The institution closes: its people may look for some days, then the account is no more."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from otsp_auth.model import ApiKey, LoginSession
from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.identity import HEADER, IdentityVerifier
from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry
from otsp_contracts.auth import AccountCancelled, AuthClosingDone
from otsp_contracts.compliance import DeregistrationApproved, DeregistrationCompleted

BASE = "/api/auth/v1"
MOBILE, OTHER = "13800000001", "13800000002"
LAST_DAY = date(2024, 10, 30)


@pytest.fixture
def account(desk):
    """Of an institution, registered."""
    return desk.register(MOBILE)


@pytest.fixture
def token(desk, account):
    return desk.login(MOBILE).json["token"]


@pytest.fixture
def client(kit, token, desk):
    return kit.as_principal(principal_of(kit, desk.use(token)))


@pytest.fixture
def key(client):
    day = clock.now().astimezone(clock.SHANGHAI).date() + timedelta(days=30)
    body = {"name": "教务系统", "scopes": ["staff:read"], "expires_on": day.isoformat()}
    return client.post(f"{BASE}/api-keys", body).json["key"]


@pytest.fixture
def close(kit, account):
    def tell(**changes):
        asked = {"application_id": new_id(), "reason": "voluntary", "services": ("auth",)}
        asked |= {"institution_id": account["institution_id"], "closes_on": "2024-10-15"}
        kit.deliver(DeregistrationApproved(**asked | changes))
        return [each.payload().ended for each in kit.published(AuthClosingDone)]

    return tell


@pytest.fixture
def complete(kit, account, close):
    """All services are done: the last day is known."""

    def tell(read_only_until=LAST_DAY):
        told = {"institution_id": account["institution_id"], "application_id": new_id()}
        days = {"deregistered_on": "2024-10-15", "read_only_until": read_only_until}
        kit.deliver(DeregistrationCompleted(**told | days))

    close()
    return tell


def principal_of(kit, answer):
    verifier = IdentityVerifier(kit.runtime.settings.identity_public_keys)
    return verifier.verify(answer.headers[HEADER])


def run_on(kit, day):
    """The nightly job on a business day; the real clock goes on."""
    real = clock.now().astimezone(clock.SHANGHAI).date()
    clock.set_offset((day - real).days)
    try:
        kit.run_job("cancel_closed_accounts")
    finally:
        clock.set_offset(0)


def test_people_and_systems_are_read_only_at_once(kit, desk, token, key, close):
    assert close() == [1]

    assert principal_of(kit, desk.use(token)).is_read_only
    assert principal_of(kit, desk.use(key)).is_read_only
    assert principal_of(kit, desk.use(desk.login(MOBILE).json["token"])).is_read_only


def test_asked_again_nothing_changes_and_it_is_answered_again(close):
    assert close() == [1]
    assert close() == [1, 0]
    assert close(services=("staff",)) == [1, 0]


def test_other_institutions_go_on(kit, desk, close):
    desk.register(OTHER)

    close()

    assert not principal_of(kit, desk.use(desk.login(OTHER).json["token"])).is_read_only


def test_an_account_tells_how_long_it_may_look(client, complete):
    before = client.get(f"{BASE}/account").json
    complete()
    complete(date(2030, 1, 1))
    after = client.get(f"{BASE}/account").json

    assert (before["is_read_only"], before["read_only_until"]) == (True, None)
    assert after["read_only_until"] == "2024-10-30"


def test_after_the_last_day_the_account_is_no_more(kit, desk, token, key, account, complete):
    complete()

    run_on(kit, LAST_DAY)
    assert desk.use(token).status == 200
    run_on(kit, LAST_DAY + timedelta(days=1))
    run_on(kit, LAST_DAY + timedelta(days=2))

    assert (desk.use(token).status, desk.use(key).status) == (401, 401)
    assert desk.login(MOBILE).status == 401
    [cancelled] = [each.payload() for each in kit.published(AccountCancelled)]
    assert cancelled.account_id == UUID(account["account_id"])
    assert cancelled.cancelled_on == LAST_DAY + timedelta(days=1)
    with kit.active(), reading() as tx:
        actions = list(tx.execute(select(audit_entry.c.action)).scalars())
        assert tx.execute(select(LoginSession.session_id)).all() == []
        [revoked_at] = tx.execute(select(ApiKey.revoked_at)).scalars()
    assert actions.count("auth.account_cancelled") == 1
    assert revoked_at is not None


def test_who_is_still_closing_is_not_cancelled(kit, desk, token, close):
    close()

    run_on(kit, date(2030, 1, 1))

    assert desk.use(token).status == 200


def test_nothing_can_be_done_with_a_cancelled_account(kit, desk, account, complete):
    complete()
    run_on(kit, date(2030, 1, 1))
    admin = kit.as_authority("national_admin", level="national")
    path = f"{BASE}/accounts/{account['account_id']}"

    for action in ("suspension", "resumption", "unlocking"):
        refused = admin.post(f"{path}/{action}", {"reason": "误注销"})
        assert (action, refused.status) == (action, 409)


def test_the_mobile_is_free_for_an_account_of_its_own(desk, account, kit, complete):
    complete()
    run_on(kit, date(2030, 1, 1))

    with clock.frozen(clock.now() + timedelta(minutes=2)):
        again = desk.register(MOBILE)

    assert again["institution_id"] != account["institution_id"]
    assert desk.login(MOBILE).json["account"]["account_id"] == again["account_id"]
