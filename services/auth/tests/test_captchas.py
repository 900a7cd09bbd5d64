"""Further guesses at a password: a picture or a text first, and nothing told of who exists."""

import base64
import re
import threading
from collections import Counter
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from captcha.image import ImageCaptcha
from sqlalchemy import text, update

from otsp_auth.app import service
from otsp_auth.commands.captchas import ALPHABET, LENGTH
from otsp_auth.model import Account
from otsp_chassis import clock, metrics
from otsp_chassis.db import reading, transaction
from otsp_chassis.ids import new_id
from otsp_testkit.listening import statements_sent

BASE, MOBILE, STRANGER = "/api/auth/v1", "13800000001", "13900000009"
RIGHT, WRONG = "Xihu-2026-peixun", "Xihu-2026-peixuN"


@pytest.fixture
def kit(make_kit):
    """With as many free guesses as the settings say by default."""
    kit = make_kit(service)
    yield kit
    kit.clean()


@pytest.fixture
def account(desk) -> dict:
    return desk.register(MOBILE)


@pytest.fixture
def drawn(monkeypatch) -> list[str]:
    """What was drawn so far: tests read pictures where the library is told what to draw."""
    texts: list[str] = []
    original = ImageCaptcha.generate

    def generate(self, chars, *arguments, **options):
        texts.append(chars)
        return original(self, chars, *arguments, **options)

    monkeypatch.setattr(ImageCaptcha, "generate", generate)
    return texts


@pytest.fixture
def door(kit):
    return kit.anonymous()


@pytest.fixture
def picture(door, drawn):
    """Has one drawn, and answers it."""

    def answered(**changes) -> dict:
        made = door.post(f"{BASE}/captchas")
        assert made.status == 201, made.content
        return {"captcha_id": made.json["captcha_id"], "answer": drawn[-1]} | changes

    return answered


@pytest.fixture
def argon2_calls(monkeypatch) -> Counter:
    calls: Counter = Counter()
    for name in ("hash", "verify"):
        original = getattr(PasswordHasher, name)

        def call(self, *arguments, name=name, original=original):
            calls[name] += 1
            return original(self, *arguments)

        monkeypatch.setattr(PasswordHasher, name, call)
    return calls


def log_in(door, username: str, password: str = RIGHT, **humanity):
    return door.post(f"{BASE}/sessions", {"username": username, "password": password} | humanity)


def guess(door, username: str, times: int = 3) -> None:
    for _ in range(times):
        assert log_in(door, username, WRONG).problem == "bad-credentials"


def rows(kit, statement: str) -> list:
    with kit.active(), reading() as tx:
        return list(tx.execute(text(statement)))


def statements_of(act) -> Counter:
    """What an act asks of the database, by verb and table."""
    with statements_sent() as sent:
        act()
    seen: Counter = Counter()
    for statement, _ in sent:
        table = re.search(r"(?:FROM|INTO|UPDATE) (\w+)", statement)
        seen[statement.split()[0], table[1] if table else ""] += 1
    return seen


def texted_code(kit, door, mobile: str) -> str:
    """As it arrives: a worker sends it after the answer."""
    kit.run_job("send_waiting_texts")
    texts = door.get(f"{BASE}/development/messages", query={"mobile": mobile}).json["items"]
    return re.search(r"\d{6}", texts[0]["text"])[0]


def test_picture_is_asked_for_from_the_fourth_guess_on(door, account, picture):
    guess(door, MOBILE)

    refused = log_in(door, MOBILE)
    opened = log_in(door, MOBILE, captcha=picture())

    assert (refused.status, refused.problem) == (422, "captcha-required")
    assert opened.status == 201


def test_picture_is_a_png_of_letters_and_digits_that_are_not_mistaken(door, drawn):
    made = door.post(f"{BASE}/captchas").json

    head, _, content = made["image"].partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(content).startswith(b"\x89PNG")
    assert len(drawn[0]) == LENGTH
    assert set(drawn[0]) <= set(ALPHABET)
    assert not set(ALPHABET) & set("O0I1L2Z5SB8")


def test_answer_is_kept_as_a_keyed_digest_alone(kit, door, drawn):
    door.post(f"{BASE}/captchas")

    stored = rows(kit, "SELECT row_to_json(captcha) FROM captcha")

    assert len(stored) == 1
    assert drawn[0] not in str(stored)


def test_small_letters_and_spaces_answer_a_picture_too(door, account, picture):
    guess(door, MOBILE)
    read = picture()

    assert (
        log_in(door, MOBILE, captcha=read | {"answer": f" {read['answer'].lower()} "}).status == 201
    )


def test_right_login_gives_the_free_guesses_back(door, account, picture):
    guess(door, MOBILE)
    log_in(door, MOBILE, captcha=picture())

    guess(door, MOBILE)

    assert log_in(door, MOBILE).problem == "captcha-required"


def test_guesses_are_forgotten_after_a_day(door, account):
    begun = clock.now()
    with clock.frozen(begun):
        guess(door, MOBILE)
    with clock.frozen(begun + timedelta(hours=23, minutes=59)):
        assert log_in(door, MOBILE).problem == "captcha-required"
    with clock.frozen(begun + timedelta(hours=24)):
        assert log_in(door, MOBILE).status == 201


def test_name_is_one_however_it_is_written(door, account):
    for written in (MOBILE, f" {MOBILE}", "１３８０００００００１"):
        guess(door, written, 1)
    for written in ("Nobody.Here", "nobody.here", "nobody.here "):
        guess(door, written, 1)

    assert log_in(door, MOBILE).problem == "captcha-required"
    assert log_in(door, "NOBODY.here").problem == "captcha-required"


def test_known_and_unknown_names_are_asked_alike(door, account, picture):
    answers = {}
    for name in (MOBILE, STRANGER, "nobody.here"):
        guess(door, name)
        lacking, wrong = log_in(door, name), log_in(door, name, captcha=picture(answer="AAAAA"))
        refused = log_in(door, name, WRONG, captcha=picture())
        told = [each.json | {"instance": ""} for each in (lacking, wrong, refused)]
        answers[name] = [each["type"].rpartition(":")[2] for each in told], str(told)

    assert len(set(map(str, answers.values()))) == 1
    assert answers[MOBILE][0] == ["captcha-required", "captcha-wrong", "bad-credentials"]


def test_account_is_not_betrayed_by_its_other_name(kit, door, account):
    """Guesses at the mobile say nothing of a username, or it would be known whose both are."""
    with kit.active(), transaction() as tx:
        tx.execute(update(Account).values(username="xihu.one"))
    guess(door, MOBILE)

    assert log_in(door, "xihu.one", WRONG).problem == "bad-credentials"


def test_fifth_failure_locks_behind_pictures_too(door, account, picture):
    begun = clock.now()
    with clock.frozen(begun):
        guess(door, MOBILE)
        for _ in range(2):
            log_in(door, MOBILE, WRONG, captcha=picture())
        locked = log_in(door, MOBILE, captcha=picture())
    with clock.frozen(begun + timedelta(minutes=30)):
        free = log_in(door, MOBILE, captcha=picture())

    assert (locked.status, locked.problem) == (401, "bad-credentials")
    assert free.status == 201


def test_guess_without_a_picture_costs_no_hash_and_counts_for_nothing(
    kit, door, account, argon2_calls
):
    guess(door, MOBILE)
    argon2_calls.clear()

    for _ in range(10):
        assert log_in(door, MOBILE, WRONG).problem == "captcha-required"

    assert argon2_calls == Counter()
    assert rows(kit, "SELECT failed_count, locked_until FROM account") == [(3, None)]


def test_one_argon2_whoever_asks_behind_a_picture_too(door, account, picture, argon2_calls):
    for name in (MOBILE, STRANGER, "nobody.here"):
        guess(door, name)
    costs = []
    for name in (MOBILE, STRANGER, "nobody.here"):
        read = picture()
        argon2_calls.clear()
        log_in(door, name, WRONG, captcha=read)
        costs.append(Counter(argon2_calls))

    assert costs == [Counter(verify=1)] * 3


def test_unknown_name_asks_as_much_of_the_database_as_a_known_one(kit, door, account, picture):
    """The same tables as often, so that no time is saved where nobody is."""
    names = (MOBILE, STRANGER)

    def cost_of(username: str, **humanity) -> Counter:
        return statements_of(lambda: log_in(door, username, WRONG, **humanity))

    free = [cost_of(name) for name in names for _ in range(3)]
    lacking = [cost_of(name) for name in names]
    wrong = [cost_of(name, captcha=picture(answer="AAAAA")) for name in names]
    guarded = [cost_of(name, captcha=picture()) for name in names for _ in range(2)]
    assert rows(kit, "SELECT locked_until IS NOT NULL FROM account") == [(True,)]
    locked = [cost_of(name, captcha=picture()) for name in names]

    for costs in (free, lacking, wrong, guarded, locked):
        assert all(cost == costs[0] for cost in costs)
    assert free[0]["UPDATE", "account"] == 1


def test_picture_is_good_for_one_answer(door, account, picture):
    guess(door, MOBILE)
    read = picture()
    log_in(door, MOBILE, WRONG, captcha=read)

    again = log_in(door, MOBILE, captcha=read)

    assert (again.status, again.problem) == (422, "captcha-wrong")


def test_picture_answered_twice_at_once_is_good_for_one(door, account, picture):
    guess(door, MOBILE)
    read, problems = picture(), []
    threads = [
        threading.Thread(
            target=lambda: problems.append(log_in(door, MOBILE, WRONG, captcha=read).problem)
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(problems) == ["bad-credentials", "captcha-wrong", "captcha-wrong"]


def test_wrong_answer_uses_the_picture_up(door, account, picture):
    guess(door, MOBILE)
    read = picture()
    log_in(door, MOBILE, captcha=read | {"answer": "AAAAA"})

    assert log_in(door, MOBILE, captcha=read).problem == "captcha-wrong"


def test_picture_is_good_for_five_minutes(door, account, picture):
    guess(door, MOBILE)
    begun = clock.now()
    with clock.frozen(begun):
        early, late = picture(), picture()
    with clock.frozen(begun + timedelta(minutes=4, seconds=59)):
        assert log_in(door, MOBILE, WRONG, captcha=early).problem == "bad-credentials"
    with clock.frozen(begun + timedelta(minutes=5)):
        assert log_in(door, MOBILE, captcha=late).problem == "captcha-wrong"


def test_picture_that_was_never_handed_out_answers_nothing(door, account):
    guess(door, MOBILE)
    made_up = {"captcha_id": str(new_id()), "answer": "ACDEF"}

    assert log_in(door, MOBILE, captcha=made_up).problem == "captcha-wrong"


def test_brute_force_over_pictures_ends_in_the_lock(kit, door, account, picture):
    guess(door, MOBILE)

    problems = Counter(log_in(door, MOBILE, WRONG, captcha=picture()).problem for _ in range(8))

    assert problems == {"bad-credentials": 8}
    trail = rows(kit, "SELECT action FROM audit_entry WHERE action LIKE 'auth.%ed'")
    counted = Counter(action for (action,) in trail)
    assert (counted["auth.account_locked"], counted["auth.locked_refused"]) == (1, 6)


def test_address_that_has_too_many_pictures_drawn_is_sent_away(door, drawn, make_kit):
    kit = make_kit(service, address_captchas=2, exempt_loopback=False)
    answers = [kit.anonymous().post(f"{BASE}/captchas") for _ in range(3)]

    assert [each.status for each in answers] == [201, 201, 429]
    assert answers[2].problem == "address-exhausted"
    assert len(drawn) == 2


def test_texted_code_stands_in_for_the_picture(kit, door, account):
    guess(door, MOBILE)
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        asked = door.post(f"{BASE}/session-codes", {"username": MOBILE})
        code = {"code": texted_code(kit, door, MOBILE)}
        opened = log_in(
            door, MOBILE, code=code | {"verification_id": asked.json["verification_id"]}
        )

    assert (asked.status, opened.status) == (201, 201)


def test_texted_code_does_not_stand_in_for_the_password(kit, door, account):
    guess(door, MOBILE)
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        sent = door.post(f"{BASE}/session-codes", {"username": MOBILE}).json["verification_id"]
        code = {"verification_id": sent, "code": texted_code(kit, door, MOBILE)}

        assert log_in(door, MOBILE, WRONG, code=code).problem == "bad-credentials"
        assert log_in(door, MOBILE, code=code).problem == "wrong-code", "used up by the guess"


def test_code_is_no_good_under_another_name(kit, door, desk, account):
    desk.register("13800000002")
    guess(door, MOBILE)
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        sent = door.post(f"{BASE}/session-codes", {"username": "13800000002"}).json
        code = texted_code(kit, door, "13800000002")
        given = {"verification_id": sent["verification_id"], "code": code}

        assert log_in(door, MOBILE, code=given).problem == "wrong-code"


def test_code_of_a_registration_opens_no_login(kit, door, desk, account):
    guess(door, MOBILE)
    registration_id, code = desk.ask_code("13800000003")
    given = {"verification_id": registration_id, "code": code}

    assert log_in(door, MOBILE, code=given).problem == "wrong-code"


def test_code_of_a_login_activates_no_registration(kit, door, desk, account):
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        sent = door.post(f"{BASE}/session-codes", {"username": MOBILE}).json["verification_id"]
        refused = desk.activate(sent, texted_code(kit, door, MOBILE))

    assert refused.status in {404, 422}


def test_session_code_is_asked_for_alike_under_every_name(kit, door, account):
    begun = clock.now() + timedelta(minutes=1)
    answers = {}
    for name in (MOBILE, STRANGER, "nobody.here"):
        with clock.frozen(begun):
            first = door.post(f"{BASE}/session-codes", {"username": name})
            second = door.post(f"{BASE}/session-codes", {"username": name})
        told = {key: value for key, value in first.json.items() if key != "verification_id"}
        answers[name] = (first.status, told, second.status, second.problem)

    assert len(set(map(str, answers.values()))) == 1
    assert answers[MOBILE][2:] == (429, "too-many-texts")


def test_session_code_asks_as_much_of_the_database_under_every_name(kit, door, account):
    def cost_of(username: str) -> Counter:
        ask = {"username": username}
        return statements_of(lambda: door.post(f"{BASE}/session-codes", ask))

    begun = clock.now()
    with clock.frozen(begun + timedelta(minutes=1)):
        mobiles = cost_of(MOBILE), cost_of(STRANGER)
    with kit.active(), transaction() as tx:
        tx.execute(update(Account).values(username="xihu.one"))
    with clock.frozen(begun + timedelta(minutes=2)):
        usernames = cost_of("xihu.one"), cost_of("nobody.here")

    for known, unknown in (mobiles, usernames):
        assert known == unknown


def test_nobody_is_texted_for_a_name_that_nobody_has(kit, door, account):
    door.post(f"{BASE}/session-codes", {"username": STRANGER})
    door.post(f"{BASE}/session-codes", {"username": "nobody.here"})
    kit.run_job("send_waiting_texts")

    texts = door.get(f"{BASE}/development/messages", query={"mobile": STRANGER}).json["items"]
    assert texts == []
    assert rows(kit, "SELECT 1 FROM waiting_text") == []


def test_two_names_of_one_account_text_its_mobile_once_a_minute(kit, door, account):
    with kit.active(), transaction() as tx:
        tx.execute(update(Account).values(username="xihu.one"))
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        answers = [
            door.post(f"{BASE}/session-codes", {"username": name}) for name in (MOBILE, "xihu.one")
        ]
        kit.run_job("send_waiting_texts")
        texts = door.get(f"{BASE}/development/messages", query={"mobile": MOBILE}).json["items"]

    assert [each.status for each in answers] == [201, 201]
    assert [each["text"].startswith("登录") for each in texts].count(True) == 1


def test_text_that_waited_longer_than_its_code_is_good_is_not_sent(kit, door, account):
    begun = clock.now() + timedelta(minutes=1)
    with clock.frozen(begun):
        door.post(f"{BASE}/session-codes", {"username": MOBILE})
    with clock.frozen(begun + timedelta(minutes=5)):
        kit.run_job("send_waiting_texts")
        texts = door.get(f"{BASE}/development/messages", query={"mobile": MOBILE}).json["items"]

    assert not [each for each in texts if each["text"].startswith("登录")]


def test_waiting_text_is_encrypted(kit, door, account):
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        door.post(f"{BASE}/session-codes", {"username": MOBILE})

    stored = rows(kit, "SELECT encode(mobile, 'escape'), encode(text, 'escape') FROM waiting_text")
    assert len(stored) == 1
    assert MOBILE not in str(stored)


def test_refused_pictures_are_counted(door, account, picture):
    outcomes = ("captcha_required", "captcha_refused")

    def counts() -> list[float]:
        return [metrics.LOGINS.labels(outcome)._value.get() for outcome in outcomes]

    before = counts()
    guess(door, MOBILE)
    log_in(door, MOBILE)
    log_in(door, MOBILE, captcha=picture(answer="AAAAA"))

    assert [now - then for now, then in zip(counts(), before, strict=True)] == [1, 1]


def test_trail_tells_of_pictures(kit, door, account, picture):
    guess(door, MOBILE)
    log_in(door, MOBILE, captcha=picture(answer="AAAAA"))

    actions = rows(kit, "SELECT action FROM audit_entry WHERE object_type = 'captcha'")
    assert [action for (action,) in actions] == ["auth.captcha_made", "auth.captcha_refused"]


def test_pictures_and_guesses_are_deleted_once_nobody_needs_them(kit, door, account, picture):
    guess(door, MOBILE)
    picture()

    with clock.frozen(clock.now() + timedelta(days=3)):
        kit.run_job("forget_outdated")

    assert rows(kit, "SELECT 1 FROM captcha") == rows(kit, "SELECT 1 FROM login_failure") == []
