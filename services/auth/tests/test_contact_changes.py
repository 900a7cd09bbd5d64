"""Personal information, mail address and mobile, as the account's owner changes them."""

import re
import threading
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select, text

from otsp_auth.commands import codes
from otsp_auth.commands.codes import Recipient
from otsp_auth.model import Account
from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.identity import HEADER, IdentityVerifier
from otsp_chassis.ids import new_id

BASE, MOBILE, OTHER, EMAIL = "/api/auth/v1", "13800000001", "13800000009", "zhou@example.test"
PASSWORD = "Xihu-2026-peixun"
LATER = timedelta(minutes=2)
INFORMATION = {
    "person_name": "周明",
    "contact_tel": "0571-88001234",
    "postcode": "310012",
    "contact_address": "浙江省杭州市西湖区示例路1号",
}


WAITING = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = %s"


def signed_in(kit, desk, username: str):
    identity = desk.use(desk.login(username).json["token"]).headers[HEADER]
    return kit.as_principal(
        IdentityVerifier(kit.runtime.settings.identity_public_keys).verify(identity)
    )


@pytest.fixture
def owner(kit, desk):
    """Registered a while ago: the pause between two texts is over."""
    with clock.frozen(clock.now() - LATER):
        desk.register(MOBILE)
    return signed_in(kit, desk, MOBILE)


@pytest.fixture
def operator(kit, desk):
    fields = {
        "username": "operator.one",
        "password": PASSWORD,
        "role": "operator",
        "person_name": "沈禾",
    }
    admin = kit.as_authority("national_admin", level="national", region="000000")
    assert admin.post(f"{BASE}/accounts", fields).status == 201
    return signed_in(kit, desk, "operator.one")


def texts_to(kit, mobile: str) -> list[str]:
    answer = kit.anonymous().get(f"{BASE}/development/messages", query={"mobile": mobile})
    return [each["text"] for each in answer.json["items"]]


def mails_to(kit, email: str) -> list[str]:
    answer = kit.anonymous().get(f"{BASE}/development/mails", query={"email": email})
    return [each["text"] for each in answer.json["items"]]


def code_in(message: str) -> str:
    return re.search(r"\d{6}", message)[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def ask_email(owner, email: str = EMAIL, password: str = PASSWORD):
    body = {"email": email, "current_password": password}
    return owner.post(f"{BASE}/account/email-changes", body)


def complete_email(owner, change_id: str, code: str):
    return owner.post(f"{BASE}/account/email-changes/{change_id}/completion", {"code": code})


def set_email(kit, owner, email: str = EMAIL):
    asked = ask_email(owner, email)
    assert asked.status == 201, asked.content
    return complete_email(owner, asked.json["email_change_id"], code_in(mails_to(kit, email)[0]))


def ask_mobile(owner, new: str = OTHER):
    return owner.post(f"{BASE}/account/mobile-changes", {"new_mobile": new})


def complete_mobile(owner, change_id: str, old_code: str, new_code: str):
    body = {"old_code": old_code, "new_code": new_code}
    return owner.post(f"{BASE}/account/mobile-changes/{change_id}/completion", body)


def test_institution_fills_in_its_personal_information(owner):
    found = owner.get(f"{BASE}/account/personal-information")

    kept = owner.put(
        f"{BASE}/account/personal-information", INFORMATION, if_match=found.json["version"]
    )

    assert kept.status == 200
    assert {name: kept.json[name] for name in INFORMATION} == INFORMATION
    assert kept.json["mobile"] == MOBILE
    assert owner.get(f"{BASE}/account/personal-information").json == kept.json


def test_personal_information_is_replaced_on_the_version_that_was_read(owner):
    version = owner.get(f"{BASE}/account/personal-information").json["version"]
    path = f"{BASE}/account/personal-information"

    without = owner.put(path, INFORMATION)
    first = owner.put(path, INFORMATION, if_match=version)
    second = owner.put(path, INFORMATION | {"person_name": "周末"}, if_match=version)

    assert [each.status for each in (without, first, second)] == [428, 200, 412]
    assert owner.get(path).json["person_name"] == "周明"


def test_institution_tells_how_it_is_reached(owner):
    version = owner.get(f"{BASE}/account/personal-information").json["version"]

    refusal = owner.put(
        f"{BASE}/account/personal-information", {"person_name": "周明"}, if_match=version
    )
    malformed = owner.put(
        f"{BASE}/account/personal-information",
        INFORMATION | {"contact_tel": "12", "postcode": "31001"},
        if_match=version,
    )

    assert refusal.pointers == {"/contact_tel", "/contact_address"}
    assert malformed.pointers == {"/contact_tel", "/postcode"}


def test_everybody_else_changes_the_name_alone(operator):
    path = f"{BASE}/account/personal-information"
    version = operator.get(path).json["version"]

    refusal = operator.put(path, INFORMATION, if_match=version)
    kept = operator.put(path, {"person_name": "沈和"}, if_match=version)

    assert refusal.pointers == {"/contact_tel", "/postcode", "/contact_address"}
    assert (kept.status, kept.json["person_name"]) == (200, "沈和")


def test_mailed_code_makes_the_address_the_accounts(kit, owner):
    answer = set_email(kit, owner)

    assert (answer.status, answer.json["email"]) == (200, EMAIL)
    assert answer.json["email_verified_at"] is not None
    assert "新的邮箱" in texts_to(kit, MOBILE)[0]


def test_address_counts_for_nothing_before_its_code_has_come_back(owner):
    ask_email(owner)

    assert owner.get(f"{BASE}/account").json["email"] is None


def test_changed_address_is_told_to_the_former_one(kit, owner):
    set_email(kit, owner)

    answer = set_email(kit, owner, "ming@example.test")

    assert answer.json["email"] == "ming@example.test"
    assert "新的邮箱" in mails_to(kit, EMAIL)[0]


def test_setting_an_address_takes_the_password(kit, desk, owner):
    refusals = [ask_email(owner, password="Wrong-2026-wrong") for _ in range(5)]

    assert {(each.status, each.problem) for each in refusals} == {(422, "wrong-password")}
    assert refusals[0].pointers == {"/current_password"}
    assert mails_to(kit, EMAIL) == []
    assert ask_email(owner).problem == "wrong-password"


def test_address_of_another_account_is_answered_alike_and_never_moves(kit, desk, owner):
    set_email(kit, owner)
    desk.register("13800000002")
    other = signed_in(kit, desk, "13800000002")

    with clock.frozen(clock.now() + LATER):
        taken, free = ask_email(other, EMAIL.upper()), ask_email(other, "free@example.test")
        refusal = complete_email(other, taken.json["email_change_id"], "123456")

    assert taken.status == free.status == 201
    assert taken.json.keys() == free.json.keys()
    assert "已用于其他账户" in mails_to(kit, EMAIL)[0]
    assert (refusal.status, refusal.problem) == (422, "wrong-code")


def test_of_two_accounts_that_prove_one_address_the_faster_has_it(kit, desk, owner):
    desk.register("13800000002")
    other = signed_in(kit, desk, "13800000002")
    first = ask_email(owner).json["email_change_id"]
    first_code = code_in(mails_to(kit, EMAIL)[0])
    with clock.frozen(clock.now() + LATER):
        second = ask_email(other).json["email_change_id"]
        second_code = code_in(mails_to(kit, EMAIL)[0])
        assert complete_email(other, second, second_code).status == 200

        late = complete_email(owner, first, first_code)

    assert (late.status, late.problem) == (409, "email-taken")


def test_code_of_one_account_is_nothing_to_another(kit, desk, owner):
    change_id = ask_email(owner).json["email_change_id"]
    code = code_in(mails_to(kit, EMAIL)[0])
    desk.register("13800000002")
    other = signed_in(kit, desk, "13800000002")

    strangers = [complete_email(other, change_id, wrong(code)) for _ in range(6)]

    assert {(each.status, each.problem) for each in strangers} == {(404, "not-found")}
    assert complete_email(owner, change_id, code).status == 200


def test_mail_address_is_masked_to_others_and_lies_encrypted(kit, owner):
    set_email(kit, owner)
    account_id = owner.principal.account_id
    admin = kit.as_authority("national_admin", level="national", region="000000")

    shown = admin.get(f"{BASE}/accounts/{account_id}").json

    assert shown["email"] == "z***@example.test"
    with kit.active(), reading() as tx:
        for table in ("account", "verification", "development_message", "audit_entry"):
            rows = tx.scalars(text(f"SELECT row_to_json({table})::text FROM {table}")).all()
            assert EMAIL not in "".join(rows)
            assert EMAIL.encode().hex() not in "".join(rows)


def test_codes_on_both_numbers_move_the_account(kit, desk, owner):
    token = desk.login(MOBILE).json["token"]
    asked = ask_mobile(owner)

    answer = complete_mobile(
        owner,
        asked.json["mobile_change_id"],
        code_in(texts_to(kit, MOBILE)[0]),
        code_in(texts_to(kit, OTHER)[0]),
    )

    assert (asked.status, answer.status) == (201, 204)
    assert desk.use(token).status == 401
    assert desk.login(MOBILE).status == 401
    account = desk.login(OTHER).json["account"]
    assert (account["username"], account["mobile"]) == (OTHER, OTHER)
    for number in (MOBILE, OTHER):
        assert "138****0009" in texts_to(kit, number)[0]
        assert OTHER not in texts_to(kit, number)[0]
    with clock.frozen(clock.now() + LATER):
        assert desk.register(MOBILE)["username"] == MOBILE


def test_both_wrong_codes_are_told_at_once_and_each_is_counted(kit, owner):
    change_id = ask_mobile(owner).json["mobile_change_id"]
    old, new = (code_in(texts_to(kit, number)[0]) for number in (MOBILE, OTHER))

    both = complete_mobile(owner, change_id, wrong(old), wrong(new))
    one = complete_mobile(owner, change_id, wrong(old), new)
    for _ in range(3):
        complete_mobile(owner, change_id, wrong(old), new)
    spoilt = complete_mobile(owner, change_id, old, new)

    assert (both.problem, both.pointers) == ("wrong-code", {"/old_code", "/new_code"})
    assert one.pointers == {"/old_code"}
    assert (spoilt.problem, spoilt.pointers) == ("wrong-code", {"/old_code"})


def test_old_number_alone_moves_nothing(kit, desk, owner):
    change_id = ask_mobile(owner).json["mobile_change_id"]
    old = code_in(texts_to(kit, MOBILE)[0])

    assert complete_mobile(owner, change_id, old, "000000").problem == "wrong-code"
    assert desk.login(MOBILE).status == 201


def test_taken_number_is_answered_alike_until_the_codes(kit, desk, owner):
    with clock.frozen(clock.now() - LATER):
        desk.register(OTHER)

    taken = ask_mobile(owner)
    refusal = complete_mobile(
        owner, taken.json["mobile_change_id"], code_in(texts_to(kit, MOBILE)[0]), "123456"
    )

    assert taken.status == 201
    assert "已注册其他账户" in texts_to(kit, OTHER)[0]
    assert (refusal.problem, refusal.pointers) == ("wrong-code", {"/new_code"})
    assert desk.login(OTHER).status == 201


def test_number_registered_while_the_codes_were_under_way_stays_with_its_owner(kit, desk, owner):
    change_id = ask_mobile(owner).json["mobile_change_id"]
    old, new = (code_in(texts_to(kit, number)[0]) for number in (MOBILE, OTHER))
    with clock.frozen(clock.now() + LATER):
        desk.register(OTHER)

        late = complete_mobile(owner, change_id, old, new)

    assert (late.status, late.problem) == (409, "mobile-registered")
    assert desk.login(MOBILE).status == 201


def test_codes_of_a_number_that_the_account_has_left_move_nothing(kit, owner):
    first = ask_mobile(owner).json["mobile_change_id"]
    first_codes = [code_in(texts_to(kit, number)[0]) for number in (MOBILE, OTHER)]
    with clock.frozen(clock.now() + LATER):
        second = ask_mobile(owner, "13800000007").json["mobile_change_id"]
        codes = [code_in(texts_to(kit, number)[0]) for number in (MOBILE, "13800000007")]
        assert complete_mobile(owner, second, *codes).status == 204

        late = complete_mobile(owner, first, *first_codes)

    assert late.problem == "wrong-code"
    assert owner.get(f"{BASE}/account").json["mobile"] == "13800000007"


def test_own_number_and_no_number_are_told_at_once(owner, operator):
    same, none = ask_mobile(owner, MOBILE), ask_mobile(operator)

    assert (same.status, same.pointers) == (422, {"/new_mobile"})
    assert (none.status, none.problem) == (422, "no-own-mobile")


@pytest.mark.parametrize("numbers", [(MOBILE, OTHER), (OTHER, MOBILE)])
def test_two_accounts_that_swap_numbers_wait_in_the_same_order(kit, desk, owner, numbers):
    """Whoever waits for the first of both numbers holds none, so nobody waits for each other."""
    with clock.frozen(clock.now() - LATER):
        desk.register(OTHER)
    client = signed_in(kit, desk, numbers[0])
    thread = threading.Thread(target=ask_mobile, args=(client, numbers[1]))

    with kit.active(), transaction() as tx:
        both = sorted((Recipient.mobile(each) for each in numbers), key=lambda each: each.index)
        codes.take_turns(tx, both[0])
        with psycopg.connect(kit.owner_url, autocommit=True) as watcher:
            thread.start()
            while not (waiting := watcher.execute(WAITING).fetchall()):
                assert thread.is_alive()
            held = watcher.execute(HELD, waiting[0]).fetchone()

    thread.join()
    assert held == (0,)


def test_change_of_another_account_is_not_found(kit, desk, owner):
    change_id = ask_mobile(owner).json["mobile_change_id"]
    desk.register("13800000002")
    other = signed_in(kit, desk, "13800000002")

    strange = complete_mobile(other, change_id, "123456", "123456")
    unknown = complete_mobile(owner, str(new_id()), "123456", "123456")

    assert [each.status for each in (strange, unknown)] == [404, 404]


def test_changes_are_in_the_trail_without_what_was_changed(kit, desk, owner):
    set_email(kit, owner)
    version = owner.get(f"{BASE}/account").json["version"]
    owner.put(f"{BASE}/account/personal-information", INFORMATION, if_match=version)
    with clock.frozen(clock.now() + LATER):
        asked = ask_mobile(owner)
        codes = [code_in(texts_to(kit, number)[0]) for number in (MOBILE, OTHER)]
        complete_mobile(owner, asked.json["mobile_change_id"], *codes)

    with kit.active(), reading() as tx:
        trail = tx.scalars(text("SELECT row_to_json(audit_entry)::text FROM audit_entry")).all()
        assert tx.scalar(select(Account.mobile_verified_at)) is not None
    told = " ".join(trail)
    for action in ("email_changed", "personal_information_changed", "mobile_changed"):
        assert f"auth.{action}" in told
    for secret in (EMAIL, MOBILE, OTHER, "周明", "88001234"):
        assert secret not in told
