"""The envelope, the register of payloads, and the documents made of them."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError

from otsp_contracts import schemas
from otsp_contracts.compliance import CaseDecided, SnapshotRequested
from otsp_contracts.envelope import PAYLOAD_CLASSES, Envelope, StateChange, payload_class
from otsp_contracts.institution import RegistrationSubmitted
from otsp_contracts.staff import StaffSnapshotProvided

DOCS = Path(__file__).parents[3] / "docs"
OWNERS = {"auth", "institution", "staff", "materials", "courses", "compliance"}
ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))
NOON = datetime(2024, 10, 15, 4, tzinfo=UTC)


def provided(**changes):
    members = {
        "request_id": ONE,
        "institution_id": TWO,
        "application_id": THREE,
        "purpose": "application",
        "section": "staff",
        "version": 3,
        "sha256": "0" * 64,
        "encoding": "plain",
        "data": {"staff": [{"staff_id": "s", "name": None}], "field_warnings": []},
    }
    return StaffSnapshotProvided.model_validate(members | changes)


LISTED = {
    "auth.authority_changed.v1",
    "auth.account_activated.v1",
    "auth.account_migrated.v1",
    "auth.accounts_merged.v1",
    "auth.delegation_changed.v1",
    "auth.recovery_request_changed.v1",
    "institution.registration_submitted.v1",
    "institution.registration_decided.v1",
    "institution.licence_expired.v1",
    "institution.licence_expiring.v1",
    "institution.measure_ordered.v1",
    "institution.profile_changed.v1",
    "institution.fee_item_changed.v1",
    "institution.counters_changed.v1",
    "institution.snapshot_provided.v1",
    "staff.person_changed.v1",
    "staff.check_due.v1",
    "staff.blacklist_matched.v1",
    "staff.correction_requested.v1",
    "staff.correction_answered.v1",
    "staff.counters_changed.v1",
    "staff.snapshot_provided.v1",
    "materials.counters_changed.v1",
    "materials.snapshot_provided.v1",
    "materials.external_review_requested.v1",
    "materials.external_review_recorded.v1",
    "materials.material_changed.v1",
    "materials.material_suspended.v1",
    "materials.purge_due.v1",
    "courses.class_changed.v1",
    "courses.relocation_proposed.v1",
    "courses.counters_changed.v1",
    "courses.snapshot_provided.v1",
    "compliance.rectification_opened.v1",
    "compliance.rectification_closed.v1",
    "compliance.list_entry_changed.v1",
    "compliance.public_pictures_changed.v1",
    "compliance.rectification_due.v1",
    "compliance.rectification_returned.v1",
    "compliance.rule_version_published.v1",
    "compliance.working_year_entered.v1",
    "compliance.snapshot_requested.v1",
    "compliance.review_unlocked.v1",
    "compliance.application_submitted.v1",
    "compliance.precheck_failed.v1",
    "compliance.application_accepted.v1",
    "compliance.decision_set_aside.v1",
    "compliance.gathering_failed.v1",
    "compliance.application_withdrawn.v1",
    "compliance.deregistration_approved.v1",
    "compliance.deregistration_completed.v1",
    "auth.account_cancelled.v1",
    "auth.closing_done.v1",
    "institution.closing_done.v1",
    "staff.closing_done.v1",
    "materials.closing_done.v1",
    "courses.closing_done.v1",
    "compliance.supplement_requested.v1",
    "compliance.supplement_answered.v1",
    "compliance.case_routed.v1",
    "compliance.case_decided.v1",
    "compliance.case_taken_over.v1",
    "compliance.review_clock_changed.v1",
    "compliance.review_overdue.v1",
}


def test_the_listed_events_are_known():
    assert set(PAYLOAD_CLASSES) == LISTED


@pytest.mark.parametrize("payload", PAYLOAD_CLASSES.values(), ids=PAYLOAD_CLASSES)
def test_an_event_is_named_after_its_owner_and_is_about_one_of_its_members(payload):
    assert re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*\.v\d+", payload.TYPE)
    assert payload.owner() in OWNERS
    assert payload.owner() == payload.__module__.split(".")[1]
    assert payload.SUBJECT in payload.model_fields


def test_an_unknown_type_is_no_error():
    assert payload_class("staff.promoted.v9") is None


def test_a_payload_survives_the_journey_in_its_envelope():
    payload = provided()
    sent = Envelope.around(payload, id=ONE, time=NOON, correlationid="req-1", causationid=str(TWO))

    received = Envelope.from_bytes(sent.to_bytes())

    assert received == sent
    assert received.payload() == payload
    assert received.source == "/otsp/staff"
    assert received.subject == str(TWO)


def test_the_wire_form_is_cloudevents_and_keeps_the_nulls_of_the_data():
    sent = Envelope.around(provided(), id=ONE, time=NOON)

    wire = json.loads(sent.to_bytes())

    assert wire["specversion"] == "1.0"
    assert wire["id"] == str(ONE)
    assert wire["time"] == "2024-10-15T04:00:00Z"
    assert wire["datacontenttype"] == "application/json"
    assert not {"correlationid", "causationid", "traceparent"} & set(wire)
    assert wire["data"]["data"]["staff"] == [{"staff_id": "s", "name": None}]


def test_a_message_of_an_unknown_type_is_read_without_a_payload():
    wire = Envelope.around(provided(), id=ONE, time=NOON).to_bytes()

    received = Envelope.from_bytes(wire.replace(b"staff.snapshot_provided.v1", b"staff.new.v1"))

    assert received.payload() is None


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"specversion":"0.3"}'])
def test_what_is_no_envelope_is_refused(raw):
    with pytest.raises(ValidationError):
        Envelope.from_bytes(raw)


def test_a_time_without_an_offset_is_refused():
    with pytest.raises(ValidationError):
        Envelope.around(provided(), id=ONE, time=NOON.replace(tzinfo=None))


def test_a_newer_payload_is_understood():
    raw = json.dumps(json.loads(provided().to_bytes()) | {"mood": "good"}).encode()

    assert StaffSnapshotProvided.from_bytes(raw) == provided()


@pytest.mark.parametrize(
    "changes",
    [
        {"encoding": "gzip"},
        {"data": "H4sI"},
        {"sha256": "0" * 63},
        {"encoding": "zstd", "data": "KLUv"},
    ],
)
def test_a_section_that_is_not_as_it_says_is_refused(changes):
    with pytest.raises(ValidationError):
        provided(**changes)


CLAIM = {"key": f"claims/staff/{ONE.hex}", "sha256": "0" * 64, "size": 2_000_000}


def test_a_section_may_travel_by_claim_check():
    assert provided(encoding="gzip", data=None, claim=CLAIM).claim.size == 2_000_000


@pytest.mark.parametrize(
    "changes",
    [
        {"data": None},
        {"claim": CLAIM},
        {"data": None, "claim": CLAIM | {"key": "claims/../../etc/passwd"}},
        {"data": None, "claim": CLAIM | {"sha256": None}},
    ],
    ids=["neither", "both", "elsewhere", "no_digest"],
)
def test_a_section_without_its_data_or_with_two_is_refused(changes):
    with pytest.raises(ValidationError):
        provided(**changes)


def test_a_compressed_section_is_text():
    assert provided(encoding="gzip", data="H4sI").data == "H4sI"


def test_a_refusal_does_not_repeat_what_it_refused():
    with pytest.raises(ValidationError) as refused:
        provided(version="周甲")

    assert "周甲" not in str(refused.value)


def test_a_state_change_tells_version_actor_and_both_states():
    assert {"version", "actor", "from_state", "to_state"} <= set(StateChange.model_fields)
    assert issubclass(RegistrationSubmitted, StateChange)


def test_dates_and_lists_arrive_as_they_were():
    asked = SnapshotRequested(
        request_id=ONE,
        institution_id=TWO,
        purpose="self_check",
        as_of=date(2024, 10, 15),
        sections=("staff", "courses"),
    )

    assert SnapshotRequested.from_bytes(asked.to_bytes()) == asked


def test_a_lapsed_case_names_no_authority():
    decided = CaseDecided(
        case_id=ONE,
        version=2,
        institution_id=TWO,
        kind="compliance",
        subject_id=THREE,
        decision="lapsed",
        decided_on=date(2024, 12, 1),
    )

    assert decided.authority_id is None


def test_the_committed_schemas_are_those_of_the_code():
    committed = {file.name: file.read_text("utf-8") for file in (DOCS / "events").glob("*.json")}

    assert committed == schemas.schema_files()


def test_the_committed_page_of_events_is_that_of_the_code():
    assert (DOCS / "events.md").read_text("utf-8") == schemas.events_page()


def test_exporting_removes_what_is_gone_and_is_stable(tmp_path):
    (tmp_path / "staff.promoted.v1.json").write_text("{}")

    schemas.export(tmp_path)
    schemas.export(tmp_path)

    assert {file.name for file in tmp_path.iterdir()} == set(schemas.schema_files())
