"""Warnings are read before anything is filed, or the data is given back (decision D19)."""

from datetime import datetime, timedelta

import pytest

from otsp_chassis import clock
from otsp_cli.dossier.gateway import Refused
from otsp_contracts.compliance import ApplicationSubmitted

APPLICATIONS = "/api/compliance/v1/applications"


@pytest.fixture
def unread(town):
    return town.moment("A is filed", lambda: town.filed("A"))


def acknowledge(town, application, rule_ids):
    path = f"{APPLICATIONS}/{application['application_id']}/acknowledgements"
    return town.clerk("A").post(path, {"rule_ids": rule_ids})


def look_at_the_end(town, unread, *, minutes):
    """The day counts from the judgement, however long ago this moment was first reached."""
    with clock.frozen(
        datetime.fromisoformat(unread["acknowledge_by"]) + timedelta(minutes=minutes)
    ):
        town.platform.kits["compliance"].run_job("lapse_unread_applications")
    town.platform.settle()


def may_write(town):
    path = town.path("A", "staff", "staff")
    return town.call("A", "POST", path, json={"name": "示例新人"}).status_code == 201


def test_unread_warnings_keep_the_application_back_and_the_data_locked(town, unread):
    assert unread["state"] == "awaiting_acknowledgement"
    assert unread["to_acknowledge"] == ["SIT-006"]
    assert (unread["seq_no"], unread["submitted_at"], unread["case_id"]) == (None, None, None)
    assert not may_write(town)


def test_the_last_warning_read_files_the_application_and_keeps_the_lock(town, unread):
    found = acknowledge(town, unread, ["SIT-006"])
    town.platform.settle()

    assert found["state"] == "submitted"
    assert found["acknowledged_warnings"] == ["SIT-006"]
    assert found["seq_no"].startswith("33010620241015")
    assert found["snapshot"] == unread["snapshot"]
    assert not may_write(town)


def test_the_institution_shows_under_review_once_it_is_filed(town, unread):
    path = town.path("A", "institution")
    assert town.clerk("A").get(path)["compliance_status"] == "not_applied"

    acknowledge(town, unread, ["SIT-006"])
    town.platform.settle()

    assert town.clerk("A").get(path)["compliance_status"] == "under_review"


def test_the_authority_finds_the_filed_application_in_its_worklist(town, unread):
    acknowledge(town, unread, ["SIT-006"])
    town.platform.settle()

    office = town.supervision.office("education", "county", "330106")
    reviewer = town.supervision.as_role(office, "reviewer")
    [case] = reviewer.list_all("/api/compliance/v1/cases", state="open", kind="compliance")

    assert case["subject_id"] == unread["application_id"]


def test_one_of_two_warnings_read_does_not_file_the_application(town):
    party = town.desks["A"].completion.party() | {"member_count": 3, "org_form": "none"}
    town.clerk("A").put(town.path("A", "institution", "party"), party)
    unread = town.filed("A")
    assert unread["to_acknowledge"] == ["PTY-001", "SIT-006"]

    half = acknowledge(town, unread, ["PTY-001"])
    whole = acknowledge(town, unread, ["SIT-006"])

    assert (half["state"], half["to_acknowledge"]) == ("awaiting_acknowledgement", ["SIT-006"])
    assert (whole["state"], whole["to_acknowledge"]) == ("submitted", [])


def test_a_warning_that_nobody_asked_about_is_refused(town, unread):
    with pytest.raises(Refused) as refused:
        acknowledge(town, unread, ["SIT-006", "LIC-003"])

    [error] = refused.value.errors
    assert (refused.value.status, error["pointer"]) == (422, "/rule_ids/1")


def test_warnings_acknowledged_with_the_filing_need_no_second_word(town):
    found = town.filed("A", acknowledged_warnings=["SIT-006"])

    assert found["state"] == "submitted"
    assert found["to_acknowledge"] == []


def test_within_a_day_nothing_lapses(town, unread):
    look_at_the_end(town, unread, minutes=-5)

    assert town.application("A", unread["application_id"])["state"] == "awaiting_acknowledgement"
    assert not may_write(town)


def test_after_a_day_it_lapses_and_everything_is_unlocked(town, unread):
    look_at_the_end(town, unread, minutes=5)

    found = town.application("A", unread["application_id"])

    assert found["state"] == "lapsed"
    assert may_write(town)


def test_a_lapsed_application_cannot_be_acknowledged_and_a_new_one_may_be_filed(town, unread):
    look_at_the_end(town, unread, minutes=5)

    with pytest.raises(Refused) as refused:
        acknowledge(town, unread, ["SIT-006"])

    assert refused.value.status == 409
    assert town.filed("A")["state"] == "awaiting_acknowledgement"


def test_what_lapsed_was_never_told_as_submitted(town, stage, unread):
    postman = stage.Postman(town.platform)
    with clock.frozen(clock.now() + timedelta(hours=25)):
        town.platform.kits["compliance"].run_job("lapse_unread_applications")

    postman.settle()

    assert ApplicationSubmitted.TYPE not in {each.type for each in postman.seen}
    status = town.clerk("A").get(town.path("A", "institution"))["compliance_status"]
    assert status == "not_applied"
