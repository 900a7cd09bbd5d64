"""Rule versions are published by the nation, for the days to come, and hold from their day on."""

import gzip
from datetime import timedelta

import orjson
import psycopg
import pytest

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_compliance.commands import gathering, judging
from otsp_compliance.model import Application, Gathering
from otsp_contracts.compliance import RuleVersionPublished
from otsp_contracts.snapshots import SECTIONS

FORMER_CONTRACT = {
    "rule_id": "FND-008",
    "version": 1,
    "effective_from": "2024-10-15",
    "reason": "恢复使用2020版示范文本",
}


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def nation(kit):
    return kit.as_authority("national_admin", region="000000", level="national")


def publish(client, world, **changed):
    return client.post(f"{world.api}/rule-versions", FORMER_CONTRACT | changed)


def test_a_publication_is_told_to_all_and_schedules_a_re_evaluation(world, kit, nation):
    answer = publish(nation, world, effective_from="2024-11-01", severity="W")

    assert answer.status == 202, answer.json
    location = answer.headers["Location"]
    assert location == f"{world.api}/re-evaluations/{answer.json['re_evaluation_id']}"
    told = nation.get(location).json
    assert told == answer.json
    assert (told["state"], told["progress"], told["total"]) == ("scheduled", 0, 0)
    assert (told["rule_id"], told["rule_version"], told["severity"]) == ("FND-008", 1, "W")
    (event,) = kit.published(RuleVersionPublished)
    assert event.payload().effective_from.isoformat() == "2024-11-01"
    assert str(event.payload().publication_id) == told["re_evaluation_id"]
    assert rows(
        kit, "SELECT reason FROM audit_entry WHERE action = 'compliance.rule_version_published'"
    ) == [(FORMER_CONTRACT["reason"],)]


def rows(kit, query):
    with psycopg.connect(kit.owner_url) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("role", ["reviewer", "region_admin"])
def test_only_the_nation_publishes(world, kit, role):
    refused = publish(kit.as_authority(role, region=world.region), world)

    assert (refused.status, refused.problem) == (403, "forbidden")
    assert publish(world.institution(), world).status == 403
    assert kit.published(RuleVersionPublished) == []


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"effective_from": "2024-10-14"}, {("/effective_from", "in_past")}),
        ({"rule_id": "FND-099"}, {("/rule_id", "unknown_rule")}),
        ({"version": 7}, {("/version", "unknown_version")}),
        ({"version": 2}, {("/version", "already_in_force")}),
        (
            {"version": 7, "effective_from": "2024-10-14"},
            {("/version", "unknown_version"), ("/effective_from", "in_past")},
        ),
    ],
)
def test_what_cannot_be_published_is_refused_with_all_reasons(world, kit, nation, changed, faults):
    refused = publish(nation, world, **changed)

    assert (refused.status, refused.problem) == (422, "rule-version-not-publishable")
    assert {(one["pointer"], one["code"]) for one in refused.json["errors"]} == faults
    assert kit.published(RuleVersionPublished) == []


def test_periods_do_not_overlap(world, nation):
    assert publish(nation, world, effective_from="2024-11-01").status == 202

    for day in ("2024-10-20", "2024-11-01"):
        refused = publish(nation, world, effective_from=day, version=2)
        assert [one["code"] for one in refused.json["errors"]] == ["overlapping"]
    assert publish(nation, world, effective_from="2024-11-02", version=2).status == 202


def test_the_catalogue_tells_what_was_published(world, kit, nation):
    published = publish(nation, world, effective_from="2024-11-01", severity="B*").json

    told = kit.anonymous().get(f"{world.api}/rules/FND-008", query={"on": "2024-11-01"}).json

    assert (told["in_force"]["version"], told["in_force"]["severity"]) == (1, "B*")
    assert told["in_force"]["publication"]["re_evaluation_id"] == published["re_evaluation_id"]
    assert [(one["version"], one["effective_to"]) for one in told["versions"]] == [
        (1, "2021-10-13"),
        (2, "2024-11-01"),
        (1, None),
    ]


def test_a_version_holds_from_its_day_on(world, nation, now):
    world.authority("杭州市西湖区教育局")
    world.configure()
    publish(nation, world, effective_from="2024-10-16")

    def blocking():
        body = {"institution_id": str(world.institution_id)}
        check = world.institution().post(f"{world.api}/self-checks", body)
        world.provide()
        return world.institution().get(check.headers["Location"]).json["blocking"]

    assert blocking() == []
    with clock.frozen(now + timedelta(days=1)):
        assert blocking() == ["FND-008"]


def test_a_deregistration_is_judged_by_the_published_rules_of_closing(world, nation, now):
    """DER-010 only warns by what is written; published as B it keeps from closing."""
    for course in world.sections["A"]["courses"]["courses"]:
        course["status"] = "closed"
    published = publish(
        nation, world, rule_id="DER-010", version=1, severity="B", effective_from="2024-10-16"
    )
    assert published.status == 202, published.json

    def findings():
        body = {"institution_id": str(world.institution_id), "closing": {"reason": "merged"}}
        check = world.institution().post(f"{world.api}/self-checks", body)
        assert check.status == 202, check.json
        world.provide()
        told = world.institution().get(check.headers["Location"]).json
        return "DER-010" in told["warnings"], "DER-010" in told["blocking"]

    assert findings() == (True, False)
    with clock.frozen(now + timedelta(days=1)):
        assert findings() == (False, True)


def test_an_application_keeps_the_versions_that_it_was_first_judged_by(world, kit, nation):
    """Its next round is judged as the first was, whatever was published in between."""
    world.profile().authority("杭州市西湖区教育局")
    world.configure()
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    publish(nation, world)

    assert rules_of_next_round(world, kit, application_id) == (2, [])
    assert rules_of_next_round(world, kit, None)[0] == 1


def rules_of_next_round(world, kit, application_id):
    """FND-008's version and the blocking rules when the same sections are judged again."""
    documents = {name: world.sections[world.sample][name] for name in SECTIONS}
    request_id = new_id()
    with kit.active(), transaction() as tx:
        gathering.begin(
            tx,
            request_id,
            institution_id=world.institution_id,
            as_of=clock.today(),
            application=None if application_id is None else tx.get_one(Application, application_id),
        )
        held = tx.get_one(Gathering, request_id)
        judging.store_parts(tx, held, documents)
        evaluation = judging.judge(tx, held, {}).evaluation
    sealed = f"SELECT content FROM snapshot_part WHERE request_id = '{request_id}'"
    [(content,)] = rows(kit, f"{sealed} AND part = 'ruleset'")
    ruleset = orjson.loads(gzip.decompress(content))
    return ruleset["rules"]["FND-008"], list(evaluation.blocking)
