"""Two migrated accounts of one institution become one (合并账户)."""

import pytest
from sqlalchemy import select, text

from otsp_auth import bootstrap
from otsp_auth.commands.legacy import Line
from otsp_auth.model import Account, LoginSession
from otsp_chassis.db import reading, transaction
from otsp_chassis.ids import new_id
from otsp_contracts.auth import AccountsMerged
from otsp_testkit.legacy import COLUMNS, legacy_cells, legacy_uscc

BASE = "/api/auth/v1"
ONLINE, OFFLINE = "old-online", "old-offline"


@pytest.fixture
def bring(kit):
    """Import one line; the account's id."""

    def run(number, password, *, source="xwpx_offline", **changed):
        cells = legacy_cells(number, password, **changed)
        batch = [Line(2, [cells[name] for name in COLUMNS])]
        reported = bootstrap.import_legacy(
            source, COLUMNS, [batch], is_dry=False, operator="ops", runtime=kit.runtime
        )
        assert [each.outcome.value for each in next(iter(reported))] != ["refused"]
        with kit.active(), reading() as tx:
            newest = select(Account.account_id).order_by(Account.account_id.desc()).limit(1)
            return str(tx.execute(newest).scalar_one())

    return run


@pytest.fixture
def pair(bring):
    """Of institution 1: on the online platform, on the offline one under another name."""
    first = bring(1, ONLINE, source="xspx_online", mobile="13800000001")
    return first, bring(1, OFFLINE, legacy_username="13912345678")


@pytest.fixture
def admin(kit):
    return kit.as_authority("region_admin")


def merge(client, keep, gone, **options):
    body = {"keep_account_id": keep, "merge_account_id": gone, "reason": "同一机构的两个原平台账号"}
    return client.post(f"{BASE}/account-merges", body, **options)


def candidates(client, **query):
    return client.get(f"{BASE}/account-merges/candidates", query=query).json


def set_status(kit, account_id, status):
    with kit.active(), transaction() as tx:
        tx.get_one(Account, account_id).status = status


def test_both_names_log_in_to_the_account_that_was_kept(kit, desk, admin, pair):
    kept, gone = pair

    answer = merge(admin, kept, gone)

    assert answer.status == 201
    assert answer.json["names"] == [
        {"source": "xspx_online", "username": "jg1"},
        {"source": "xwpx_offline", "username": "139****5678"},
    ]
    for name in ("jg1", "13912345678"):
        assert desk.login(name, ONLINE).json["account"]["account_id"] == kept
        assert desk.login(name, OFFLINE).status == 401


def test_merged_account_is_cancelled_with_its_sessions(kit, desk, admin, pair):
    kept, gone = pair
    token = desk.login("13912345678", OFFLINE).json["token"]

    merge(admin, kept, gone)

    assert desk.use(token).status == 401
    with kit.active(), reading() as tx:
        account = tx.execute(
            select(Account.status, Account.legacy_hash).where(Account.account_id == gone)
        ).one()
        assert tx.execute(select(LoginSession.session_id)).all() == []
    assert tuple(account) == ("cancelled", None)


def test_merge_is_told_and_recorded_of_both(kit, admin, pair):
    kept, gone = pair

    merge(admin, kept, gone)

    [told] = kit.published(AccountsMerged)
    assert (told.data["account_id"], told.data["merged_account_id"]) == (kept, gone)
    assert told.data["institution_id"] != told.data["merged_institution_id"]
    assert told.data["actor"] == str(admin.principal.account_id)
    with kit.active(), reading() as tx:
        trail = text("SELECT object_id, reason FROM audit_entry WHERE action LIKE '%merged'")
        assert sorted(tx.execute(trail).all()) == sorted(
            (each, "同一机构的两个原平台账号") for each in pair
        )


def test_account_that_is_in_use_is_kept_not_merged(kit, admin, pair):
    kept, used = pair
    set_status(kit, used, "active")

    refusal = merge(admin, kept, used)

    assert (refusal.status, refusal.problem) == (409, "merged-account-in-use")
    assert "请改为保留该账户" in refusal.json["detail"]
    assert merge(admin, used, kept).status == 201


def test_accounts_of_two_numbers_are_two_institutions(admin, bring):
    refusal = merge(admin, bring(1, ONLINE), bring(2, ONLINE))

    assert (refusal.status, refusal.pointers) == (422, {"/merge_account_id"})


def test_account_is_not_merged_into_itself(admin, pair):
    assert merge(admin, pair[0], pair[0]).pointers == {"/merge_account_id"}


def test_merge_needs_a_region_administrator_of_the_region(kit, pair):
    outside = kit.as_authority("region_admin", region="330105")
    above = kit.as_authority("region_admin", region="330000", level="province")
    nation = kit.as_authority("national_admin", level="national", region="000000")

    assert merge(outside, *pair).status == 404
    assert merge(nation, *pair).status == 403
    assert merge(kit.as_authority("reviewer"), *pair).status == 403
    assert merge(above, *pair).status == 201


def test_account_that_was_never_migrated_is_not_merged(desk, admin, pair):
    registered = desk.register("13800000009")["account_id"]

    assert merge(admin, pair[0], registered).status == 404
    assert merge(admin, pair[0], str(new_id())).status == 404


def test_repeated_key_merges_once_and_a_merged_account_is_gone(kit, admin, pair):
    answers = [merge(admin, *pair, key="merge-jg1-now") for _ in range(2)]

    assert answers[0].json == answers[1].json
    assert len(kit.published(AccountsMerged)) == 1
    assert merge(admin, *pair).status == 404


def test_candidates_are_numbers_with_more_than_one_account(admin, bring, pair):
    bring(2, ONLINE)

    [found] = candidates(admin)["items"]

    assert found["uscc"] == legacy_uscc(1)
    assert [each["account_id"] for each in found["accounts"]] == list(pair)
    assert [each["mobile"] for each in found["accounts"]] == ["138****0001", None]
    assert found["accounts"][1]["names"][0]["username"] == "139****5678"


def test_candidates_come_in_pages_and_end_with_the_merge(admin, bring, pair):
    bring(2, ONLINE)
    bring(2, ONLINE, source="xspx_online")

    first = candidates(admin, limit=1)
    rest = candidates(admin, limit=1, cursor=first["next"])
    merge(admin, *pair)

    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [1, 1, None]
    assert [each["uscc"] for each in candidates(admin)["items"]] == [legacy_uscc(2)]


def test_candidates_of_other_regions_are_theirs(kit, bring, pair):
    bring(1, ONLINE, legacy_username="elsewhere", region_code="330105")
    province = kit.as_authority("region_admin", region="330000", level="province")

    assert candidates(kit.as_authority("region_admin", region="330105"))["items"] == []
    assert len(candidates(kit.as_authority("region_admin"))["items"][0]["accounts"]) == 2
    assert len(candidates(province)["items"][0]["accounts"]) == 3
