"""The second step of a login: what a right password opens, and what the factor must be."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from otsp_auth.app import service
from otsp_auth.model import Account
from otsp_chassis import clock, metrics
from otsp_chassis.db import reading, transaction

BASE, RIGHT, WRONG = "/api/auth/v1", "Shenhe-2026-xihu", "Shenhe-2026-xihU"


def rows(kit, statement: str) -> list:
    with kit.active(), reading() as tx:
        return list(tx.execute(text(statement)))


def later(**span):
    return clock.frozen(clock.now() + timedelta(**span))


def test_right_password_alone_opens_no_session(kit, enrolled):
    before = len(rows(kit, "SELECT 1 FROM login_session"))

    asked = enrolled.log_in()

    assert asked.status == 202
    assert set(asked.json) == {"second_factor"}
    assert asked.json["second_factor"]["methods"] == ["totp", "recovery_code"]
    assert len(rows(kit, "SELECT 1 FROM login_session")) == before


def test_wrong_password_tells_nothing_of_a_factor(enrolled):
    refused = enrolled.log_in(WRONG)

    assert (refused.status, refused.problem) == (401, "bad-credentials")


def test_token_of_the_first_step_is_no_session_and_the_second_makes_another(enrolled):
    """Nothing that was known before the second factor is good after it (session fixation)."""
    step = enrolled.second_step()
    headers = {"Authorization": f"Bearer {step}"}
    anonymous = enrolled.kit.anonymous()
    assert anonymous.get("/internal/session", headers=headers).status == 401

    opened = enrolled.take(step, enrolled.code())

    assert opened.status == 201
    assert opened.json["token"] != step
    assert anonymous.get("/internal/session", headers=headers).status == 401
    assert "compliance:review" in enrolled.client(opened.json["token"]).principal.scopes


def test_second_step_is_taken_once(enrolled):
    step = enrolled.second_step()
    enrolled.take(step, enrolled.code())

    with later(seconds=30):
        again = enrolled.take(step, enrolled.code())

    assert (again.status, again.problem) == (401, "second-step-over")


def test_second_step_is_over_after_five_minutes(enrolled):
    begun = clock.now()
    with clock.frozen(begun):
        early, late = enrolled.second_step(), enrolled.second_step()
    with clock.frozen(begun + timedelta(minutes=4, seconds=59)):
        assert enrolled.take(early, enrolled.code()).status == 201
    with clock.frozen(begun + timedelta(minutes=5)):
        assert enrolled.take(late, enrolled.code(ahead=1)).problem == "second-step-over"


def test_code_is_good_once_even_in_another_login(enrolled):
    begun = clock.now()
    with clock.frozen(begun):
        code = enrolled.code()
        first = enrolled.take(enrolled.second_step(), code)
        again = enrolled.take(enrolled.second_step(), code)
        before = enrolled.take(enrolled.second_step(), enrolled.code(ahead=-1))
    with clock.frozen(begun + timedelta(seconds=30)):
        following = enrolled.take(enrolled.second_step(), enrolled.code())

    assert first.status == following.status == 201
    assert (again.status, again.problem) == (401, "second-factor-wrong")
    assert before.problem == "second-factor-wrong"


@pytest.mark.parametrize(("ahead", "status"), [(-2, 401), (-1, 201), (0, 201), (1, 201), (2, 401)])
def test_clocks_may_differ_by_one_step(enrolled, ahead, status):
    with later(minutes=5):
        assert enrolled.take(enrolled.second_step(), enrolled.code(ahead=ahead)).status == status


@pytest.mark.parametrize("method", ["totp", "sms", "recovery_code"])
@pytest.mark.parametrize("code", ["密码密码密码", "      ", "0" * 20])
def test_what_is_no_code_is_refused_like_a_wrong_one(enrolled, method, code):
    answer = enrolled.take(enrolled.second_step(), code, method)

    assert answer.problem in {"second-factor-wrong", "invalid"}


def test_recovery_code_stands_in_once(kit, enrolled):
    code = enrolled.recovery_codes[3]
    typed = code.replace("-", " ").upper()

    first = enrolled.take(enrolled.second_step(), typed, "recovery_code")
    again = enrolled.take(enrolled.second_step(), code, "recovery_code")

    assert first.status == 201
    assert (again.status, again.problem) == (401, "second-factor-wrong")
    left = enrolled.client(first.json["token"]).get(f"{BASE}/account/second-factors").json
    assert left["recovery_codes_left"] == 9
    assert rows(kit, "SELECT 1 FROM audit_entry WHERE action = 'auth.recovery_code_used'") != []


def test_recovery_code_of_somebody_else_is_none(kit, enrolled, authority_id, official):
    other = official(kit, "other.one", "reviewer", authority_id)
    codes = other.enrol_app(other.client(other.log_in().json["token"]))

    answer = enrolled.take(enrolled.second_step(), codes[0], "recovery_code")

    assert answer.problem == "second-factor-wrong"


def test_brute_force_of_the_factor_ends_in_the_lock_whatever_step_it_begins(kit, enrolled):
    """A right password in between does not give the guesses back."""
    with clock.frozen(clock.now()):
        problems = []
        for _ in range(5):
            step = enrolled.second_step()
            problems.append(enrolled.take(step, "000000").problem)
        over = enrolled.take(step, enrolled.code())
        locked = enrolled.log_in()

    assert problems == ["second-factor-wrong"] * 5
    assert (over.status, over.problem) == (401, "second-step-over")
    assert (locked.status, locked.problem) == (401, "bad-credentials")
    trail = rows(kit, "SELECT action FROM audit_entry WHERE action LIKE 'auth.%'")
    counted = Counter(action for (action,) in trail)
    assert counted["auth.second_factor_refused"] == 4
    assert counted["auth.account_locked"] == 1


def at_once(*acts) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_guesses_in_parallel_are_counted_one_by_one(kit, enrolled):
    step, problems = enrolled.second_step(), []

    at_once(*[lambda: problems.append(enrolled.take(step, "000000").problem)] * 8)

    assert Counter(problems) == {"second-factor-wrong": 5, "second-step-over": 3}
    locked = rows(kit, "SELECT 1 FROM audit_entry WHERE action = 'auth.account_locked'")
    assert len(locked) == 1


@pytest.mark.parametrize("method", ["totp", "recovery_code"])
def test_code_sent_twice_at_once_opens_one_session(enrolled, method):
    code = enrolled.code() if method == "totp" else enrolled.recovery_codes[0]
    steps, statuses = [enrolled.second_step() for _ in range(4)], []

    at_once(
        *(
            lambda step=step: statuses.append(enrolled.take(step, code, method).status)
            for step in steps
        )
    )

    assert sorted(statuses) == [201, 401, 401, 401]


def test_one_step_takes_five_guesses_where_the_lock_is_wide(make_kit, kit, authority_id, official):
    wide = make_kit(service, login_failures_allowed=100)
    person = official(wide, "shenhe", "reviewer", authority_id)
    person.enrol_app(person.client(person.log_in().json["token"]))
    step = person.second_step()

    problems = [person.take(step, "000000").problem for _ in range(6)]

    assert problems == ["second-factor-wrong"] * 5 + ["second-step-over"]


def test_changed_password_ends_steps_that_are_half_done(kit, enrolled, fresh):
    step = enrolled.second_step()
    new = "Hangzhou-2027-west"
    body = {"current_password": RIGHT, "new_password": new, "new_password_confirmation": new}
    assert fresh.post(f"{BASE}/account/password", body).status == 204

    assert enrolled.take(step, enrolled.code()).problem == "second-step-over"


def test_suspended_account_takes_no_second_step(kit, enrolled):
    step = enrolled.second_step()
    with kit.active(), transaction() as tx:
        tx.execute(update(Account).values(status="suspended"))

    assert enrolled.take(step, enrolled.code()).problem == "second-step-over"


def test_mobile_is_a_factor_once_a_texted_code_confirmed_it(kit, reviewer, fresh):
    begun = clock.now()
    with clock.frozen(begun):
        confirmed = reviewer.enrol_mobile(fresh)
    with clock.frozen(begun + timedelta(minutes=1)):
        asked = reviewer.log_in().json["second_factor"]
        step = {"second_step": asked["second_step"]}
        sent = kit.anonymous().post(f"{BASE}/second-step-codes", step)
        opened = reviewer.take(
            step["second_step"],
            reviewer.texted(),
            "sms",
            verification_id=sent.json["verification_id"],
        )

    assert len(confirmed.json["recovery_codes"]) == 10
    assert asked["methods"] == ["sms", "recovery_code"]
    assert opened.status == 201


def test_code_texted_for_another_purpose_or_account_is_no_second_factor(kit, reviewer, fresh, desk):
    begun = clock.now()
    with clock.frozen(begun):
        reviewer.enrol_mobile(fresh)
    with clock.frozen(begun + timedelta(minutes=1)):
        step = reviewer.second_step()
        sent = kit.anonymous().post(f"{BASE}/session-codes", {"username": "shenhe"}).json
        kit.run_job("send_waiting_texts")
        of_login = reviewer.take(
            step, reviewer.texted(), "sms", verification_id=sent["verification_id"]
        )
        registration_id, code = desk.ask_code("13800000001")
        of_another = reviewer.take(step, code, "sms", verification_id=registration_id)
        unnamed = reviewer.take(step, code, "sms")

    refusals = (of_login, of_another, unnamed)
    assert {each.problem for each in refusals} == {"second-factor-wrong"}


def test_app_that_is_not_confirmed_yet_answers_no_second_step(reviewer, fresh):
    codes = reviewer.enrol_mobile(fresh).json["recovery_codes"]
    proof = {"method": "recovery_code", "code": codes[0]}
    reviewer.secret = reviewer.begin(fresh, kind="totp", proof=proof)["secret"]

    answer = reviewer.take(reviewer.second_step(), reviewer.code())

    assert answer.problem == "second-factor-wrong"


def test_who_has_an_app_alone_is_texted_nothing(kit, enrolled):
    step = {"second_step": enrolled.second_step()}

    refused = kit.anonymous().post(f"{BASE}/second-step-codes", step)

    assert (refused.status, refused.problem) == (422, "no-texted-factor")


def test_second_steps_are_counted_by_outcome(enrolled):
    outcomes = ("half_opened", "second_factor_refused", "opened")

    def counts() -> list[float]:
        return [metrics.LOGINS.labels(outcome)._value.get() for outcome in outcomes]

    before = counts()
    step = enrolled.second_step()
    enrolled.take(step, "000000")
    enrolled.take(step, enrolled.code())

    assert [now - then for now, then in zip(counts(), before, strict=True)] == [1, 1, 1]
