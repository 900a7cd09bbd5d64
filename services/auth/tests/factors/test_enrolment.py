"""Second factors: who owes one, how one is enrolled, removed, and reset by somebody in charge."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from sqlalchemy import text

from otsp_auth.app import service
from otsp_auth.model import InstitutionRef
from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.identity import AuthorityClaim
from otsp_chassis.ids import new_id

BASE, RIGHT, WRONG = "/api/auth/v1", "Shenhe-2026-xihu", "Shenhe-2026-xihU"


def rows(kit, statement: str) -> list:
    with kit.active(), reading() as tx:
        return list(tx.execute(text(statement)))


def later(**span):
    return clock.frozen(clock.now() + timedelta(**span))


@pytest.mark.parametrize("role", ["reviewer", "region_admin", "national_admin", "auditor"])
def test_authority_without_a_factor_can_do_nothing_but_enrol_one(kit, authority_id, role, official):
    of = authority_id if role != "national_admin" else None
    person = official(kit, f"{role}.one", role, of)

    opened = person.log_in()
    client = person.client(opened.json["token"])

    assert opened.json["account"]["duties"] == ["second_factor"]
    assert client.principal.scopes == {"account:self"}
    person.enrol_app(client)
    assert client.get(f"{BASE}/account").json["duties"] == []
    assert len(person.client(opened.json["token"]).principal.scopes) > 1


def test_operator_owes_a_factor_too_and_an_institution_none(kit, desk, official):
    operator = official(kit, "yunwei", "operator")
    institution = desk.register("13800000001")

    assert operator.log_in().json["account"]["duties"] == ["second_factor"]
    assert "second_factor" not in institution["duties"]


def test_nobody_owes_a_factor_where_it_is_only_offered(make_kit, kit, authority_id, official):
    offered = make_kit(service, second_factor="offered")
    person = official(offered, "shenhe", "reviewer", authority_id)

    opened = person.log_in()

    assert opened.json["account"]["duties"] == []
    person.enrol_app(person.client(opened.json["token"]))
    assert person.log_in().status == 202, "who has one is asked for it"


def test_secret_is_told_once_as_an_app_reads_it(reviewer, fresh):
    begun = reviewer.begin(fresh, kind="totp")

    uri = urlsplit(begun["otpauth_uri"])
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert parse_qs(uri.query)["secret"] == [begun["secret"]]
    assert len(begun["secret"]) == 32, "160 bits (RFC 4226 §4)"
    reviewer.enrol_app(fresh)
    assert "secret" not in str(fresh.get(f"{BASE}/account/second-factors").json)


def test_factor_counts_only_once_it_is_confirmed(reviewer, fresh):
    begun = reviewer.begin(fresh, kind="totp")

    assert reviewer.factors(fresh) == []
    assert reviewer.log_in().json["account"]["duties"] == ["second_factor"]
    wrong = fresh.post(
        f"{BASE}/account/second-factors/{begun['factor_id']}/confirmation", {"code": "000000"}
    )
    assert (wrong.status, wrong.problem) == (422, "wrong-code")
    assert reviewer.log_in().status == 201


def test_factor_of_somebody_else_is_not_confirmed(kit, authority_id, fresh, official, reviewer):
    begun = reviewer.begin(fresh, kind="totp")
    other = official(kit, "other.one", "reviewer", authority_id)
    client = other.client(other.log_in().json["token"])

    answer = client.post(
        f"{BASE}/account/second-factors/{begun['factor_id']}/confirmation", {"code": "123456"}
    )

    assert answer.status == 404


def test_enrolment_needs_the_password_and_counts_wrong_ones(kit, reviewer, fresh):
    body = {"kind": "totp", "password": WRONG}
    answers = [fresh.post(f"{BASE}/account/second-factors", body) for _ in range(6)]
    right = fresh.post(f"{BASE}/account/second-factors", body | {"password": RIGHT})

    assert {each.problem for each in (*answers, right)} == {"owner-not-proven"}
    assert reviewer.log_in().problem == "bad-credentials", "locked by then"


def test_confirmation_ends_the_sessions_that_were_opened_without(reviewer, fresh):
    elsewhere = reviewer.log_in().json["token"]

    reviewer.enrol_app(fresh)

    headers = {"Authorization": f"Bearer {elsewhere}"}
    assert reviewer.kit.anonymous().get("/internal/session", headers=headers).status == 401
    assert fresh.get(f"{BASE}/account/sessions").json["items"][0]["current"]


def test_secret_and_recovery_codes_are_not_stored_in_clear(kit, enrolled):
    stored = str(rows(kit, "SELECT encode(secret, 'escape') FROM second_factor"))
    codes = str(rows(kit, "SELECT encode(code_digest, 'escape') FROM recovery_code"))

    assert enrolled.secret not in stored
    assert len(enrolled.recovery_codes) == len(set(enrolled.recovery_codes)) == 10
    assert not any(
        code in codes or code.replace("-", "") in codes for code in enrolled.recovery_codes
    )


def test_account_without_a_mobile_cannot_enrol_one(kit, authority_id, official):
    person = official(kit, "other.one", "reviewer", authority_id)
    client = person.client(person.log_in().json["token"])

    refused = client.post(f"{BASE}/account/second-factors", {"kind": "sms", "password": RIGHT})

    assert (refused.status, refused.problem) == (422, "no-own-mobile")


def test_another_factor_needs_a_code_of_the_first(reviewer, enrolled, fresh):
    lacking = fresh.post(f"{BASE}/account/second-factors", {"kind": "sms", "password": RIGHT})
    proof = {"method": "totp", "code": enrolled.code()}
    added = enrolled.enrol_mobile(fresh, proof=proof)

    assert (lacking.status, lacking.pointers) == (422, {"/proof"})
    assert added.status == 201
    assert {each["kind"] for each in enrolled.factors(fresh)} == {"totp", "sms"}
    assert (
        enrolled.take(enrolled.second_step(), enrolled.recovery_codes[0], "recovery_code").problem
        == "second-factor-wrong"
    ), "the newer ten hold"


def test_new_app_replaces_the_old_one(enrolled, fresh):
    old = enrolled.secret
    proof = {"method": "recovery_code", "code": enrolled.recovery_codes[0]}
    with clock.frozen(clock.now()):
        enrolled.enrol_app(fresh, proof=proof)
        stale = pyotp.TOTP(old).at(clock.now())
        refused = enrolled.take(enrolled.second_step(), stale)
    with later(seconds=31):
        opened = enrolled.take(enrolled.second_step(), enrolled.code())

    assert len(enrolled.factors(fresh)) == 1
    assert (refused.status, opened.status) == (401, 201)


def removal(enrolled, client, *, password: str = RIGHT, **proof):
    factor_id = enrolled.factors(client)[0]["factor_id"]
    body = {"password": password, "proof": {"method": "totp", "code": enrolled.code()} | proof}
    return client.post(f"{BASE}/account/second-factors/{factor_id}/removal", body)


def test_removal_needs_password_and_code(enrolled, fresh):
    wrong_password = removal(enrolled, fresh, password=WRONG)
    wrong_code = removal(enrolled, fresh, code="000000")
    removed = removal(enrolled, fresh)

    assert {wrong_password.problem, wrong_code.problem} == {"owner-not-proven"}
    assert removed.status == 204
    assert enrolled.log_in().status == 201
    left = fresh.get(f"{BASE}/account/second-factors").json
    assert (left["items"], left["recovery_codes_left"]) == ([], 0)


def test_code_is_not_used_up_by_a_wrong_password(enrolled, fresh):
    with clock.frozen(clock.now()):
        removal(enrolled, fresh, password=WRONG)

        assert removal(enrolled, fresh).status == 204


def test_wrong_codes_at_removal_lock_the_account_like_those_at_login(enrolled, fresh):
    for _ in range(5):
        removal(enrolled, fresh, code="000000")

    assert removal(enrolled, fresh).problem == "owner-not-proven"
    assert enrolled.log_in().problem == "bad-credentials"


def administrator(kit, role: str, authority_id=None):
    """Somebody else, who is in charge; a national one has no authority."""
    claim = authority_id and AuthorityClaim(authority_id, "county", "education", "330106")
    principal = replace(kit.as_authority(role).principal, authority=claim)
    return kit.as_principal(principal)


def reset(client, person, key: str | None = None):
    body = {"reason": "手机遗失，已当面核验身份"}
    path = f"{BASE}/accounts/{person.account_id}/second-factor-resets"
    return client.post(path, body, key=key)


@pytest.mark.parametrize("role", ["region_admin", "national_admin"])
def test_lost_factors_are_reset_by_somebody_in_charge(kit, enrolled, authority_id, role):
    token = enrolled.take(enrolled.second_step(), enrolled.code()).json["token"]
    in_charge = administrator(kit, role, authority_id if role == "region_admin" else None)

    answer = reset(in_charge, enrolled)

    assert answer.status == 204
    headers = {"Authorization": f"Bearer {token}"}
    assert kit.anonymous().get("/internal/session", headers=headers).status == 401
    assert enrolled.log_in().json["account"]["duties"] == ["second_factor"]
    told = rows(kit, "SELECT reason FROM audit_entry WHERE action = 'auth.second_factors_reset'")
    assert told == [("手机遗失，已当面核验身份",)]


def test_region_administrator_resets_nobody_else(kit, enrolled, authority_id, official):
    elsewhere = administrator(kit, "region_admin", new_id())
    colleague = official(kit, "colleague.one", "region_admin", authority_id)

    assert reset(elsewhere, enrolled).status == 404
    assert reset(administrator(kit, "region_admin", authority_id), colleague).status == 403
    assert enrolled.log_in().status == 202


def test_institution_that_lost_its_factor_is_helped_in_its_region(kit, desk, authority_id):
    institution = desk.register("13800000001")
    account_id, institution_id = institution["account_id"], institution["institution_id"]
    told = {"name": "西湖艺培", "uscc": None, "registration_status": "approved"}
    with kit.active(), transaction() as tx:
        tx.add(
            InstitutionRef(
                institution_id=institution_id,
                version=1,
                region_code="330106",
                compliance_status="none",
                **told,
            )
        )
    path = f"{BASE}/accounts/{account_id}/second-factor-resets"
    here = administrator(kit, "region_admin", authority_id)
    elsewhere = kit.as_authority("region_admin", region="510107")

    assert elsewhere.post(path, {"reason": "手机遗失"}).status == 404
    assert here.post(path, {"reason": "手机遗失"}).status == 204


def test_nobody_resets_the_own_factors(kit, official):
    national = official(kit, "national.one", "national_admin")
    token = national.log_in().json["token"]
    national.enrol_app(national.client(token))

    assert reset(national.client(token), national).status == 403
    assert national.log_in().status == 202


def test_trail_tells_every_step_of_a_factor(kit, enrolled, fresh):
    enrolled.take(enrolled.second_step(), enrolled.code())
    with later(seconds=31):
        removal(enrolled, fresh)

    trail = rows(kit, "SELECT action FROM audit_entry ORDER BY sequence")
    assert [action for (action,) in trail] == [
        "auth.logged_in",
        "auth.second_factor_begun",
        "auth.second_factor_confirmed",
        "auth.second_factor_asked",
        "auth.logged_in",
        "auth.second_factor_removed",
    ]


def test_steps_and_enrolments_that_were_given_up_are_deleted(kit, enrolled, fresh):
    enrolled.second_step()
    proof = {"method": "totp", "code": enrolled.code()}
    body = {"kind": "totp", "password": RIGHT, "proof": proof}
    assert fresh.post(f"{BASE}/account/second-factors", body).status == 201

    with clock.frozen(clock.now() + timedelta(days=3)):
        kit.run_job("forget_outdated")

    assert rows(kit, "SELECT 1 FROM second_step") == []
    assert len(rows(kit, "SELECT 1 FROM second_factor")) == 1, "the one in use stays"
