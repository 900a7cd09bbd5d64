"""What a published version means for compliant institutions: tasks, never a lost status."""

import importlib.util
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from otsp_chassis import clock, metrics
from otsp_chassis.ids import new_id
from otsp_compliance.app import service
from otsp_compliance.commands import re_evaluation
from otsp_contracts.compliance import CaseDecided
from otsp_contracts.compliance.rectification import RectificationOpened

FORMER_CONTRACT = {
    "rule_id": "FND-008",
    "version": 1,
    "effective_from": "2024-10-15",
    "reason": "恢复使用2020版示范文本",
}
JOB = "re_evaluate_the_compliant"

_spec = importlib.util.spec_from_file_location(
    "re_evaluation_world", Path(__file__).with_name("world.py")
)
_world = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_world)


@pytest.fixture
def kit(make_kit):
    """Pages of two institutions, so that a few make several."""
    kit = make_kit(service, re_evaluation_page=2)
    yield kit
    kit.clean()


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def nation(kit):
    return kit.as_authority("national_admin", region="000000", level="national")


@pytest.fixture
def settled(kit, sections):
    """Makes a compliant institution whose facts are sealed by a self-check, unless told not."""

    def settle(*, sealed=True, status="compliant", **changed):
        one = _world.World(kit, sections)
        for place, value in changed.items():
            one.sections["A"]["institution"]["funds"]["contract"][place] = value
        one.profile(compliance_status=status)
        if sealed:
            one.institution().post(
                f"{one.api}/self-checks", {"institution_id": str(one.institution_id)}
            )
            one.provide()
        return one

    return settle


def publish(nation, **changed):
    answer = nation.post(f"{_world.API}/rule-versions", FORMER_CONTRACT | changed)
    assert answer.status == 202, answer.json
    return answer.headers["Location"]


def results(client, location, **query):
    answer = client.get(f"{location}/results", query=query)
    assert answer.status == 200, answer.json
    return answer.json


def tasks_of(one):
    query = {"institution_id": str(one.institution_id)}
    return one.institution().get(f"{one.api}/rectifications", query=query).json["items"]


def statuses(kit):
    with psycopg.connect(kit.owner_url) as connection:
        return connection.execute(
            "SELECT institution_id, compliance_status FROM institution_ref ORDER BY 1"
        ).fetchall()


def test_who_breaks_the_new_version_gets_a_task_and_keeps_its_status(kit, nation, settled):
    one = settled()
    location = publish(nation)
    before = statuses(kit)

    kit.run_job(JOB)

    told = nation.get(location).json
    assert (told["state"], told["progress"]) == ("done", 100)
    assert (told["total"], told["done"], told["found"]) == (1, 1, 1)
    assert (told["unjudged"], told["tasks_opened"]) == (0, 1)
    [task] = tasks_of(one)
    assert (task["kind"], task["status"], task["due_on"]) == ("other", "open", "2024-11-14")
    assert task["issued_by"] is None
    assert task["publication_id"] == told["re_evaluation_id"]
    for words in (
        "规则FND-008第1版自2024-10-15起施行",
        "按2024-10-15封存的填报信息",
        "未全面使用《中小学生校外培训服务合同（示范文本）》",
        "现为“GF-2021-2604”，应为“GF-2020-2603”",
        "依据：",
    ):
        assert words in task["reason_text"]
    assert statuses(kit) == before
    assert kit.published(CaseDecided) == []
    (event,) = kit.published(RectificationOpened)
    assert str(event.payload().rectification_id) == task["rectification_id"]
    assert event.payload().actor is None


def test_a_result_tells_the_breach_and_the_snapshot_that_shows_it(kit, nation, settled):
    one = settled()
    location = publish(nation)
    kit.run_job(JOB)

    [found] = results(nation, location)["items"]

    assert (found["institution_id"], found["outcome"]) == (str(one.institution_id), "breached")
    assert (found["institution_name"], found["region_code"]) == (one.facts["name"], one.region)
    assert (len(found["snapshot_sha256"]), found["snapshot_as_of"]) == (64, "2024-10-15")
    assert found["rectification_id"] == tasks_of(one)[0]["rectification_id"]
    [breach] = found["finding"]["breaches"]
    assert breach == {
        "object_ids": [],
        "pointer": "/funds/contract/template_code",
        "found": "GF-2021-2604",
        "found_zh": "GF-2021-2604",
        "required": "GF-2020-2603",
        "required_zh": "GF-2020-2603",
        "detail_zh": None,
    }


def test_who_keeps_the_new_version_is_counted_only(kit, nation, settled):
    settled(template_code="GF-2020-2603")
    location = publish(nation)

    kit.run_job(JOB)

    told = nation.get(location).json
    assert (told["state"], told["done"], told["found"]) == ("done", 1, 0)
    assert results(nation, location) == {"items": [], "next": None}


def test_nothing_happens_before_the_day(kit, nation, settled, now):
    one = settled()
    location = publish(nation, effective_from="2024-10-17")

    kit.run_job(JOB)
    assert nation.get(location).json["state"] == "scheduled"
    assert results(nation, location) == {"items": [], "next": None}
    with clock.frozen(now + timedelta(days=2)):
        kit.run_job(JOB)
        assert nation.get(location).json["state"] == "done"
        [task] = tasks_of(one)
    assert task["due_on"] == "2024-11-16"


def test_running_again_changes_nothing(kit, nation, settled):
    one = settled()
    location = publish(nation)
    kit.run_job(JOB)
    told = nation.get(location).json

    kit.run_job(JOB)

    assert nation.get(location).json == told
    assert len(tasks_of(one)) == 1
    assert len(kit.published(RectificationOpened)) == 1


def test_only_the_compliant_are_checked(kit, nation, settled):
    others = [settled(status=status) for status in ("not_applied", "returned", "deregistered")]
    changing = settled(status="change_pending")
    location = publish(nation)

    kit.run_job(JOB)

    assert nation.get(location).json["done"] == 1
    assert [len(tasks_of(one)) for one in (*others, changing)] == [0, 0, 0, 1]


def test_who_cannot_be_judged_is_listed_and_asked_for_nothing(kit, nation, settled):
    unsealed, lacking = settled(sealed=False), settled()
    lacking.sections["A"]["institution"]["funds"]["contract"] = None
    lacking.institution().post(
        f"{lacking.api}/self-checks", {"institution_id": str(lacking.institution_id)}
    )
    lacking.provide()
    location = publish(nation)

    kit.run_job(JOB)

    told = nation.get(location).json
    assert (told["done"], told["found"], told["unjudged"]) == (2, 0, 2)
    outcomes = {one["institution_id"]: one for one in results(nation, location)["items"]}
    assert outcomes[str(unsealed.institution_id)]["outcome"] == "no_snapshot"
    assert outcomes[str(unsealed.institution_id)]["finding"] is None
    unjudged = outcomes[str(lacking.institution_id)]
    assert unjudged["outcome"] == "unjudged"
    assert unjudged["finding"]["breaches"][0]["pointer"] == "/funds/contract"
    assert tasks_of(unsealed) == tasks_of(lacking) == []


def test_a_warning_asks_for_nothing_and_is_listed(kit, nation, settled):
    one = settled()
    location = publish(nation, severity="W")

    kit.run_job(JOB)

    told = nation.get(location).json
    assert (told["found"], told["tasks_opened"]) == (1, 0)
    assert tasks_of(one) == []


def test_a_warning_that_becomes_binding_is_news(kit, nation, settled):
    """The sample's fire check is overdue, which was a warning."""
    one = settled()
    harder = {"rule_id": "SIT-006", "version": 1, "severity": "B*"}
    location = publish(nation, **harder)

    kit.run_job(JOB)

    [found] = results(nation, location)["items"]
    assert found["finding"]["object_ids"] == ["S1"]
    assert "S1现为" in tasks_of(one)[0]["reason_text"]


def test_what_was_binding_and_becomes_a_warning_is_none(kit, nation, settled):
    settled(template_code="GF-2020-2603")
    location = publish(nation, version=2, severity="W")

    kit.run_job(JOB)

    assert nation.get(location).json["found"] == 0


def test_a_rule_of_deregistration_concerns_nobody_who_goes_on(kit, nation, settled):
    settled()
    location = publish(nation, rule_id="DER-009", version=1, severity="B")

    kit.run_job(JOB)

    told = nation.get(location).json
    assert (told["state"], told["total"], told["done"]) == ("done", 0, 0)


def test_without_compliant_institutions_it_is_done_at_once(kit, nation):
    location = publish(nation)

    kit.run_job(JOB)

    assert nation.get(location).json["state"] == "done"
    assert results(nation, location) == {"items": [], "next": None}


def test_whoever_is_stopped_in_a_page_goes_on_where_it_was(kit, nation, settled, monkeypatch):
    """The second page fails half way: its first institution's task is not kept, nor done twice."""
    five = [settled() for _ in range(5)]
    location = publish(nation)
    seen, really = [], re_evaluation.re_examine

    def stopped_at_the_fourth(*facts):
        seen.append(facts)
        if len(seen) == 4:
            raise ConnectionAbortedError
        return really(*facts)

    monkeypatch.setattr(re_evaluation, "re_examine", stopped_at_the_fourth)
    kit.run_job(JOB)
    told = nation.get(location).json
    assert (told["state"], told["total"], told["done"], told["progress"]) == ("running", 5, 2, 40)
    assert sum(len(tasks_of(one)) for one in five) == 2

    kit.run_job(JOB)

    told = nation.get(location).json
    assert (told["state"], told["done"], told["found"], told["tasks_opened"]) == ("done", 5, 5, 5)
    assert [len(tasks_of(one)) for one in five] == [1] * 5
    assert len(kit.published(RectificationOpened)) == 5
    assert metrics.RE_EVALUATIONS_REMAINING._value.get() == 0


def test_what_remains_is_measured(kit, nation, settled, monkeypatch):
    for _ in range(5):
        settled()
    publish(nation)
    monkeypatch.setattr("otsp_compliance.jobs._PAGES_AT_ONCE", 1)

    kit.run_job(JOB)

    assert metrics.RE_EVALUATIONS_REMAINING._value.get() == 3


def test_results_are_of_ones_own_or_ones_jurisdiction(kit, nation, settled):
    three = sorted((settled() for _ in range(3)), key=lambda one: one.institution_id)
    location = publish(nation)
    kit.run_job(JOB)
    here = kit.as_authority("reviewer", region=three[0].region)
    elsewhere = kit.as_authority("reviewer", region="510107")

    first = results(here, location, limit=2, outcome="breached")
    rest = results(here, location, limit=2, outcome="breached", cursor=first["next"])

    seen = [one["institution_id"] for one in [*first["items"], *rest["items"]]]
    assert seen == [str(one.institution_id) for one in three]
    assert rest["next"] is None
    assert results(elsewhere, location)["items"] == []
    assert results(here, location, outcome="unjudged")["items"] == []
    own = results(three[1].institution(), location)["items"]
    assert [one["institution_id"] for one in own] == [str(three[1].institution_id)]
    assert nation.get(f"{_world.API}/re-evaluations/{new_id()}").status == 404
    assert nation.get(f"{_world.API}/re-evaluations/{new_id()}/results").status == 404


def test_re_evaluations_are_listed_newest_first(kit, nation):
    path = f"{_world.API}/re-evaluations"
    assert nation.get(path).json == {"items": [], "next": None}
    older = publish(nation)
    newer = publish(nation, rule_id="MAT-009", version=1, severity="B")

    page = nation.get(path, query={"limit": 1}).json
    rest = nation.get(path, query={"limit": 1, "cursor": page["next"]}).json

    told = [one["re_evaluation_id"] for one in [*page["items"], *rest["items"]]]
    assert told == [newer.rsplit("/", 1)[1], older.rsplit("/", 1)[1]]
