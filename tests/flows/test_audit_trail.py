"""Who did it, from the request to the last effect: audit rows and the thread of events."""

from datetime import date

import pytest
from sqlalchemy import select

from otsp_chassis.tables import audit_entry

UNSAFE = frozenset({"POST", "PUT", "DELETE"})
WITHOUT_A_PERSON = frozenset(
    {
        "/api/auth/v1/registrations",
        "/api/auth/v1/sessions",
    }
)
"""Nobody is logged in yet; activation is below the first."""


@pytest.fixture
def correlated(town, stage):
    """Sample A is filed in one request; that request's answer and every event that followed."""
    postman = stage.Postman(town.platform)
    body = {
        "institution_id": town.desks["A"].institution_id,
        "kind": "initial",
        "acknowledged_warnings": ["SIT-006"],
    }
    answer = town.call("A", "POST", "/api/compliance/v1/applications", json=body)
    postman.settle()
    return answer, postman.seen


def entries(town, service):
    with town.platform.kits[service].runtime.database.autocommit.connect() as reader:
        return list(reader.execute(select(audit_entry).order_by(audit_entry.c.sequence)))


def service_of(path):
    return path.split("/")[2]


def test_every_write_that_was_accepted_left_an_entry_with_its_request(town):
    trail = {
        (name, entry.request_id): entry
        for name in town.platform.kits
        for entry in entries(town, name)
    }
    accepted = [
        answer for answer in town.answers if answer.request.method in UNSAFE and answer.is_success
    ]
    assert len(accepted) > 80

    for answer in accepted:
        path = answer.request.url.path
        entry = trail.get((service_of(path), answer.headers["X-Request-Id"]))
        assert entry is not None, f"{answer.request.method} {path} left no entry"
        assert entry.operation.startswith(f"otsp_{service_of(path)}.api.")
        is_anonymous = any(path.startswith(one) for one in WITHOUT_A_PERSON)
        assert (entry.actor_id is None) == is_anonymous, path


def test_what_was_refused_left_no_entry_of_success(town):
    refused = {
        answer.headers["X-Request-Id"]
        for answer in town.answers
        if answer.request.method in UNSAFE and answer.is_client_error
    }
    actions = [
        entry.action
        for name in town.platform.kits
        for entry in entries(town, name)
        if entry.request_id in refused
    ]

    assert actions == []


def test_reading_leaves_no_entry(town):
    read = {a.headers["X-Request-Id"] for a in town.answers if a.request.method == "GET"}

    assert not read & {
        entry.request_id for name in town.platform.kits for entry in entries(town, name)
    }


def test_an_entry_names_the_role_and_the_institution_but_no_values(town):
    staff = [entry for entry in entries(town, "staff") if entry.action == "staff.registered"]
    institutions = {entry.institution_id.hex for entry in staff}

    assert {entry.role for entry in staff} == {"inst_admin"}
    assert institutions == {d.institution_id.replace("-", "") for d in town.desks.values()}
    assert all(len(entry.after_sha256) == 32 for entry in staff)
    assert len({entry.object_id for entry in staff}) == len(staff)


def test_what_authorities_did_is_told_apart_from_what_institutions_did(town):
    roles = {}
    for entry in entries(town, "compliance"):
        roles.setdefault(entry.action, set()).add(entry.role)

    assert roles["compliance.case_step_approved"] == {"reviewer"}
    assert roles["compliance.rectification_opened"] == {"reviewer", "system"}
    assert roles["compliance.case_opened"] == {"system"}


def test_one_thread_leads_from_the_request_to_the_last_section_and_beyond(correlated):
    answer, events = correlated
    request_id = answer.headers["X-Request-Id"]

    assert {event.correlationid for event in events} == {request_id}
    assert {event.type for event in events} >= {
        "compliance.snapshot_requested.v1",
        "institution.snapshot_provided.v1",
        "staff.snapshot_provided.v1",
        "materials.snapshot_provided.v1",
        "courses.snapshot_provided.v1",
        "compliance.application_submitted.v1",
        "compliance.case_routed.v1",
        "institution.profile_changed.v1",
    }


def test_each_event_names_the_one_that_caused_it(correlated):
    _, events = correlated
    by_id = {str(event.id): event for event in events}
    causes = {event.type: by_id.get(event.causationid) for event in events}

    assert causes["compliance.snapshot_requested.v1"] is None
    for service in ("institution", "staff", "materials", "courses"):
        cause = causes[f"{service}.snapshot_provided.v1"]
        assert cause.type == "compliance.snapshot_requested.v1"
    assert causes["compliance.application_submitted.v1"].type.endswith(".snapshot_provided.v1")
    assert causes["institution.profile_changed.v1"].type == "compliance.application_submitted.v1"


def test_the_trail_of_a_filing_leads_back_to_its_request(town, correlated):
    answer, events = correlated
    application_id = answer.json()["application_id"]
    trail = [one for one in entries(town, "compliance") if one.object_id == application_id]
    ids = {str(event.id) for event in events}

    filed, submitted = trail
    assert (filed.action, filed.request_id) == (
        "compliance.application_filed",
        answer.headers["X-Request-Id"],
    )
    assert (submitted.action, submitted.role) == ("compliance.application_submitted", "system")
    assert submitted.request_id in ids


def test_a_decision_keeps_its_reason(town):
    reviewer = town.reviewer("110108", level="province")
    [case] = reviewer.list_all("/api/compliance/v1/cases", state="open", kind="external_review")
    decision = {"decision": "reject", "reason": "第三章超纲", "decided_on": str(date(2024, 10, 14))}
    reviewer.post(f"/api/compliance/v1/cases/{case['case_id']}/decisions", decision)

    [entry] = [
        one for one in entries(town, "compliance") if one.action == "compliance.case_step_rejected"
    ]

    assert (entry.reason, entry.role) == ("第三章超纲", "reviewer")
    assert entry.object_id == case["case_id"]
