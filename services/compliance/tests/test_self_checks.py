"""A self-check judges without locking or filing, on any day, for any state of registration."""

from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseRouted, ReviewUnlocked


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


def start(world, **fields):
    body = {"institution_id": str(world.institution_id)} | fields
    return world.institution().post(f"{world.api}/self-checks", body)


def told(world, answer):
    return world.institution().get(answer.headers["Location"]).json


def test_a_draft_that_compliance_has_never_heard_of_may_be_checked(world, kit):
    world.authority("杭州市西湖区教育局")
    world.configure()

    answer = start(world)
    world.provide()

    assert (answer.status, answer.json["state"]) == (202, "gathering")
    request = world.requests()[-1]
    assert (request.purpose, request.application_id) == ("self_check", None)
    found = told(world, answer)
    assert (found["state"], found["blocking"], found["warnings"]) == ("passed", [], ["SIT-006"])
    assert [one["authority"] for one in found["routed_steps"]] == ["杭州市西湖区教育局"]
    assert found["elapsed_ms"] is not None
    assert found["snapshot"]["sha256"]


def test_nothing_is_filed_locked_or_routed(world, kit):
    world.authority("杭州市西湖区教育局")
    world.profile().configure()
    start(world)
    world.provide()

    assert world.institution().get(f"{world.api}/applications").json["items"] == []
    assert kit.published(CaseRouted) == []
    assert kit.published(ReviewUnlocked) == []
    assert world.file().status == 202


def test_a_self_check_may_look_at_another_day(world):
    world.configure()
    answer = start(world, as_of="2026-01-05")
    world.provide()

    found = told(world, answer)

    assert found["as_of"] == world.requests()[-1].as_of.isoformat() == "2026-01-05"
    assert (found["state"], "LIC-002" in found["blocking"]) == ("blocked", True)


@pytest.mark.parametrize("as_of", ["1999-12-31", "2100-01-01"])
def test_a_day_that_no_rule_speaks_of_is_refused(world, as_of):
    assert start(world, as_of=as_of).pointers == {"/as_of"}


def test_a_self_check_may_run_beside_an_application(world):
    world.authority("杭州市西湖区教育局")
    world.profile().configure()
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    application_request = world.requests()[-1]

    answer = start(world)
    world.provide(request=world.requests()[-1])
    world.provide(request=application_request)

    assert told(world, answer)["state"] == "passed"
    assert world.state(application_id) == "submitted"


def test_a_self_check_that_gets_no_answer_ends(world, kit, now):
    answer = start(world)
    world.provide("staff")

    with clock.frozen(now + timedelta(seconds=61)):
        kit.run_job("chase_sections")

    found = told(world, answer)
    assert found["state"] == "gather_failed"
    assert found["missing_sections"] == ["courses", "institution", "materials"]
    assert kit.published(ReviewUnlocked) == []


def test_only_the_institution_itself_sees_its_self_check(world, kit):
    answer = start(world)
    location = answer.headers["Location"]

    assert kit.as_institution(new_id()).get(location).problem == "other-institution"
    assert kit.as_authority().get(location).problem == "forbidden"
    stranger = kit.as_institution(new_id())
    body = {"institution_id": str(world.institution_id)}
    assert stranger.post(f"{world.api}/self-checks", body).problem == "other-institution"


def test_an_application_is_not_a_self_check(world):
    world.profile()
    world.filed()

    path = f"{world.api}/self-checks/{world.requests()[-1].request_id}"

    assert world.institution().get(path).problem == "not-found"


def test_an_institution_may_not_flood_its_neighbours_with_self_checks(world):
    answers = [start(world) for _ in range(4)]

    assert [answer.status for answer in answers] == [202, 202, 202, 429]
    assert answers[-1].problem == "self-checks-busy"


def test_an_open_rectification_is_a_finding_of_the_self_check(world):
    bureau = world.authority("杭州市西湖区教育局")
    world.profile().configure()
    body = {
        "institution_id": str(world.institution_id),
        "kind": "for_profit_to_nonprofit",
        "reason_text": "营转非",
    }
    world.reviewer(bureau).post(f"{world.api}/rectifications", body)

    answer = start(world)
    world.provide()

    assert told(world, answer)["blocking"] == ["LIC-017"]


def test_a_section_without_a_region_is_judged_by_national_values(world):
    world.facts["region_code"] = None

    answer = start(world)
    world.provide()

    found = told(world, answer)
    assert found["state"] == "blocked"
    assert found["routed_steps"] == []


def listed(client, world, **query):
    query = {"institution_id": str(world.institution_id)} | query
    return client.get(f"{world.api}/self-checks", query=query)


def test_its_progress_is_told_section_by_section(world):
    answer = start(world)
    seen = [told(world, answer)["progress"]]
    for section in ("staff", "courses"):
        world.provide(section)
        seen.append(told(world, answer)["progress"])
    world.provide("materials", "institution")

    assert answer.json["progress"] == {"gathered": 0, "of": 4}
    assert [one["gathered"] for one in seen] == [0, 1, 2]
    assert told(world, answer)["progress"] == {"gathered": 4, "of": 4}


def broken(world):
    """Sample A with a lapsed licence and a site on the fourth floor."""
    world.sections["A"]["institution"]["licence"]["valid_to"] = "2024-10-01"
    world.sections["A"]["courses"]["sites"][0]["floor"] = 4


def test_findings_stand_in_the_part_of_the_file_where_they_are_cured(world):
    world.configure()
    broken(world)

    answer = start(world)
    world.provide()

    by_part = {one["part"]: one for one in told(world, answer)["by_part"]}
    licence, sites = by_part["licence"], by_part["sites"]
    assert (licence["section"], licence["label_zh"]) == ("institution", "办学许可证")
    assert "LIC-002" in {one["rule_id"] for one in licence["findings"]}
    assert (sites["section"], sites["label_zh"]) == ("courses", "办学点")
    for part in by_part.values():
        for finding in part["findings"]:
            assert finding["remedy_zh"]
            assert finding["basis"]


def test_the_parts_hold_every_finding_once(world):
    broken(world)
    answer = start(world)
    world.provide()

    found = told(world, answer)

    in_parts = sorted(one["rule_id"] for part in found["by_part"] for one in part["findings"])
    kinds = ("blocking", "warnings", "excused", "data")
    assert in_parts == sorted(one["rule_id"] for kind in kinds for one in found["findings"][kind])


def keys(faults):
    return [(one["rule_id"], one["object_id"]) for one in faults]


def test_what_changed_since_the_last_check_is_told_by_rule_and_object(world):
    world.configure()
    broken(world)
    first = start(world)
    world.provide()
    world.sections["A"]["institution"]["licence"]["valid_to"] = "2026-01-01"
    world.sections["A"]["staff"]["staff"][0]["precheck_on"] = None

    second = start(world)
    before = told(world, second)["since_last"]
    world.provide()
    since = told(world, second)["since_last"]

    assert told(world, first)["since_last"] is None
    assert before is None
    assert since["self_check_id"] == first.json["self_check_id"]
    assert ("LIC-002", None) in keys(since["cured"])
    person = world.sections["A"]["staff"]["staff"][0]["staff_id"]
    assert [object_id for _, object_id in keys(since["new"])] == [person] * len(since["new"])
    assert since["new"]
    site = world.sections["A"]["courses"]["sites"][0]["site_id"]
    assert ("SIT-006", site) in keys(since["remaining"])


def test_a_check_that_got_no_answer_is_not_compared_with(world, kit, now):
    first = start(world)
    world.provide()
    start(world)
    with clock.frozen(now + timedelta(seconds=61)):
        kit.run_job("chase_sections")

    third = start(world)
    world.provide()

    since = told(world, third)["since_last"]
    assert since["self_check_id"] == first.json["self_check_id"]
    assert (since["new"], since["cured"]) == ([], [])


def test_past_checks_are_listed_newest_first_in_pages(world):
    answers = [start(world, as_of=f"2024-10-{day}") for day in (15, 16, 17)]
    world.provide(request=world.requests()[0])

    first = listed(world.institution(), world, limit=2).json
    rest = listed(world.institution(), world, limit=2, cursor=first["next"]).json

    shown = first["items"] + rest["items"]
    assert [one["self_check_id"] for one in shown] == [
        answer.json["self_check_id"] for answer in reversed(answers)
    ]
    assert [one["progress"]["gathered"] for one in shown] == [0, 0, 4]
    assert (shown[0]["state"], shown[0]["ended_at"]) == ("gathering", None)
    assert shown[2]["state"] == "passed"
    assert shown[2]["warning_count"] == len(told(world, answers[0])["warnings"])
    assert rest["next"] is None


def test_whoever_never_checked_has_an_empty_list(world):
    assert listed(world.institution(), world).json == {"items": [], "next": None}


def test_an_application_is_not_among_the_self_checks(world):
    world.profile()
    world.filed()

    assert listed(world.institution(), world).json["items"] == []


def test_only_the_institution_itself_lists_its_self_checks(world, kit):
    assert listed(kit.as_institution(new_id()), world).problem == "other-institution"
    assert listed(kit.as_authority(), world).problem == "forbidden"


CLOSING = {
    "reason": "voluntary",
    "unrefunded_fen": 0,
    "unpaid_wages_fen": 0,
    "settlement_report_file_id": str(new_id()),
    "notice_published_on": "2024-04-18",
    "deregistration_proof_file_id": str(new_id()),
    "archive_keeper": "示例保管人",
}


def test_whoever_wants_to_close_is_judged_by_the_rules_of_closing(world):
    world.emptied()

    settled = start(world, closing=CLOSING)
    world.provide()
    owing = start(world, closing=CLOSING | {"unrefunded_fen": 1, "archive_keeper": None})
    world.provide()

    assert told(world, settled)["purpose"] == "deregistration"
    assert told(world, settled)["state"] == "passed"
    assert "closing" in told(world, settled)["snapshot"]["parts"]
    found = told(world, owing)
    assert (found["blocking"], found["warnings"]) == (["DER-002"], ["DER-010"])
    [part] = found["by_part"]
    assert (part["part"], part["section"], part["label_zh"]) == (
        "closing",
        "compliance",
        "注销申请",
    )
    assert [one["rule_id"] for one in found["since_last"]["new"]] == ["DER-002", "DER-010"]


def test_what_is_not_typed_is_lacking_and_never_passes(world):
    world.emptied()

    answer = start(world, closing={"reason": None})
    world.provide()

    found = told(world, answer)
    assert found["state"] == "blocked"
    assert {one["rule_id"] for one in found["findings"]["data"]} == {"CMP-000"}


def test_checks_of_one_purpose_are_not_compared_with_those_of_the_other(world):
    compliance = start(world)
    world.provide()
    closing = start(world, closing=CLOSING)
    world.provide()
    again = start(world)
    world.provide()

    assert told(world, closing)["since_last"] is None
    assert told(world, again)["since_last"]["self_check_id"] == compliance.json["self_check_id"]
    items = listed(world.institution(), world).json["items"]
    assert [one["purpose"] for one in items] == ["compliance", "deregistration", "compliance"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("reason", "bored"), ("unrefunded_fen", -1), ("notice_published_on", "2024-02-30")],
)
def test_what_cannot_be_is_refused_where_it_is_typed(world, field, value):
    answer = start(world, closing=CLOSING | {field: value})

    assert answer.status == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [f"/closing/{field}"]
