"""Who may file when; reading warnings; taking back; who may see it."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.ids import new_id
from otsp_compliance.model import Application
from otsp_contracts.compliance import (
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CaseDecided,
    ReviewUnlocked,
    SnapshotRequested,
)


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    world.profile().configure()
    return world.authority("杭州市西湖区教育局")


@pytest.fixture
def waiting(world, bureau):
    """Sample A, judged, its one warning unread."""
    application_id = world.filed()
    world.provide()
    return application_id


@pytest.fixture
def submitted(world, bureau):
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    return application_id


def applications(kit):
    with kit.active(), reading() as tx:
        return tx.scalar(select(func.count()).select_from(Application))


def acknowledge(world, application_id, *rule_ids):
    path = f"{world.api}/applications/{application_id}/acknowledgements"
    return world.institution().post(path, {"rule_ids": list(rule_ids)})


def withdraw(world, application_id):
    return world.institution().post(f"{world.api}/applications/{application_id}/withdrawal")


def test_filing_answers_where_to_look(world):
    world.profile()

    answer = world.file()

    assert answer.status == 202
    location = answer.headers["Location"]
    assert location == f"{world.api}/applications/{answer.json['application_id']}"
    assert (answer.json["state"], answer.json["as_of"]) == ("locking", "2024-10-15")
    assert world.institution().get(location).json["sections"] == answer.json["sections"]


def test_the_same_key_files_once(world, kit):
    world.profile()
    body = {"institution_id": str(world.institution_id), "kind": "initial"}
    client = world.institution()

    answers = [client.post(f"{world.api}/applications", body, key="filing-0001") for _ in range(2)]

    assert answers[0].content == answers[1].content
    assert applications(kit) == 1
    assert len(kit.published(SnapshotRequested)) == 1


def test_of_two_filings_at_once_one_is_refused(world, kit):
    world.profile()
    client, gate, answers = world.institution(), threading.Barrier(2), []
    kit.app  # noqa: B018 - built before the threads want it

    def file():
        body = {"institution_id": str(world.institution_id), "kind": "initial"}
        gate.wait(timeout=10)
        answers.append(client.post(f"{world.api}/applications", body))

    threads = [threading.Thread(target=file) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(answer.status for answer in answers) == [202, 409]
    assert next(one for one in answers if one.status == 409).problem == "application-open"
    assert applications(kit) == 1
    assert len(kit.published(SnapshotRequested)) == 1


@pytest.mark.parametrize(
    ("profile", "slug"),
    [
        ({"registration_status": "submitted"}, "registration-not-approved"),
        ({"compliance_status": "deregistered"}, "institution-deregistered"),
    ],
)
def test_an_institution_that_may_not_apply_is_told_why(world, profile, slug):
    world.profile(**profile)

    refused = world.file()

    assert (refused.status, refused.problem) == (409, slug)
    assert refused.json["reasons"]


def test_an_unknown_institution_is_not_approved(world):
    assert world.file().problem == "registration-not-approved"


def test_an_older_profile_does_not_replace_a_newer(world):
    world.profile(version=5)
    world.profile(version=4, registration_status="returned")

    assert world.file().status == 202


def test_the_law_runs_on_the_business_day_and_deadlines_on_the_real_clock(world, kit, bureau, now):
    clock.set_offset(30)
    try:
        told = world.file().json
        world.provide()
        waiting = world.application(told["application_id"])
    finally:
        clock.set_offset(0)

    assert told["as_of"] == "2024-11-14"
    assert told["filed_at"].startswith("2024-11-14")
    assert waiting["acknowledge_by"].startswith("2024-10-16")


def test_a_second_application_is_refused_while_one_is_open(world):
    world.profile()
    first = world.filed()

    refused = world.file()

    assert (refused.problem, refused.json["application_id"]) == ("application-open", first)


def test_an_open_rectification_keeps_from_filing_until_it_is_handed_in(world, bureau):
    reviewer = world.reviewer(bureau)
    task = reviewer.post(
        f"{world.api}/rectifications",
        {"institution_id": str(world.institution_id), "kind": "other", "reason_text": "补正材料"},
    ).json
    refused = world.file()

    place = f"{world.api}/rectifications/{task['rectification_id']}"
    done = reviewer.post(f"{place}/closure", {"status": "submitted"})

    assert (refused.status, refused.problem) == (409, "rectification-open")
    assert "整改" in refused.json["detail"]
    assert done.json["status"] == "submitted"
    assert world.file().status == 202


def test_another_institution_may_neither_file_nor_look(world, kit):
    world.profile()
    application_id = world.filed()
    stranger = kit.as_institution(new_id())

    body = {"institution_id": str(world.institution_id), "kind": "initial"}
    assert stranger.post(f"{world.api}/applications", body).problem == "other-institution"
    path = f"{world.api}/applications/{application_id}"
    assert stranger.get(path).problem == "other-institution"
    assert stranger.post(f"{path}/withdrawal").problem == "other-institution"
    refused = stranger.post(f"{path}/acknowledgements", {"rule_ids": ["SIT-006"]})
    assert refused.problem == "other-institution"
    assert stranger.get(f"{world.api}/applications").json["items"] == []


def test_a_reviewer_may_not_file(world, bureau):
    body = {"institution_id": str(world.institution_id), "kind": "initial"}

    refused = world.reviewer(bureau).post(f"{world.api}/applications", body)

    assert (refused.status, refused.problem) == (403, "forbidden")


def test_authorities_see_the_applications_of_their_jurisdiction(world, kit, submitted):
    path = f"{world.api}/applications/{submitted}"
    county = kit.as_authority(region="330106")
    city = kit.as_authority(region="330100", level="city")
    neighbour = kit.as_authority(region="330105")
    nation = kit.as_authority("national_admin", region="000000", level="national")

    for client in (county, city, nation):
        assert client.get(path).status == 200
        items = client.get(f"{world.api}/applications", query={"state": "submitted"}).json["items"]
        assert [one["application_id"] for one in items] == [submitted]
    assert neighbour.get(path).problem == "outside-jurisdiction"
    assert neighbour.get(f"{world.api}/applications").json["items"] == []


def test_lists_are_cut_into_pages(world, kit, now):
    world.profile()
    filed = []
    for number in range(3):
        filed.append(world.filed())
        with clock.frozen(now + timedelta(seconds=61)):
            kit.run_job("chase_sections")
        assert world.state(filed[number]) == "gather_failed"

    first = world.institution().get(f"{world.api}/applications", query={"limit": 2}).json
    rest = (
        world.institution()
        .get(f"{world.api}/applications", query={"limit": 2, "cursor": first["next"]})
        .json
    )

    pages = [*first["items"], *rest["items"]]
    assert [one["application_id"] for one in pages] == filed[::-1]
    assert rest["next"] is None
    assert [each.data["to_state"] for each in kit.published(ReviewUnlocked)] == (
        ["gather_failed"] * 3
    )


def test_reading_the_last_warning_files_the_application(world, kit, waiting):
    answer = acknowledge(world, waiting, "SIT-006")

    assert (answer.status, answer.json["state"]) == (200, "submitted")
    assert answer.json["seq_no"] == "33010620241015000001"
    assert [one["authority"] for one in answer.json["routed_steps"]] == ["杭州市西湖区教育局"]
    assert answer.json["acknowledge_by"] is None
    assert len(kit.published(ApplicationSubmitted)) == 1
    assert kit.published(ReviewUnlocked) == []


def test_a_scan_that_another_uses_is_for_the_reviewer_alone(world, kit):
    """V-13: nothing to acknowledge, and nothing to see for the institution."""
    told = {"code": "v_13", "object_id": None, "pointer": "/licence/scan_file_id"}
    world.sections["A"]["institution"]["field_warnings"] = [told]
    world.profile()
    seat = world.authority("杭州市西湖区教育局")
    world.configure()
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()

    def seen_by(client):
        found = client.get(f"{world.api}/applications/{application_id}").json
        return {one["rule_id"] for one in found["findings"]["data"]}

    assert world.state(application_id) == "submitted"
    assert "V-13" not in seen_by(world.institution())
    assert "V-13" in seen_by(world.reviewer(seat))
    check = world.institution().post(
        f"{world.api}/self-checks", {"institution_id": str(world.institution_id)}
    )
    world.provide()
    own = world.institution().get(check.headers["Location"]).json
    assert "V-13" not in {one["rule_id"] for one in own["findings"]["data"]}


@pytest.mark.parametrize("code", ["v_06", "v_11", "v_15"])
def test_every_other_doubt_is_acknowledged_before_filing(world, code):
    told = {"code": code, "object_id": None, "pointer": "/uscc"}
    world.sections["A"]["institution"]["field_warnings"] = [told]
    world.profile()
    world.authority("杭州市西湖区教育局")
    world.configure()
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()

    found = world.application(application_id)
    rule_id = code.upper().replace("_", "-")
    assert (found["state"], found["to_acknowledge"]) == ("awaiting_acknowledgement", [rule_id])


def test_a_warning_that_was_not_given_cannot_be_read(world, waiting):
    refused = acknowledge(world, waiting, "SIT-006", "TIM-001")

    assert (refused.status, refused.pointers) == (422, {"/rule_ids/1"})
    assert world.state(waiting) == "awaiting_acknowledgement"


def test_what_is_submitted_needs_no_more_reading(world, submitted):
    refused = acknowledge(world, submitted, "SIT-006")

    assert (refused.status, refused.problem) == (409, "application-action-impossible")


def test_warnings_unread_for_a_day_end_the_application(world, kit, waiting, now):
    with clock.frozen(now + timedelta(hours=23)):
        kit.run_job("lapse_unread_applications")
        assert world.state(waiting) == "awaiting_acknowledgement"
    with clock.frozen(now + timedelta(hours=25)):
        kit.run_job("lapse_unread_applications")
        kit.run_job("lapse_unread_applications")

    assert world.state(waiting) == "lapsed"
    assert len(kit.published(ReviewUnlocked)) == 1


@pytest.mark.parametrize("state", ["waiting", "submitted"])
def test_an_application_may_be_taken_back(world, kit, request, state):
    application_id = request.getfixturevalue(state)

    answer = withdraw(world, application_id)

    assert (answer.status, answer.json["state"]) == (200, "withdrawn")
    assert answer.json["withdrawn_on"] == "2024-10-15"
    taken_back = kit.published(ApplicationWithdrawn)[-1].payload()
    assert taken_back.version == answer.json["version"]
    assert len(kit.published(ReviewUnlocked)) == 1
    assert world.file().status == 202


def test_taking_back_closes_the_case(world, kit, bureau, submitted):
    reviewer = world.reviewer(bureau)
    assert len(reviewer.get(f"{world.api}/cases").json["items"]) == 1

    withdraw(world, submitted)

    assert reviewer.get(f"{world.api}/cases").json["items"] == []
    decided = kit.published(CaseDecided)[-1].payload()
    assert (decided.decision, decided.authority_id) == ("withdrawn", None)
    assert decided.lay_with == bureau.authority_id


def test_an_application_that_is_over_cannot_be_taken_back(world, submitted):
    withdraw(world, submitted)

    assert withdraw(world, submitted).problem == "application-action-impossible"


def test_numbers_of_one_county_and_day_follow_each_other(world, kit, bureau, submitted):
    world.institution_id = new_id()
    world.profile()

    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()

    assert world.application(application_id)["seq_no"] == "33010620241015000002"


def test_the_same_exception_cannot_be_asked_twice(world):
    twice = [{"rule_id": "STF-004", "reason": "一"}, {"rule_id": "STF-004", "reason": "二"}]

    refused = world.file(exceptions=twice)

    assert refused.pointers == {"/exceptions/1/rule_id"}


def test_a_submitted_application_without_an_authority_waits_for_one(world, kit):
    world.profile().configure()
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    before = world.application(application_id)

    bureau = world.authority("杭州市西湖区教育局")

    assert (before["state"], before["routed_steps"]) == ("submitted", [])
    after = world.application(application_id)
    assert [one["authority"] for one in after["routed_steps"]] == ["杭州市西湖区教育局"]
    items = world.reviewer(bureau).get(f"{world.api}/cases").json["items"]
    assert [one["subject_id"] for one in items] == [application_id]
