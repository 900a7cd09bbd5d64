"""A forgotten password: whoever reads the account's texts or mails sets another, nobody else."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from otsp_auth.commands import password_resets
from otsp_auth.commands.addresses import AddressExhausted
from otsp_auth.commands.codes import Recipient
from otsp_auth.model import Account
from otsp_chassis import clock
from otsp_chassis.context import Call, activate
from otsp_chassis.db import reading, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index, encrypt

BASE, MOBILE, EMAIL = "/api/auth/v1", "13800000001", "Zhou.Ming@example.test"
PASSWORD, NEW = "Xihu-2026-peixun", "Xihu-2027-peixun"
LATER = timedelta(minutes=2)


@pytest.fixture
def account(desk):
    """Registered a while ago: the pause between two texts is over."""
    with clock.frozen(clock.now() - LATER):
        return desk.register(MOBILE)


def ask(kit, **to):
    return kit.anonymous().post(f"{BASE}/password-resets", to)


def complete(kit, reset_id: str, code: str, new: str = NEW):
    body = {"code": code, "new_password": new}
    return kit.anonymous().post(f"{BASE}/password-resets/{reset_id}/completion", body)


def texts_to(kit, mobile: str = MOBILE) -> list[str]:
    answer = kit.anonymous().get(f"{BASE}/development/messages", query={"mobile": mobile})
    return [each["text"] for each in answer.json["items"]]


def mails_to(kit, email: str) -> list[str]:
    answer = kit.anonymous().get(f"{BASE}/development/mails", query={"email": email})
    return [each["text"] for each in answer.json["items"]]


def code_in(message: str) -> str:
    return re.search(r"\d{6}", message)[0]


def keep_email(kit, *, is_verified: bool) -> None:
    with kit.active(), transaction() as tx:
        tx.execute(
            update(Account).values(
                email=encrypt(EMAIL),
                email_index=blind_index(EMAIL),
                email_verified_at=clock.now() if is_verified else None,
            )
        )


def set_status(kit, status: str) -> None:
    with kit.active(), transaction() as tx:
        tx.execute(update(Account).values(status=status))


def test_texted_code_sets_another_password_and_ends_all_sessions(kit, desk, account):
    token = desk.login(MOBILE).json["token"]
    asked = ask(kit, mobile=MOBILE)

    answer = complete(kit, asked.json["reset_id"], code_in(texts_to(kit)[0]))

    assert (asked.status, answer.status) == (201, 204)
    assert desk.use(token).status == 401
    assert desk.login(MOBILE).status == 401
    assert desk.login(MOBILE, NEW).status == 201
    assert "密码已修改" in texts_to(kit)[0]


def test_mailed_code_does_the_same_whatever_case_the_address_is_typed_in(kit, desk, account):
    keep_email(kit, is_verified=True)
    asked = ask(kit, email=EMAIL.lower())

    answer = complete(kit, asked.json["reset_id"], code_in(mails_to(kit, EMAIL)[0]))

    assert answer.status == 204
    assert desk.login(MOBILE, NEW).status == 201


def test_address_that_was_never_verified_recovers_nothing(kit, account):
    keep_email(kit, is_verified=False)

    asked = ask(kit, email=EMAIL)

    assert asked.status == 201
    assert "没有可以找回的账户" in mails_to(kit, EMAIL)[0]
    assert complete(kit, asked.json["reset_id"], "123456").problem == "wrong-code"


def test_unknown_number_is_answered_like_a_known_one_and_told_by_text(kit, account):
    with clock.frozen(clock.now()):
        known, unknown = ask(kit, mobile=MOBILE), ask(kit, mobile="13800000002")

    assert known.status == unknown.status == 201
    assert known.json.keys() == unknown.json.keys()
    assert known.json["code_expires_at"] == unknown.json["code_expires_at"]
    assert known.json["next_code_at"] == unknown.json["next_code_at"]
    assert "没有可以找回的账户" in texts_to(kit, "13800000002")[0]
    assert "13800000002" not in texts_to(kit, "13800000002")[0]
    refusal = complete(kit, unknown.json["reset_id"], "123456")
    assert (refusal.status, refusal.problem) == (422, "wrong-code")


@pytest.mark.parametrize(
    ("status", "told"), [("suspended", "账户已停用"), ("cancelled", "没有可以找回的账户")]
)
def test_account_out_of_use_is_answered_alike_and_stays_so(kit, account, status, told):
    set_status(kit, status)

    asked = ask(kit, mobile=MOBILE)

    assert asked.status == 201
    assert told in texts_to(kit)[0]
    assert not re.search(r"\d{6}", texts_to(kit)[0])
    assert complete(kit, asked.json["reset_id"], "123456").problem == "wrong-code"


def test_account_suspended_while_the_code_was_under_way_stays_so(kit, desk, account):
    asked = ask(kit, mobile=MOBILE)
    code = code_in(texts_to(kit)[0])
    set_status(kit, "suspended")

    assert complete(kit, asked.json["reset_id"], code).problem == "wrong-code"

    set_status(kit, "pending_profile")
    assert desk.login(MOBILE).status == 201


def test_code_for_a_number_that_the_account_has_left_is_good_for_nothing(kit, account):
    asked = ask(kit, mobile=MOBILE)
    code = code_in(texts_to(kit)[0])
    with kit.active(), transaction() as tx:
        other = "13800000002"
        tx.execute(update(Account).values(mobile=encrypt(other), mobile_index=blind_index(other)))

    assert complete(kit, asked.json["reset_id"], code).problem == "wrong-code"


def test_code_for_a_mail_address_that_the_account_has_left_is_good_for_nothing(kit, account):
    keep_email(kit, is_verified=True)
    asked = ask(kit, email=EMAIL)
    code = code_in(mails_to(kit, EMAIL)[0])
    with kit.active(), transaction() as tx:
        tx.execute(update(Account).values(email_index=blind_index("other@example.test")))

    assert complete(kit, asked.json["reset_id"], code).problem == "wrong-code"


def test_number_of_a_cancelled_account_resets_the_one_that_has_it_now(kit, desk, account):
    set_status(kit, "cancelled")
    with clock.frozen(clock.now() - LATER / 2):
        desk.register(MOBILE)
    asked = ask(kit, mobile=MOBILE)

    answer = complete(kit, asked.json["reset_id"], code_in(texts_to(kit)[0]))

    assert answer.status == 204
    assert desk.login(MOBILE, NEW).status == 201


def test_reset_unlocks_a_locked_account(kit, desk, account):
    for _ in range(5):
        desk.login(MOBILE, "Wrong-2026-wrong")
    with kit.active(), reading() as tx:
        assert tx.scalar(select(Account.locked_until)) is not None
    asked = ask(kit, mobile=MOBILE)

    complete(kit, asked.json["reset_id"], code_in(texts_to(kit)[0]))

    with kit.active(), reading() as tx:
        assert tx.scalar(select(Account.locked_until)) is None


def test_refused_password_costs_no_code_and_no_try(kit, account):
    asked = ask(kit, mobile=MOBILE)
    code = code_in(texts_to(kit)[0])

    refusals = [
        complete(kit, asked.json["reset_id"], code, new)
        for new in ("short", PASSWORD, f"Aa-{MOBILE}", "Password@2026") * 2
    ]

    codes = [refusal.json["errors"][-1]["code"] for refusal in refusals[:4]]
    assert codes == ["too_simple", "unchanged", "contains_name", "commonplace"]
    assert all(refusal.pointers == {"/new_password"} for refusal in refusals)
    assert complete(kit, asked.json["reset_id"], code).status == 204


def test_code_is_good_once_for_five_minutes_and_five_tries(kit, account):
    begun = clock.now()
    with clock.frozen(begun):
        asked = ask(kit, mobile=MOBILE)
    code, reset_id = code_in(texts_to(kit)[0]), asked.json["reset_id"]

    with clock.frozen(begun + timedelta(minutes=5)):
        assert complete(kit, reset_id, code).problem == "wrong-code"
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(4):
        assert complete(kit, reset_id, wrong).problem == "wrong-code"
    assert complete(kit, reset_id, code).status == 204
    assert complete(kit, reset_id, code, "Xihu-2028-peixun").problem == "wrong-code"

    with clock.frozen(begun + LATER):
        again = ask(kit, mobile=MOBILE).json["reset_id"]
        right = code_in(next(each for each in texts_to(kit) if "找回密码验证码" in each))
        for _ in range(5):
            complete(kit, again, f"{(int(right) + 1) % 1_000_000:06d}")
        assert complete(kit, again, right, "Xihu-2028-peixun").problem == "wrong-code"


def test_code_of_a_registration_resets_nothing_and_the_other_way_round(kit, desk, account):
    asked = ask(kit, mobile=MOBILE)
    registration_id, registration_code = desk.ask_code("13800000002")

    as_reset = complete(kit, registration_id, registration_code)
    as_registration = desk.activate(asked.json["reset_id"], code_in(texts_to(kit)[0]))

    assert [each.status for each in (as_reset, as_registration)] == [404, 404]


@pytest.mark.parametrize(
    ("to", "pointer"),
    [
        ({}, "/mobile"),
        ({"mobile": MOBILE, "email": EMAIL}, "/email"),
        ({"mobile": "1380000"}, "/mobile"),
        ({"email": "nobody"}, "/email"),
    ],
)
def test_one_address_is_named(kit, to, pointer):
    refusal = ask(kit, **to)

    assert (refusal.status, refusal.pointers) == (422, {pointer})
    assert len(refusal.json["errors"]) == 1


def test_address_gets_one_code_a_minute_known_or_not(kit, account):
    begun = clock.now()
    for to in ({"mobile": MOBILE}, {"mobile": "13800000002"}, {"email": EMAIL}):
        with clock.frozen(begun):
            first, second = ask(kit, **to), ask(kit, **to)
        with clock.frozen(begun + timedelta(minutes=1)):
            third = ask(kit, **to)

        assert [each.status for each in (first, second, third)] == [201, 429, 201]
        assert second.problem == "too-many-texts"


def test_network_address_may_ask_for_so_many_an_hour(kit):
    settings = kit.runtime.settings.model_copy(update={"address_password_resets": 2})
    runtime = replace(kit.runtime, settings=settings)

    def ask_from(address: str, number: int) -> None:
        call = Call("test", request_id="1", is_write=True, client_ip=address)
        with activate(runtime, call):
            to = Recipient.mobile(f"138000{number:05d}")
            password_resets.request_password_reset(to)

    for number in range(2):
        ask_from("203.0.113.7", number)
    with pytest.raises(AddressExhausted):
        ask_from("203.0.113.7", 3)
    ask_from("203.0.113.8", 3)


def test_reset_is_in_the_trail_without_number_or_code(kit, account):
    asked = ask(kit, mobile=MOBILE)
    complete(kit, asked.json["reset_id"], code_in(texts_to(kit)[0]))

    with kit.active(), reading() as tx:
        rows = tx.scalars(text("SELECT row_to_json(audit_entry)::text FROM audit_entry")).all()
    actions = " ".join(rows)
    for action in ("auth.code_sent", "auth.password_changed", "auth.password_reset"):
        assert action in actions
    assert MOBILE not in actions


def test_reset_that_nobody_asked_for_is_not_found(kit):
    answer = complete(kit, str(new_id()), "123456")

    assert (answer.status, answer.problem) == (404, "not-found")
