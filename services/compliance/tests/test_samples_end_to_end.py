"""The three sample dossiers, from filing to their published outcome."""

import pytest

from otsp_chassis import clock
from otsp_chassis.migrate import undeclared_changes
from otsp_compliance.model import Base
from otsp_contracts.compliance import (
    ApplicationSubmitted,
    CaseRouted,
    PrecheckFailed,
    ReviewUnlocked,
)

BLOCKING_B = ["MAT-002", "NET-001", "NET-005", "STF-012", "TIM-003", "TIM-004", "TIM-005"]
BLOCKING_C = ["FND-003", "FND-004", "SIT-001", "STF-002", "STF-008", "TIM-001"]


@pytest.fixture(autouse=True)
def _samples_day(filing_day):
    with clock.frozen(filing_day):
        yield


def test_models_and_migrations_say_the_same(kit):
    assert undeclared_changes(kit.owner_url, Base.metadata, with_calendar=True) == []


def test_sample_a_is_submitted_to_the_county_when_its_warning_is_read(world, kit):
    bureau = world.authority("杭州市西湖区教育局")
    world.profile().configure()

    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()

    told = world.application(application_id)
    assert told["state"] == "submitted"
    assert (told["blocking"], told["warnings"]) == ([], ["SIT-006"])
    assert told["findings"]["data"] == []
    assert [one["authority"] for one in told["routed_steps"]] == ["杭州市西湖区教育局"]
    assert told["seq_no"] == "33010620241015000001"
    submitted = kit.published(ApplicationSubmitted)[-1].payload()
    assert submitted.snapshot_sha256 == told["snapshot"]["sha256"]
    assert submitted.version == told["version"]
    routed = kit.published(CaseRouted)[-1].payload()
    assert (routed.authority_id, routed.step_count) == (bureau.authority_id, 1)
    assert kit.published(ReviewUnlocked) == []


def test_sample_a_waits_for_its_warning_to_be_read(world):
    world.authority("杭州市西湖区教育局")
    world.profile().configure()

    application_id = world.filed()
    world.provide()

    told = world.application(application_id)
    assert (told["state"], told["to_acknowledge"]) == ("awaiting_acknowledgement", ["SIT-006"])


def test_sample_b_fails_the_precheck_and_shows_where_it_would_have_gone(world, kit):
    world.of_sample("B")
    world.authority("北京市教育委员会", level="province", region_code="110000")
    world.authority("北京市海淀区教育委员会")
    world.profile().configure()

    application_id = world.filed()
    world.provide()

    told = world.application(application_id)
    assert told["state"] == "precheck_failed"
    assert (told["blocking"], told["warnings"]) == (BLOCKING_B, [])
    assert [one["authority"] for one in told["routed_steps"]] == ["北京市教育委员会"]
    failed = kit.published(PrecheckFailed)[-1].payload()
    assert failed.blocking == tuple(BLOCKING_B)
    assert [each.payload().application_id for each in kit.published(ReviewUnlocked)] == [
        failed.application_id
    ]
    assert kit.published(CaseRouted) == []


def test_sample_c_goes_to_the_county_education_authority_by_default(world):
    world.of_sample("C")
    world.authority("武侯区教育局")
    world.authority("武侯区文化体育和旅游局", department="culture_tourism")
    world.profile().configure()

    application_id = world.filed()
    world.provide()

    told = world.application(application_id)
    assert told["state"] == "precheck_failed"
    assert (told["blocking"], told["warnings"]) == (BLOCKING_C, ["LIC-003"])
    assert [one["authority"] for one in told["routed_steps"]] == ["武侯区教育局"]


def test_sample_c_goes_through_both_departments_where_the_region_says_so(world, kit):
    world.of_sample("C")
    world.authority("武侯区教育局")
    world.authority("武侯区文化体育和旅游局", department="culture_tourism")
    rule = {
        "category": "nonsubject",
        "delivery": "offline",
        "nonsubject_type": "culture_arts",
        "mode": "sector_then_edu",
        "effective_from": "2024-01-01",
    }
    admin = kit.as_authority("region_admin", region=world.region)
    answer = admin.put(f"{world.api}/routing-rules/{world.region}", {"rules": [rule]})
    world.profile().configure()

    application_id = world.filed()
    world.provide()

    assert answer.status == 200
    steps = world.application(application_id)["routed_steps"]
    assert [one["authority"] for one in steps] == ["武侯区文化体育和旅游局", "武侯区教育局"]


def test_a_finding_tells_the_rule_the_places_and_what_to_do(world):
    world.of_sample("C")
    world.profile().configure()

    application_id = world.filed()
    world.provide()

    findings = world.application(application_id)["findings"]["blocking"]
    late = next(one for one in findings if one["rule_id"] == "TIM-001")
    assert late["object_ids"] == ["K1-1"]
    assert late["blocking"]
    assert late["message_zh"]
    assert late["remedy_zh"]
    assert late["basis"]
    assert late["breaches"][0]["pointer"].startswith("/courses/0/classes/0")
