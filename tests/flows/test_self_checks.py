"""A self-check: the same rules on any day, for drafts too, without locking or filing."""

from datetime import date

import pytest

from otsp_cli.dossier.gateway import Refused

SELF_CHECKS = "/api/compliance/v1/self-checks"


def by_rule(found):
    groups = found["findings"]
    return {one["rule_id"]: one for group in groups.values() for one in group}


def test_on_the_day_of_filing_it_says_what_the_application_would_say(town):
    checked = town.self_check("C")
    filed = town.filed("C")

    assert checked["state"] == "blocked"
    for member in ("blocking", "warnings", "routed_steps", "as_of"):
        assert checked[member] == filed[member], member
    assert checked["snapshot"]["sha256"] == filed["snapshot"]["sha256"]


def test_it_files_nothing_and_tells_no_authority(town):
    town.self_check("A")

    assert town.clerk("A").list_all("/api/compliance/v1/applications") == []
    cases = town.reviewer("330106").list_all("/api/compliance/v1/cases")
    assert [case for case in cases if case["kind"] == "compliance"] == []


def test_it_belongs_to_its_institution_alone(town):
    checked = town.self_check("A")
    path = f"{SELF_CHECKS}/{checked['self_check_id']}"

    assert town.call("C", "GET", path).status_code == 403
    with pytest.raises(Refused) as refused:
        town.reviewer("330106").get(path)
    assert refused.value.status == 403


def test_a_draft_may_be_checked_before_anybody_has_approved_it(town, stage):
    document = stage.samples()[0] | {"sample": "D"}
    desk = town.newcomer(document)

    begun = desk.session.post(SELF_CHECKS, {"institution_id": desk.institution_id, "as_of": None})
    town.platform.settle()
    found = desk.session.get(f"{SELF_CHECKS}/{begun['self_check_id']}")

    registration = desk.session.get(desk.path("institution"))["registration"]
    assert registration["status"] == "draft"
    assert found["state"] == "blocked"
    assert {"LIC-001", "CMP-001"} <= by_rule(found).keys()
    assert [step["authority"] for step in found["routed_steps"]] == ["西湖区教育局"]


def test_in_september_2021_other_versions_of_the_rules_were_in_force(town):
    now, then = town.self_check("C"), town.self_check("C", date(2021, 9, 15))

    assert then["as_of"] == "2021-09-15"
    assert {"FND-003", "FND-004", "STF-002"} <= by_rule(now).keys()
    assert "FND-004" not in by_rule(then)  # 5000 yuan: since 2022-12-29
    assert "FND-003" not in by_rule(then)  # until 2021-10-28 for online subject training only
    assert "STF-002" in by_rule(then)  # since 2021-09-14
    assert "SIT-001" in by_rule(then)
    versions = (by_rule(each)["SIT-001"]["rule_version"] for each in (then, now))
    assert list(versions) == [1, 2]


def test_until_july_2021_an_online_lesson_could_last_forty_minutes(town):
    before, after = town.self_check("B", date(2021, 7, 23)), town.self_check("B", date(2021, 7, 24))

    assert "TIM-003" not in before["blocking"]
    assert "TIM-003" in after["blocking"]


def test_a_licence_is_judged_as_of_the_day_that_is_asked(town):
    assert "LIC-002" in town.self_check("C", date(2024, 11, 5))["blocking"]
    assert "LIC-002" not in town.self_check("C", date(2024, 11, 4))["blocking"]


def test_beyond_the_calendar_weekends_count_and_a_warning_says_so(town, stage):
    [dossier] = [one for one in stage.samples() if one["sample"] == "A"]
    assert dossier["courses"][0]["classes"][0]["end_on"] == date(2024, 12, 26)
    path = town.path("A", "courses", "courses", town.ids("A")["K1"], "classes")
    later = {
        "existing": True,
        "name": "远期班",
        "status": "planned",
        "capacity": 5,
        "enrolled": 0,
        "teacher_ids": [town.ids("A")["T1"]],
        "start_on": "2035-09-03",
        "end_on": "2035-09-28",
        "slots": [
            {"weekday": 6, "start": "18:30", "lessons": 1, "lesson_minutes": 45, "break_minutes": 0}
        ],
    }
    town.clerk("A").post(path, later)

    found = town.self_check("A")

    assert "CMP-003" in by_rule(found)
    assert by_rule(found)["CMP-003"]["severity"] == "W"
    assert "TIM-005" in found["blocking"]


def test_more_self_checks_at_once_than_agreed_are_put_off(town):
    body = {"institution_id": town.desks["A"].institution_id, "as_of": None}
    answers = [town.call("A", "POST", SELF_CHECKS, json=body) for _ in range(4)]
    town.platform.settle()

    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert answers[-1].json()["type"] == "urn:otsp:problem:self-checks-busy"
    assert town.call("A", "POST", SELF_CHECKS, json=body).status_code == 202
