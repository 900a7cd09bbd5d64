"""Registration step a: a texted code and a password make an institution's account."""

import re
import threading
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from otsp_auth.api.registration import list_development_mails, list_development_messages
from otsp_auth.commands import registration
from otsp_auth.commands.addresses import AddressExhausted
from otsp_chassis import clock, metrics
from otsp_chassis.context import Call, activate
from otsp_chassis.db import reading
from otsp_chassis.identity import HEADER, IdentityVerifier
from otsp_chassis.problems import UnknownRoute
from otsp_contracts.auth import AccountActivated

MOBILE = "13800000001"
BASE = "/api/auth/v1"


def texts_to(kit, mobile: str) -> list[str]:
    answer = kit.anonymous().get(f"{BASE}/development/messages", query={"mobile": mobile})
    return [each["text"] for each in answer.json["items"]]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_texted_code_makes_an_account_and_allots_an_institution(kit, desk):
    registration_id, code = desk.ask_code(MOBILE)

    answer = desk.activate(registration_id, code)

    assert answer.status == 201
    account = answer.json
    assert (account["role"], account["status"]) == ("inst_admin", "pending_profile")
    assert (account["username"], account["mobile"]) == (MOBILE, MOBILE)
    told = kit.published(AccountActivated)[0]
    assert told.data["institution_id"] == account["institution_id"]
    assert told.data["account_id"] == account["account_id"]


def test_number_written_wide_or_spaced_is_the_same_number(kit, desk):
    desk.register(MOBILE)

    with clock.frozen(clock.now() + timedelta(minutes=2)):
        kit.anonymous().post(f"{BASE}/registrations", {"mobile": "１３８ 0000 0001"})

    assert "已注册" in texts_to(kit, MOBILE)[0]
    assert desk.login("138 0000 0001").status == 201


def test_known_number_is_answered_like_a_new_one_and_its_owner_is_told(kit, desk):
    desk.register(MOBILE)

    with clock.frozen(clock.now() + timedelta(minutes=2)):
        known = kit.anonymous().post(f"{BASE}/registrations", {"mobile": MOBILE})
        fresh = kit.anonymous().post(f"{BASE}/registrations", {"mobile": "13800000002"})

    assert known.status == fresh.status == 201
    assert known.json.keys() == fresh.json.keys()
    assert known.json["code_expires_at"] == fresh.json["code_expires_at"]
    assert "已注册" in texts_to(kit, MOBILE)[0]
    assert "验证码" in texts_to(kit, "13800000002")[0]


def test_registration_of_a_known_number_refuses_codes_like_any_other(kit, desk):
    desk.register(MOBILE)
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        asked = kit.anonymous().post(f"{BASE}/registrations", {"mobile": MOBILE})

        refusal = desk.activate(asked.json["registration_id"], "123456")

    assert (refusal.status, refusal.problem) == (422, "wrong-code")


def test_code_is_good_for_five_minutes(desk):
    begun = clock.now()
    with clock.frozen(begun):
        registration_id, code = desk.ask_code(MOBILE)

    with clock.frozen(begun + timedelta(minutes=5)):
        late = desk.activate(registration_id, code)
    with clock.frozen(begun + timedelta(minutes=4, seconds=59)):
        in_time = desk.activate(registration_id, code)

    assert late.problem == "wrong-code"
    assert in_time.status == 201


def test_fifth_wrong_code_spoils_the_right_one(desk):
    registration_id, code = desk.ask_code(MOBILE)
    for _ in range(5):
        assert desk.activate(registration_id, wrong(code)).problem == "wrong-code"

    assert desk.activate(registration_id, code).problem == "wrong-code"


def test_right_code_is_taken_after_four_wrong_ones(desk):
    registration_id, code = desk.ask_code(MOBILE)
    for _ in range(4):
        desk.activate(registration_id, wrong(code))

    assert desk.activate(registration_id, code).status == 201


def test_code_is_good_once(kit, desk):
    registration_id, code = desk.ask_code(MOBILE)
    desk.activate(registration_id, code)

    assert desk.activate(registration_id, code).problem == "wrong-code"
    assert len(kit.published(AccountActivated)) == 1


def test_codes_of_one_number_do_not_open_each_others_registration(desk):
    begun = clock.now()
    with clock.frozen(begun):
        first_id, first_code = desk.ask_code(MOBILE)
    with clock.frozen(begun + timedelta(minutes=1)):
        second_id, second_code = desk.ask_code(MOBILE)

        crossed = desk.activate(second_id, first_code if first_code != second_code else "000000")
        straight = desk.activate(first_id, first_code)
        late = desk.activate(second_id, second_code)

    assert crossed.problem == "wrong-code"
    assert straight.status == 201
    assert (late.status, late.problem) == (409, "mobile-registered")


def test_weak_password_is_refused_in_words_and_costs_no_try(desk):
    registration_id, code = desk.ask_code(MOBILE)
    for _ in range(6):
        refusal = desk.activate(registration_id, code, password="12345678")

    assert refusal.status == 422
    assert [each["code"] for each in refusal.json["errors"]] == ["too_short", "too_simple"]
    assert refusal.pointers == {"/password"}
    assert desk.activate(registration_id, code).status == 201


def test_unknown_registration_is_not_found(desk):
    answer = desk.activate("01932d2f-7c3a-7d54-9c11-3f4f6f1f0a11", "123456")

    assert (answer.status, answer.problem) == (404, "not-found")


def test_second_text_within_a_minute_is_refused(kit, desk):
    begun = clock.now()
    with clock.frozen(begun):
        desk.ask_code(MOBILE)

    with clock.frozen(begun + timedelta(seconds=59)):
        refusal = kit.anonymous().post(f"{BASE}/registrations", {"mobile": MOBILE})
    with clock.frozen(begun + timedelta(seconds=60)):
        allowed = kit.anonymous().post(f"{BASE}/registrations", {"mobile": MOBILE})

    assert (refusal.status, refusal.problem) == (429, "too-many-texts")
    assert "Retry-After" in refusal.headers
    assert allowed.status == 201


def test_eleventh_text_of_a_day_is_refused(kit, desk):
    begun = clock.now()
    for number in range(10):
        with clock.frozen(begun + timedelta(minutes=number)):
            desk.ask_code(MOBILE)

    with clock.frozen(begun + timedelta(hours=23)):
        refusal = kit.anonymous().post(f"{BASE}/registrations", {"mobile": MOBILE})
    with clock.frozen(begun + timedelta(hours=24)):
        allowed = kit.anonymous().post(f"{BASE}/registrations", {"mobile": MOBILE})

    assert refusal.problem == "too-many-texts"
    assert allowed.status == 201


def test_of_two_requests_at_once_for_one_number_one_is_texted(kit):
    clients = [kit.anonymous() for _ in range(4)]
    statuses: list[int] = []

    def ask(client) -> None:
        statuses.append(client.post(f"{BASE}/registrations", {"mobile": MOBILE}).status)

    threads = [threading.Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [201, 429, 429, 429]
    assert len(texts_to(kit, MOBILE)) == 1


def ask_from(kit, address: str, numbers: range, **settings) -> None:
    runtime = replace(kit.runtime, settings=kit.runtime.settings.model_copy(update=settings))
    for number in numbers:
        call = Call("test", request_id="1", is_write=True, client_ip=address)
        with activate(runtime, call):
            registration.request_registration(f"138000{number:05d}")


def test_address_may_ask_for_so_many_codes_a_day(kit):
    begun = clock.now()
    ask_from(kit, "203.0.113.7", range(3), address_registrations=3)

    with pytest.raises(AddressExhausted):
        ask_from(kit, "203.0.113.7", range(3, 4), address_registrations=3)
    ask_from(kit, "203.0.113.8", range(3, 4), address_registrations=3)
    with clock.frozen(begun + timedelta(hours=23)), pytest.raises(AddressExhausted):
        ask_from(kit, "203.0.113.7", range(4, 5), address_registrations=3)
    with clock.frozen(clock.now() + timedelta(hours=24, seconds=1)):
        ask_from(kit, "203.0.113.7", range(4, 5), address_registrations=3)


def test_address_may_ask_for_ten_codes_a_day_unless_set_otherwise(kit):
    ask_from(kit, "203.0.113.9", range(10))

    with pytest.raises(AddressExhausted):
        ask_from(kit, "203.0.113.9", range(10, 11))


def test_address_limits_count_a_subnet_of_version_six_as_one(kit):
    ask_from(kit, "2001:db8:1:2::1", range(1), address_registrations=1)

    with pytest.raises(AddressExhausted):
        ask_from(kit, "2001:db8:1:2::ffff", range(1, 2), address_registrations=1)
    ask_from(kit, "2001:db8:1:3::1", range(1, 2), address_registrations=1)


def test_address_limits_spare_this_machine_in_a_demo_only(kit):
    demo = {"env": "demo", "exempt_loopback": None}
    ask_from(kit, "127.0.0.1", range(3), address_registrations=1, **demo)

    with pytest.raises(AddressExhausted):
        ask_from(kit, "127.0.0.1", range(3, 5), address_registrations=1, exempt_loopback=None)


def test_neither_mobiles_nor_codes_lie_in_the_database_as_they_are(kit, desk):
    registration_id, code = desk.ask_code(MOBILE)
    desk.activate(registration_id, code)

    with kit.active(), reading() as tx:
        for table in ("account", "verification", "development_message", "audit_entry", "outbox"):
            row = tx.execute(text(f"SELECT row_to_json({table})::text FROM {table}")).scalars()
            shown = "".join(row)
            assert MOBILE not in shown
            assert MOBILE.encode().hex() not in shown
            assert f'"{code}"' not in shown
            assert "Xihu-2026" not in shown


def test_development_outbox_does_not_exist_in_production(kit):
    settings = kit.runtime.settings.model_copy(update={"env": "production"})

    with activate(replace(kit.runtime, settings=settings)):
        with pytest.raises(UnknownRoute):
            list_development_messages(MOBILE)
        with pytest.raises(UnknownRoute):
            list_development_mails("zhou@example.test")


def test_texts_are_counted(kit, desk):
    counter = metrics.SMS.labels("development_outbox", "sent")._value
    before = counter.get()

    desk.ask_code(MOBILE)

    assert counter.get() == before + 1


def test_institution_id_is_a_uuid_of_its_own(desk):
    accounts = [desk.register(f"1380000000{number}") for number in (1, 2)]

    ids = {UUID(each["institution_id"]) for each in accounts}
    assert len(ids) == 2
    assert ids.isdisjoint(UUID(each["account_id"]) for each in accounts)


def test_lost_code_is_asked_for_again_a_minute_later(desk):
    begun = clock.now()
    with clock.frozen(begun):
        desk.ask_code(MOBILE)

    with clock.frozen(begun + timedelta(minutes=1)):
        answer = desk.activate(*desk.ask_code(MOBILE))

    assert answer.status == 201


def test_registration_left_after_its_first_step_is_gone_on_with_at_the_next_login(kit, desk):
    account = desk.register(MOBILE)

    with clock.frozen(clock.now() + timedelta(days=30)):
        opened = desk.login(MOBILE)
        identity = desk.use(opened.json["token"]).headers[HEADER]

    resumed = opened.json["account"]
    assert (resumed["status"], resumed["duties"]) == ("pending_profile", [])
    assert resumed["institution_id"] == account["institution_id"]
    verifier = IdentityVerifier(kit.runtime.settings.identity_public_keys)
    with clock.frozen(clock.now() + timedelta(days=30)):
        principal = verifier.verify(identity)
    assert {"institution:write", "account:self"} <= principal.scopes


def test_whoever_lost_the_answer_of_the_activation_just_logs_in(desk):
    registration_id, code = desk.ask_code(MOBILE)
    desk.activate(registration_id, code)

    again = desk.activate(registration_id, code)

    assert again.problem == "wrong-code"
    assert desk.login(MOBILE).json["account"]["status"] == "pending_profile"


def test_password_forgotten_between_the_two_steps_is_reset(kit, desk):
    begun = clock.now()
    with clock.frozen(begun):
        account = desk.register(MOBILE)
    with clock.frozen(begun + timedelta(minutes=1)):
        asked = kit.anonymous().post(f"{BASE}/password-resets", {"mobile": MOBILE}).json
        code = re.search(r"\d{6}", texts_to(kit, MOBILE)[0])[0]
        body = {"code": code, "new_password": "Xihu-2027-peixun"}
        kit.anonymous().post(f"{BASE}/password-resets/{asked['reset_id']}/completion", body)

    resumed = desk.login(MOBILE, "Xihu-2027-peixun").json["account"]

    assert resumed["status"] == "pending_profile"
    assert resumed["institution_id"] == account["institution_id"]
