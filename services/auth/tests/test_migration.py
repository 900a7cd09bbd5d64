"""Migration (迁移): from the line of a legacy platform to an account in use."""

import re
from datetime import timedelta

import bcrypt
import pytest
from sqlalchemy import select, text

from otsp_auth import bootstrap
from otsp_auth.commands.legacy import Line
from otsp_auth.model import Account, LegacyAccount
from otsp_auth.queries.recovery_rows import accounts_of
from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.identity import HEADER, IdentityVerifier
from otsp_contracts.auth import AccountActivated, AccountMigrated
from otsp_testkit.legacy import COLUMNS, PASSWORD, legacy_cells, legacy_uscc

BASE, NEW, WRONG = "/api/auth/v1", "Xihu-2027-peixun", "not-the-password"


@pytest.fixture
def bring(kit):
    """Import these lines as one batch; what the report says of each."""

    def run(*lines, source="xwpx_offline", is_dry=False):
        batch = [
            Line(number, [cells[name] for name in COLUMNS])
            for number, cells in enumerate(lines, start=2)
        ]
        batches = bootstrap.import_legacy(
            source, COLUMNS, [batch], is_dry=is_dry, operator="ops", runtime=kit.runtime
        )
        return [reported for batch in batches for reported in batch]

    return run


def outcomes(reported):
    return [each.outcome.value for each in reported]


def rows(kit, query):
    with kit.active(), reading() as tx:
        return tx.execute(query).all()


def client_of(kit, desk, token):
    """As the edge lets it in."""
    verifier = IdentityVerifier(kit.runtime.settings.identity_public_keys)
    return kit.as_principal(verifier.verify(desk.use(token).headers[HEADER]))


def ask_code(client, mobile="13800000001", *, password=PASSWORD):
    """The id to complete by, and the code as texted."""
    body = {"mobile": mobile, "current_password": password}
    asked = client.post(f"{BASE}/account/mobile-proofs", body)
    assert asked.status == 201, asked.content
    texts = client.get(f"{BASE}/development/messages", query={"mobile": mobile}).json["items"]
    code = re.search(r"\d{6}", texts[0]["text"])
    return asked.json["mobile_proof_id"], code and code[0]


def prove_mobile(client, mobile="13800000001", *, password=PASSWORD):
    proof_id, code = ask_code(client, mobile, password=password)
    return client.post(f"{BASE}/account/mobile-proofs/{proof_id}/completion", {"code": code})


def give_information(client):
    path = f"{BASE}/account/personal-information"
    body = {
        "person_name": "周明",
        "contact_tel": "0571-88001234",
        "postcode": None,
        "contact_address": "示例路1号",
    }
    return client.put(path, body, if_match=client.get(path).json["version"])


def change_password(client, current=PASSWORD, new=NEW):
    body = {"current_password": current, "new_password": new, "new_password_confirmation": new}
    return client.post(f"{BASE}/account/password", body)


def test_account_is_imported_and_its_institution_told(kit, bring):
    assert outcomes(bring(legacy_cells(1, mobile="13800000001"))) == ["imported"]

    [(account,)] = rows(kit, select(Account.status))
    assert account == "migrated_inactive"
    [told] = kit.published(AccountMigrated)
    assert (told.data["uscc"], told.data["region_code"]) == (legacy_uscc(1), "330106")
    assert (told.data["name"], told.data["legacy_source"]) == ("西湖第1培训学校", "xwpx_offline")


def test_neither_name_nor_mobile_nor_hash_can_be_read_in_the_database(kit, bring):
    cells = legacy_cells(1, legacy_username="13912345678", mobile="13800000001")
    bring(cells)

    kept = [str(row) for table in ("account", "legacy_account", "audit_entry", "outbox")
            for row in rows(kit, text(f"SELECT t::text FROM {table} t"))]  # fmt: skip
    hidden = ("13912345678", "13800000001", cells["legacy_password_hash"])
    for plain in hidden:
        shown = (plain, plain.encode().hex())
        assert [row for row in kept if any(each in row for each in shown)] == []


def test_repeated_run_changes_nothing_and_goes_on_with_what_is_new(kit, bring):
    bring(legacy_cells(1))
    before = rows(kit, text("SELECT account_id, version, imported_at FROM account JOIN"
                            " legacy_account USING (account_id)"))  # fmt: skip

    again = bring(legacy_cells(1), legacy_cells(2))

    assert outcomes(again) == ["already_there", "imported"]
    after = rows(kit, text("SELECT account_id, version, imported_at FROM account JOIN"
                           " legacy_account USING (account_id)"))  # fmt: skip
    assert set(before) < set(after)
    assert len(kit.published(AccountMigrated)) == 2


def test_dry_run_reports_the_same_and_writes_nothing(kit, bring):
    bring(legacy_cells(3))
    lines = [
        legacy_cells(1),
        legacy_cells(2, uscc="1"),
        legacy_cells(3),
        legacy_cells(4, legacy_username="JG1"),
        legacy_cells(5, uscc=legacy_uscc(1)),
    ]
    published = len(kit.published())

    dry = bring(*lines, is_dry=True)

    assert len(rows(kit, select(Account.account_id))) == 1
    assert len(kit.published()) == published
    assert dry == bring(*lines)
    assert outcomes(dry) == ["imported", "refused", "already_there", "refused", "merge_candidate"]


def test_line_that_is_refused_stops_no_other(bring):
    reported = bring(legacy_cells(1, uscc="bad"), legacy_cells(2), legacy_cells(3, region_code="0"))

    assert outcomes(reported) == ["refused", "imported", "refused"]
    assert [each.line for each in reported] == [2, 3, 4]
    assert "行政区划代码不存在" in reported[2].reason


def test_name_stands_once_in_a_file(bring):
    reported = bring(legacy_cells(1), legacy_cells(2, legacy_username=" JG1 "))

    assert outcomes(reported) == ["imported", "refused"]
    assert "与第 2 行重复" in reported[1].reason


def test_name_of_a_refused_line_may_come_again(bring):
    reported = bring(legacy_cells(1, uscc="bad"), legacy_cells(1))

    assert outcomes(reported) == ["refused", "imported"]


def test_name_that_came_for_another_institution_is_refused(bring):
    bring(legacy_cells(1))

    [refused] = bring(legacy_cells(2, legacy_username="jg1"))

    assert refused.outcome == "refused"
    assert "统一社会信用代码不同" in refused.reason


def test_second_account_of_a_number_is_imported_and_named_a_candidate(kit, bring):
    bring(legacy_cells(1), source="xspx_online")

    [reported] = bring(legacy_cells(1))

    assert reported.outcome == "merge_candidate"
    assert "@xwpx_offline" in reported.reason, "both platforms have the name"
    assert len(rows(kit, select(Account.account_id))) == 2


def test_batch_leaves_one_audit_entry(kit, bring):
    bring(legacy_cells(1), legacy_cells(2))

    [entry] = rows(kit, text("SELECT action, object_id, role, after_sha256 FROM audit_entry"))
    assert entry[:3] == ("auth.accounts_imported", "xwpx_offline:2..3", "operator:ops")
    assert entry[3] is not None


def test_legacy_password_works_once_and_is_replaced(kit, desk, bring):
    bring(legacy_cells(1))
    [(before,)] = rows(kit, select(Account.password_hash))

    assert desk.login("jg1", PASSWORD).status == 201

    [(after, legacy)] = rows(kit, select(Account.password_hash, Account.legacy_hash))
    assert legacy is None
    assert after.startswith("$argon2id$")
    assert after != before
    assert desk.login("JG1", PASSWORD).status == 201
    assert desk.login("jg1", WRONG).status == 401


def test_wrong_password_leaves_the_legacy_hash_and_is_counted(kit, desk, bring):
    bring(legacy_cells(1))

    refusals = [desk.login("jg1", WRONG) for _ in range(5)]
    locked = desk.login("jg1", PASSWORD)

    assert {each.status for each in [*refusals, locked]} == {401}
    assert {each.problem for each in [*refusals, locked]} == {"bad-credentials"}
    assert rows(kit, select(Account.legacy_hash)) != [(None,)]


def test_bcrypt_of_a_legacy_platform_logs_in_too(desk, bring):
    made = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    bring(legacy_cells(1, hash_scheme="bcrypt", legacy_password_hash=f"$2y{made[3:]}"))

    assert desk.login("jg1", WRONG).status == 401
    assert desk.login("jg1", PASSWORD).status == 201


@pytest.mark.parametrize("password", [PASSWORD, WRONG])
def test_login_hashes_as_often_for_a_legacy_account_as_for_nobody(
    desk, bring, monkeypatch, password
):
    from otsp_auth.commands.passwords import Passwords

    bring(legacy_cells(1))
    hashed = []
    matches = Passwords.matches
    monkeypatch.setattr(
        Passwords, "matches", lambda *args, **named: hashed.append(1) or matches(*args, **named)
    )

    for name in ("nobody", "jg1"):
        hashed.clear()
        desk.login(name, password)
        assert len(hashed) == 1, "one argon2id whoever asks (D37)"


def test_two_institutions_of_one_name_say_which_platform_they_mean(desk, bring):
    bring(legacy_cells(1, "old-online"), source="xspx_online")
    bring(legacy_cells(2, "old-offline", legacy_username="jg1"))

    assert desk.login("jg1", "old-online").status == 401
    online = desk.login("jg1@xspx_online", "old-online")
    offline = desk.login("JG1@xwpx_offline", "old-offline")

    assert (online.status, offline.status) == (201, 201)
    accounts = {each.json["account"]["account_id"] for each in (online, offline)}
    assert len(accounts) == 2


def test_longest_name_may_say_its_platform_too(desk, bring):
    bring(legacy_cells(1, legacy_username="x" * 64))

    assert desk.login("x" * 64 + "@xwpx_offline", PASSWORD).status == 201


def test_mobile_of_a_registered_account_is_not_anothers_legacy_name(desk, bring):
    desk.register("13800000001")

    [reported] = bring(legacy_cells(1, legacy_username="13800000001"))

    assert "@xwpx_offline" in reported.reason
    assert desk.login("13800000001", PASSWORD).status == 401
    assert desk.login("13800000001@xwpx_offline", PASSWORD).status == 201


def test_account_that_nobody_logged_in_to_is_found_for_recovery(kit, bring):
    bring(legacy_cells(1))

    with kit.active(), reading() as tx:
        [found] = accounts_of(tx, legacy_uscc(1))

    told = (found.status, found.institution_name, found.mobile, found.compliance_status)
    assert told == ("migrated_inactive", "西湖第1培训学校", None, None)


def test_nobody_of_an_authority_is_given_a_name_that_was_migrated(kit, bring):
    bring(legacy_cells(1, legacy_username="Zhangsan"))
    national = kit.as_authority("national_admin", level="national", region="000000")
    person = {"username": "zhangsan", "role": "operator", "person_name": "沈禾"}

    refusal = national.post(f"{BASE}/accounts", person | {"password": NEW})

    assert (refusal.status, refusal.problem) == (409, "username-taken")


def test_first_session_opens_nothing_but_the_account(kit, desk, bring):
    bring(legacy_cells(1))

    opened = desk.login("jg1", PASSWORD).json

    told = opened["account"]
    assert (told["username"], told["status"]) == ("jg1", "migrated_inactive")
    assert told["duties"] == ["new_password", "personal_information"]
    assert client_of(kit, desk, opened["token"]).principal.scopes == {"account:self"}


def test_new_password_mobile_and_personal_information_activate_the_account(kit, desk, bring):
    bring(legacy_cells(1))
    change_password(client_of(kit, desk, desk.login("jg1", PASSWORD).json["token"]))
    half = desk.login("jg1", NEW).json
    client = client_of(kit, desk, half["token"])

    proven = prove_mobile(client, password=NEW)
    informed = give_information(client)
    whole = desk.login("13800000001", NEW).json

    told = half["account"]
    assert (told["status"], told["duties"]) == ("migrated_inactive", ["personal_information"])
    assert (proven.status, informed.status) == (200, 200)
    assert (whole["account"]["status"], whole["account"]["duties"]) == ("active", [])
    assert whole["account"]["username"] == "13800000001"
    assert "institution:write" in client_of(kit, desk, whole["token"]).principal.scopes
    [told] = kit.published(AccountActivated)
    assert told.data["legacy_source"] == "xwpx_offline"
    assert told.data["institution_id"] == whole["account"]["institution_id"]
    assert desk.login("jg1", NEW).status == 201, "the old name stays a login name"


def test_duties_may_be_done_in_either_order(kit, desk, bring):
    bring(legacy_cells(1))
    client = client_of(kit, desk, desk.login("jg1", PASSWORD).json["token"])

    prove_mobile(client)
    give_information(client)
    half = desk.login("jg1", PASSWORD).json["account"]
    change_password(client)

    assert (half["status"], half["duties"]) == ("migrated_inactive", ["new_password"])
    assert desk.login("jg1", NEW).json["account"]["status"] == "active"
    assert len(kit.published(AccountActivated)) == 1


def test_personal_information_waits_for_a_mobile(kit, desk, bring):
    bring(legacy_cells(1))
    client = client_of(kit, desk, desk.login("jg1", PASSWORD).json["token"])

    refusal = give_information(client)

    assert (refusal.status, refusal.pointers) == (422, {"/mobile"})
    assert "请先绑定手机号" in refusal.json["errors"][0]["detail"]


def test_number_of_somebody_else_is_answered_alike_and_proves_nothing(kit, desk, bring):
    desk.register("13800000009")
    bring(legacy_cells(1))
    client = client_of(kit, desk, desk.login("jg1", PASSWORD).json["token"])
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        proof_id, code = ask_code(client, "13800000009")

        completion = f"{BASE}/account/mobile-proofs/{proof_id}/completion"
        refusal = client.post(completion, {"code": "123456"})

    assert code is None
    assert refusal.problem == "wrong-code"


def test_first_mobile_is_the_first(kit, desk, bring):
    bring(legacy_cells(1))
    client = client_of(kit, desk, desk.login("jg1", PASSWORD).json["token"])
    prove_mobile(client)

    body = {"mobile": "13800000002", "current_password": PASSWORD}
    again = client.post(f"{BASE}/account/mobile-proofs", body)

    assert (again.status, again.problem) == (409, "mobile-known")


def test_first_mobile_is_given_by_whoever_knows_the_password_only(kit, desk, bring):
    """A session that was left open would be enough to take the account over."""
    bring(legacy_cells(1))
    client = client_of(kit, desk, desk.login("jg1", PASSWORD).json["token"])

    body = {"mobile": "13800000002", "current_password": "Guessed-2026-pw"}
    refusal = client.post(f"{BASE}/account/mobile-proofs", body)

    assert (refusal.status, refusal.pointers) == (422, {"/current_password"})


def test_unused_legacy_hashes_are_erased_after_a_year_and_login_answers_alike(kit, desk, bring):
    start = clock.now()
    bring(legacy_cells(1))
    with clock.frozen(start + timedelta(days=364)):
        kit.run_job("erase_legacy_hashes")
        assert rows(kit, select(Account.legacy_hash)) != [(None,)]

    with clock.frozen(start + timedelta(days=366)):
        kit.run_job("erase_legacy_hashes")

        assert rows(kit, select(Account.legacy_hash)) == [(None,)]
        refusal, unknown = desk.login("jg1", PASSWORD), desk.login("nobody", PASSWORD)
        assert (refusal.status, refusal.problem) == (unknown.status, unknown.problem)
        entry = "SELECT action FROM audit_entry WHERE action = 'auth.legacy_hashes_erased'"
        assert len(rows(kit, text(entry))) == 1
    assert rows(kit, select(LegacyAccount.uscc)) == [(legacy_uscc(1),)], "the name stays"
