"""A password as its owner changes it, and the policy that every new one meets."""

import threading
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select, text, update

from otsp_auth import bootstrap
from otsp_auth.commands.new_passwords import hash_new
from otsp_auth.model import Account, FormerPassword
from otsp_auth.queries.passwords import owes_new_password
from otsp_auth.rules import password_policy
from otsp_auth.rules.password_policy import PROFILES
from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.identity import HEADER, IdentityVerifier
from otsp_chassis.problems import Invalid

BASE, MOBILE = "/api/auth/v1", "13800000001"
PASSWORD, NEW = "Xihu-2026-peixun", "Xihu-2027-peixun"


@pytest.fixture
def owner(kit, desk):
    """An institution's administrator, signed in through the edge."""
    desk.register(MOBILE)
    return signed_in(kit, desk, MOBILE)


def signed_in(kit, desk, username: str, password: str = PASSWORD):
    identity = desk.use(desk.login(username, password).json["token"]).headers[HEADER]
    return kit.as_principal(
        IdentityVerifier(kit.runtime.settings.identity_public_keys).verify(identity)
    )


def change(owner, new: str, current: str = PASSWORD, again: str | None = None):
    body = {
        "current_password": current,
        "new_password": new,
        "new_password_confirmation": new if again is None else again,
    }
    return owner.post(f"{BASE}/account/password", body)


def codes_of(answer) -> list[str]:
    return [each["code"] for each in answer.json["errors"]]


def test_changed_password_ends_every_session_and_opens_new_ones(kit, desk, owner):
    tokens = [desk.login(MOBILE).json["token"] for _ in range(2)]

    answer = change(owner, NEW)

    assert answer.status == 204
    assert [desk.use(each).status for each in tokens] == [401, 401]
    assert desk.login(MOBILE).status == 401
    assert desk.login(MOBILE, NEW).status == 201


def test_owner_is_told_of_a_changed_password(kit, owner):
    change(owner, NEW)

    texts = kit.anonymous().get(f"{BASE}/development/messages", query={"mobile": MOBILE}).json
    assert "密码已修改" in texts["items"][0]["text"]
    assert NEW not in str(texts)


def test_new_password_differs_from_the_current_and_meets_the_policy(desk, owner):
    token = desk.login(MOBILE).json["token"]

    same = change(owner, PASSWORD)
    weak = change(owner, "12345678")

    assert codes_of(same) == ["unchanged"]
    assert codes_of(weak) == ["too_short", "too_simple"]
    assert same.pointers == weak.pointers == {"/new_password"}
    assert desk.use(token).status == 200


def test_new_password_is_typed_twice_alike(desk, owner):
    differing = change(owner, NEW, again="Xihu-2027-peixum")
    once = owner.post(
        f"{BASE}/account/password", {"current_password": PASSWORD, "new_password": NEW}
    )

    assert (codes_of(differing), differing.pointers) == (
        ["differs"],
        {"/new_password_confirmation"},
    )
    assert once.pointers == {"/new_password_confirmation"}
    assert desk.login(MOBILE).status == 201


def test_wrong_current_password_counts_like_a_failed_login(desk, owner):
    token = desk.login(MOBILE).json["token"]

    refusals = [change(owner, NEW, current="Wrong-2026-wrong") for _ in range(5)]
    locked = change(owner, NEW)

    assert {each.problem for each in [*refusals, locked]} == {"wrong-password"}
    assert refusals[0].pointers == {"/current_password"}
    assert desk.use(token).status == 200


def test_of_two_changes_at_once_one_is_made(desk, owner):
    statuses: dict[str, int] = {}

    def change_to(new: str) -> None:
        statuses[new] = change(owner, new).status

    news = [NEW, "Xihu-2028-peixun", "Xihu-2029-peixun", "Xihu-2030-peixun"]
    threads = [threading.Thread(target=change_to, args=(new,)) for new in news]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses.values()) == [204, 422, 422, 422]
    in_force = next(new for new, status in statuses.items() if status == 204)
    assert desk.login(MOBILE, in_force).status == 201


def test_none_of_the_last_five_passwords_comes_back_and_the_sixth_may(kit, owner):
    given = [PASSWORD, *(f"Xihu-{year}-peixun" for year in range(2027, 2033))]
    for current, new in pairwise(given):
        assert change(owner, new, current=current).status == 204

    refused = [change(owner, former, current=given[-1]) for former in given[1:-1]]
    oldest = change(owner, given[0], current=given[-1])

    assert [codes_of(each) for each in refused] == [["used_before"]] * 5
    assert oldest.status == 204
    with kit.active(), reading() as tx:
        assert tx.scalar(select(func.count()).select_from(FormerPassword)) == 5


def test_password_never_contains_what_the_account_is_found_by(kit, desk, owner):
    with kit.active(), transaction() as tx:
        tx.execute(update(Account).values(username="zhou.ming"))

    for new in (f"Aa-{MOBILE}", "ZHOU.ming-2026"):
        assert codes_of(change(owner, new)) == ["contains_name"]

    with kit.active(), transaction() as tx:
        tx.execute(update(Account).values(username=None))
    registration_id, code = desk.ask_code("13800000002")
    refusal = desk.activate(registration_id, code, password="Aa-13800000002")
    assert (codes_of(refusal), refusal.pointers) == (["contains_name"], {"/password"})
    assert desk.activate(registration_id, code).status == 201


def test_first_account_meets_the_policy_too(kit):
    with pytest.raises(Invalid) as refusal:
        bootstrap.ensure_national_admin("jiaoyubu", "Jiaoyubu-2026", runtime=kit.runtime)

    assert [each.code for each in refusal.value.errors] == ["contains_name"]


@pytest.mark.parametrize(
    "password",
    [
        "Password@2026",
        "P@ssw0rd2026!",
        "Admin-123456",
        "1qaz@WSX3edc",
        "Qwerty!23456",
        "Mima.20261128",
        "Peixunjigou-1",
        "Aa1!Aa1!Aa1!",
    ],
)
def test_commonplace_password_is_refused_whatever_frames_it(password):
    found = password_policy.check_password("/password", password, PROFILES["dengbao3"])

    assert [each.code for each in found] == ["commonplace"]


@pytest.mark.parametrize("password", [PASSWORD, "Shenhe-2026-xihu", "wen3 jia4-lu2 Qiao"])
def test_words_of_ones_own_make_a_password(password):
    found = password_policy.check_password("/password", password, PROFILES["dengbao3"])

    assert list(found) == []


def test_policy_is_told_to_whoever_fills_in_a_form(kit):
    told = kit.anonymous().get(f"{BASE}/password-policy").json

    assert told["profile"] == "dengbao3"
    assert (told["min_length"], told["min_classes"], told["history"]) == (10, 3, 5)
    assert (told["authority_max_age_days"], told["institution_max_age_days"]) == (90, None)
    assert any("90 天" in sentence for sentence in told["told_zh"])


@pytest.fixture
def strict(make_kit):
    from otsp_auth.app import service

    kit = make_kit(
        service,
        password_min_length=20,
        password_history=0,
        authority_password_days=0,
        institution_password_days=180,
    )
    yield kit
    kit.clean()


def test_parameters_of_the_policy_are_settings(strict):
    told = strict.anonymous().get(f"{BASE}/password-policy").json

    assert (told["min_length"], told["history"]) == (20, 0)
    assert (told["authority_max_age_days"], told["institution_max_age_days"]) == (None, 180)
    with strict.active(), pytest.raises(Invalid):
        hash_new(None, PASSWORD, "/password")


def make_operator(kit) -> None:
    fields = {
        "username": "operator.one",
        "password": PASSWORD,
        "role": "operator",
        "person_name": "沈禾",
    }
    admin = kit.as_authority("national_admin", level="national", region="000000")
    assert admin.post(f"{BASE}/accounts", fields).status == 201
    with kit.active(), transaction() as tx:
        tx.execute(update(Account).values(must_change_password=False))


def aged(kit, days: int) -> None:
    with kit.active(), transaction() as tx:
        changed_at = clock.now() - timedelta(days=days)
        tx.execute(update(Account).values(password_changed_at=changed_at))


def test_password_of_an_authority_is_due_after_ninety_days(kit, desk):
    make_operator(kit)
    aged(kit, 89)
    fresh = desk.login("operator.one").json["account"]
    aged(kit, 90)
    token = desk.login("operator.one").json["token"]

    due = kit.as_principal(verified(kit, desk.use(token))).get(f"{BASE}/account").json

    assert "new_password" not in fresh["duties"]
    assert "new_password" in due["duties"]
    assert verified(kit, desk.use(token)).scopes == {"account:self"}


def verified(kit, answer):
    verifier = IdentityVerifier(kit.runtime.settings.identity_public_keys)
    return verifier.verify(answer.headers[HEADER])


def test_changed_password_is_young_again(kit, desk):
    make_operator(kit)
    aged(kit, 90)
    assert change(signed_in(kit, desk, "operator.one"), NEW).status == 204

    account = desk.login("operator.one", NEW).json["account"]

    assert "new_password" not in account["duties"]


def test_password_is_due_from_the_moment_that_is_told(kit):
    changed_at = clock.now()
    due_at = PROFILES["dengbao3"].expires_at("reviewer", changed_at)
    owed = []
    for moment in (due_at - timedelta(microseconds=1), due_at):
        with clock.frozen(moment), kit.active():
            owed.append(owes_new_password("reviewer", must_change=False, changed_at=changed_at))

    assert owed == [False, True]


def test_owner_is_told_when_the_password_will_be_due(kit, desk, owner):
    make_operator(kit)
    with kit.active(), reading() as tx:
        changed_at = tx.scalar(
            select(Account.password_changed_at).where(Account.username == "operator.one")
        )

    told = desk.login("operator.one").json["account"]["password_expires_at"]
    institutions = owner.get(f"{BASE}/account").json

    assert told == (changed_at + timedelta(days=90)).isoformat()
    assert institutions["password_expires_at"] is None


def test_password_of_an_institution_has_no_age_unless_it_is_set(kit, desk):
    desk.register(MOBILE)
    aged(kit, 3650)

    assert desk.login(MOBILE).json["account"]["duties"] == []


def test_former_passwords_lie_there_as_hashes(kit, owner):
    change(owner, NEW)

    with kit.active(), reading() as tx:
        kept = tx.scalars(text("SELECT password_hash FROM former_password")).all()
    assert [each.startswith("$argon2id$") for each in kept] == [True]
