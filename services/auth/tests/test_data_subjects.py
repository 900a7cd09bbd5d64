"""People without an account who prove their mobile, to be told what is held of them (D34)."""

import re
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.identity import HEADER, IdentityVerifier
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index

MOBILE, OWNED = "13900000077", "13800000001"
BASE = "/api/auth/v1"


def rows(kit, statement):
    with kit.active(), reading() as tx:
        return [tuple(row) for row in tx.execute(text(statement))]


@pytest.fixture
def door(kit):
    return kit.anonymous()


@pytest.fixture
def ask(door):
    """Verification id, and the code as texted."""

    def send(mobile=MOBILE):
        asked = door.post(f"{BASE}/data-subject-codes", {"mobile": mobile})
        assert asked.status == 201, asked.content
        texts = door.get(f"{BASE}/development/messages", query={"mobile": mobile}).json["items"]
        assert "查询个人信息" in texts[0]["text"]
        return asked.json["verification_id"], re.search(r"\d{6}", texts[0]["text"])[0]

    return send


@pytest.fixture
def enter(door):
    def send(verification_id, code):
        body = {"verification_id": verification_id, "code": code}
        return door.post(f"{BASE}/data-subject-sessions", body)

    return send


def principal_of(kit, answer):
    verifier = IdentityVerifier(kit.runtime.settings.identity_public_keys)
    return verifier.verify(answer.headers[HEADER])


def test_code_makes_an_identity_that_carries_the_mobile_as_a_digest_alone(kit, desk, ask, enter):
    opened = enter(*ask())

    assert opened.status == 201
    principal = principal_of(kit, desk.use(opened.json["token"]))
    assert (principal.role, principal.scopes) == ("data_subject", {"data-subject:self"})
    assert (principal.institution_id, principal.authority) == (None, None)
    assert principal.account_id == UUID(principal.session_id)
    with kit.active():
        assert principal.mobile_index == blind_index(MOBILE)
    assert MOBILE not in str(principal.claims())


def test_neither_number_nor_token_is_kept(kit, ask, enter):
    token = enter(*ask()).json["token"]

    kept = str(rows(kit, "SELECT row_to_json(data_subject_session) FROM data_subject_session"))
    trail = str(rows(kit, "SELECT row_to_json(audit_entry) FROM audit_entry"))

    assert MOBILE not in kept + trail
    assert token not in kept + trail


def test_every_number_is_answered_alike(desk, door):
    desk.register(OWNED)
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        answers = [
            door.post(f"{BASE}/data-subject-codes", {"mobile": mobile})
            for mobile in (OWNED, MOBILE)
        ]

    assert [each.status for each in answers] == [201, 201]
    assert len({str({**each.json, "verification_id": ""}) for each in answers}) == 1


def test_identity_ends_after_ten_minutes_whatever_it_does(desk, ask, enter):
    begun = clock.now().replace(microsecond=0)
    with clock.frozen(begun):
        opened = enter(*ask()).json
    end = begun + timedelta(minutes=10)

    with clock.frozen(end - timedelta(seconds=1)):
        last = desk.use(opened["token"])
    with clock.frozen(end):
        over = desk.use(opened["token"])

    assert opened["expires_at"] == end.isoformat()
    assert (last.status, last.headers["OTSP-Session-Expires-At"]) == (200, end.isoformat())
    assert (over.status, over.problem) == (401, "unauthorised")


def test_leaving_ends_this_identity_and_no_other(kit, desk, ask, enter):
    begun = clock.now()
    tokens = []
    for minutes in (0, 2):
        with clock.frozen(begun + timedelta(minutes=minutes)):
            tokens.append(enter(*ask()).json["token"])
    here, there = tokens

    with clock.frozen(begun + timedelta(minutes=3)):
        person = kit.as_principal(principal_of(kit, desk.use(here)))
        answer = person.delete(f"{BASE}/data-subject-sessions/current")
        statuses = (desk.use(here).status, desk.use(there).status)

    assert answer.status == 204
    assert statuses == (401, 200)


def test_code_is_good_once_and_for_nothing_else(desk, door, ask, enter):
    verification_id, code = ask()
    assert enter(verification_id, code).status == 201

    again = enter(verification_id, code)
    as_registration = desk.activate(verification_id, code)
    registration_id, registration_code = desk.ask_code(OWNED)
    as_identity = enter(registration_id, registration_code)

    assert (again.status, again.problem) == (422, "wrong-code")
    assert (as_registration.status, as_identity.status) == (404, 404)


def test_five_wrong_codes_use_it_up(ask, enter):
    verification_id, code = ask()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    refusals = Counter(enter(verification_id, wrong).problem for _ in range(5))

    assert refusals == {"wrong-code": 5}
    assert enter(verification_id, code).problem == "wrong-code"


def test_code_is_good_for_five_minutes(ask, enter):
    begun = clock.now()
    with clock.frozen(begun):
        sent = ask()

    with clock.frozen(begun + timedelta(minutes=5)):
        assert enter(*sent).problem == "wrong-code"


def test_made_up_code_is_of_nobody(enter):
    assert enter(str(new_id()), "123456").status == 404


def test_number_is_texted_once_a_minute_whatever_for(desk, door, ask):
    desk.ask_code(MOBILE)

    refused = door.post(f"{BASE}/data-subject-codes", {"mobile": MOBILE})

    assert (refused.status, refused.problem) == (429, "too-many-texts")
    assert int(refused.headers["Retry-After"]) > 0


def test_address_asks_only_so_often(door):
    there = {"headers": {"X-Forwarded-For": "203.0.113.7"}}
    statuses = [
        door.post(f"{BASE}/data-subject-codes", {"mobile": f"1390000{number:04d}"}, **there).status
        for number in range(101)
    ]
    refused = door.post(f"{BASE}/data-subject-codes", {"mobile": "13900009999"}, **there)

    assert statuses == [201] * 100 + [429]
    assert refused.problem == "address-exhausted"
    assert int(refused.headers["Retry-After"]) > 0


def test_it_opens_nothing_of_accounts(kit, desk, ask, enter):
    person = kit.as_principal(principal_of(kit, desk.use(enter(*ask()).json["token"])))

    for path in ("account", "authorities", "api-keys"):
        assert person.get(f"{BASE}/{path}").status == 403


def test_past_identities_are_deleted(kit, ask, enter):
    enter(*ask())

    kit.run_job("forget_outdated")
    assert len(rows(kit, "SELECT 1 FROM data_subject_session")) == 1
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        kit.run_job("forget_outdated")

    assert rows(kit, "SELECT 1 FROM data_subject_session") == []
