"""Institutions of the legacy platforms: entered by the import, theirs to complete (§1.7, §3.2)."""

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.auth import AccountMigrated, AccountsMerged
from otsp_testkit.legacy import legacy_uscc

BASE = "/api/institution/v1/institutions"


@pytest.fixture
def migrate(kit, facts):
    """Let the news of an import arrive; the institution's own administrator."""

    def arrive(**fields):
        told = {
            "account_id": new_id(),
            "institution_id": new_id(),
            "legacy_source": "xwpx_offline",
            "name": facts["name"],
            "uscc": facts["uscc"],
            "region_code": facts["region_code"],
            "categories": ("subject",),
        } | fields
        kit.deliver(AccountMigrated(**told))
        return kit.as_institution(told["institution_id"])

    return arrive


def shown(client):
    return client.get(f"{BASE}/{client.principal.institution_id}").json


def merge(kit, kept, merged):
    ids = {"account_id": new_id(), "institution_id": kept.principal.institution_id}
    ids |= {
        "merged_account_id": new_id(),
        "merged_institution_id": merged.principal.institution_id,
    }
    kit.deliver(AccountsMerged(**ids))


def standing(client):
    seen = shown(client)
    return seen["registration"]["status"], seen["compliance_status"], seen["migrated_from"]


def test_migrated_institution_starts_as_approved_and_has_applied_for_nothing(kit, migrate, facts):
    migrated = migrate()

    assert standing(migrated) == ("approved", "not_applied", "xwpx_offline")
    assert shown(migrated)["uscc"] == facts["uscc"]
    assert kit.set_aside() == []


def test_nobody_else_registers_the_number_and_is_shown_the_way(own, place, migrate, facts):
    migrate(name="另一个名称", region_code="330105")
    own.put(f"{place}/registration", facts)

    refusal = own.post(f"{place}/registration/submission", None)

    assert (refusal.status, refusal.problem) == (409, "institution-migrated")
    assert "请使用原平台的账号和密码登录" in refusal.json["detail"]


def test_nobody_else_registers_the_name_in_the_region(own, place, migrate, facts):
    migrate(uscc=legacy_uscc(7))
    own.put(f"{place}/registration", facts)

    refusal = own.post(f"{place}/registration/submission", None)

    assert (refusal.status, refusal.problem) == (409, "institution-migrated")


def test_name_in_another_region_is_another_institution(own, place, migrate, facts):
    migrate(region_code="330105", uscc=legacy_uscc(7))
    own.put(f"{place}/registration", facts)

    assert own.post(f"{place}/registration/submission", None).status == 200


def test_second_account_of_a_number_waits_until_the_accounts_are_merged(kit, migrate):
    first, second = migrate(), migrate(legacy_source="xspx_online")
    assert [standing(each)[0] for each in (first, second)] == ["approved", "draft"]

    merge(kit, kept=second, merged=first)

    assert [standing(each)[0] for each in (first, second)] == ["rejected", "approved"]
    assert kit.set_aside() == []


def test_merge_that_keeps_the_first_changes_nothing_of_it(kit, migrate):
    first, second = migrate(), migrate(legacy_source="xspx_online")

    merge(kit, kept=first, merged=second)

    assert [standing(each)[0] for each in (first, second)] == ["approved", "rejected"]


def test_merge_that_overtakes_the_news_of_an_account_is_tried_again(kit, migrate):
    first, unknown = migrate(), kit.as_institution(new_id())

    merge(kit, kept=first, merged=unknown)

    assert len(kit.set_aside()) == 1


def test_what_a_registered_institution_holds_stays_its_own(kit, own, place, migrate, facts, decide):
    own.put(f"{place}/registration", facts)
    own.post(f"{place}/registration/submission", None)
    decide("approved")

    assert standing(migrate())[0] == "draft"
    assert standing(own)[0] == "approved"


def test_migrated_institution_completes_its_file_with_the_version_it_saw(migrate, facts):
    migrated = migrate()
    path, version = f"{BASE}/{migrated.principal.institution_id}", shown(migrated)["version"]

    blind = migrated.put(path, facts)
    seen = migrated.put(path, facts, if_match=version)

    assert (blind.status, seen.status) == (428, 200)
    assert standing(migrated) == ("approved", "not_applied", "xwpx_offline")
