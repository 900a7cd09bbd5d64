"""The states and their steps, what is refused, what is only told."""

from dataclasses import fields, replace
from datetime import date

import pytest

from otsp_chassis.ids import new_id
from otsp_materials.rules.doubts import doubts, is_isbn
from otsp_materials.rules.fields import (
    check_adoption,
    check_archiving,
    check_internal_result,
    check_new_material,
    ends_before_use,
    incomplete,
    not_separated,
)
from otsp_materials.rules.rows import InternalReview, MaterialRow
from otsp_materials.rules.states import (
    ACTIONS_BY_DECISION,
    EDITABLE,
    STATUS_LABELS_ZH,
    STEPS,
    needs_authority,
    retained_until,
)

TODAY = date(2024, 10, 15)
WRITER, READER = new_id(), new_id()
REVIEWED = InternalReview("pass", [READER], date(2024, 8, 10), None, None)
ROW = replace(
    MaterialRow(
        **dict.fromkeys(field.name for field in fields(MaterialRow) if field.name != "warnings")
    ),
    material_id=new_id(),
    status="in_use",
    origin="self",
    copyright_note="自编",
    edition="第一版",
    delivery=["offline"],
    negative_list_ok=True,
    negative_list_signer="沈示例",
    content_sha256="aa",
    reviewed_sha256="aa",
    authors=[{"staff_id": str(WRITER), "name": None, "years": 3, "qual": None, "qual_no": None}],
    internal_review=REVIEWED,
)


def faults(found):
    return {(fault.pointer, fault.code) for fault in found}


@pytest.mark.parametrize(
    ("state", "action", "following", "by"),
    [
        ("draft", "submit", "internal_review", "institution"),
        ("internal_review", "pass_inside", "internal_passed", "institution"),
        ("internal_review", "fail_inside", "internal_failed", "institution"),
        ("internal_passed", "request_outside", "external_pending", "institution"),
        ("internal_passed", "sample", "external_pending", "authority"),
        ("internal_passed", "adopt", "in_use", "institution"),
        ("external_pending", "pass_outside", "in_use", "authority"),
        ("external_pending", "fail_outside", "external_failed", "authority"),
        ("external_pending", "close_outside", "internal_passed", "authority"),
        ("in_use", "request_outside", "in_use", "institution"),
        ("in_use", "sample", "in_use", "authority"),
        ("in_use", "pass_outside", "in_use", "authority"),
        ("in_use", "fail_outside", "in_use", "authority"),
        ("in_use", "close_outside", "in_use", "authority"),
        ("in_use", "suspend", "suspended", "authority"),
        ("suspended", "pass_outside", "suspended", "authority"),
        ("suspended", "fail_outside", "suspended", "authority"),
        ("suspended", "close_outside", "suspended", "authority"),
        ("in_use", "archive", "archived", "institution"),
        ("suspended", "archive", "archived", "institution"),
        ("archived", "purge", "purged", "institution"),
    ],
)
def test_a_step_leads_on(state, action, following, by):
    assert STEPS[state, action] == (following, by)


def test_there_are_no_other_steps():
    assert len(STEPS) == 21
    assert {state for state, _ in STEPS} | {step.to for step in STEPS.values()} == set(
        STATUS_LABELS_ZH
    )
    assert set(STATUS_LABELS_ZH) - EDITABLE == {"archived", "purged"}
    assert set(ACTIONS_BY_DECISION) == {"approved", "rejected"}


@pytest.mark.parametrize(
    ("category", "form", "required", "expected"),
    [
        ("subject", "basic", None, True),
        ("subject", "basic", False, True),
        ("subject", "library", None, False),
        ("subject", "video", True, True),
        ("nonsubject", "basic", False, False),
        ("nonsubject", "basic", True, True),
        (None, None, None, False),
    ],
)
def test_basic_subject_and_sampled_material_needs_the_authority(category, form, required, expected):
    assert needs_authority(category, form, required=required) is expected


@pytest.mark.parametrize(
    ("used_until", "expected"),
    [
        (date(2024, 10, 15), date(2027, 10, 15)),
        (date(2024, 2, 29), date(2027, 3, 1)),
    ],
)
def test_material_is_kept_three_years(used_until, expected):
    assert retained_until(used_until) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, set()),
        ({"status": "draft"}, set()),
        ({"status": "in_use"}, {("/status", "not_initial")}),
        ({"status": "in_use", "existing": True}, set()),
        (
            {"internal_review": {"result": "pass"}, "used_from": "2024-01-01"},
            {("/internal_review", "not_initial"), ("/used_from", "not_initial")},
        ),
        ({"external_review": None, "used_from": None}, set()),
        ({"existing": True, "used_from": "2999-01-01"}, set()),
        (
            {"existing": True, "used_from": "2024-02-01", "used_until": "2024-01-01"},
            {("/used_until", "before_start")},
        ),
        ({"existing": True, "retain_until": "2030-01-01"}, set()),
    ],
)
def test_only_existing_material_has_a_history(body, expected):
    assert faults(check_new_material(body)) == expected


def test_what_happened_lies_not_in_the_future():
    later = "2024-10-16"

    assert faults(check_internal_result({"reviewed_on": later}, TODAY)) == {
        ("/reviewed_on", "in_the_future")
    }
    assert faults(check_adoption({"used_from": later}, TODAY)) == {("/used_from", "in_the_future")}
    assert faults(check_archiving({"used_until": later}, TODAY)) == {
        ("/used_until", "in_the_future")
    }


def test_a_review_needs_something_to_review():
    whole = {"title": "讲义", "file_id": new_id(), "category": "subject", "form": "basic"}

    assert faults(incomplete(whole)) == set()
    assert faults(incomplete({})) == {(f"/{name}", "required") for name in whole}


def test_nobody_reviews_what_he_wrote():
    assert faults(not_separated(["b", "a"], ["a", None])) == {
        ("/reviewer_ids/1", "reviewer_is_author")
    }
    assert faults(not_separated(["b"], ["a"])) == set()


@pytest.mark.parametrize(
    ("used_from", "expected"),
    [(None, set()), (TODAY, set()), (date(2024, 10, 16), {("/used_until", "before_start")})],
)
def test_use_does_not_end_before_it_began(used_from, expected):
    assert faults(ends_before_use(used_from, TODAY)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"copyright_note": None}, {("/copyright_note", "missing")}),
        ({"copyright_note": None, "status": "draft"}, set()),
        ({"edition": None, "delivery": []}, {("/edition", "missing"), ("/delivery", "missing")}),
        ({"filed": True}, {("/filed_on", "missing")}),
        ({"negative_list_signer": None}, {("/negative_list_signer", "missing")}),
        ({"negative_list_signer": None, "negative_list_ok": False}, set()),
        ({"origin": "published"}, {("/isbn", "missing")}),
        ({"origin": "published", "isbn": "978-0-306-40615-7"}, set()),
        ({"isbn": "9780306406158", "status": "draft"}, {("/isbn", "isbn_check_digit")}),
        (
            {"internal_review": replace(REVIEWED, reviewer_ids=[READER, WRITER])},
            {("/internal_review/reviewer_ids", "mat_003")},
        ),
        ({"reviewed_sha256": "bb"}, {("/file_id", "mat_008")}),
        ({"reviewed_sha256": None}, {("/file_id", "mat_008")}),
        ({"reviewed_sha256": None, "status": "internal_review"}, set()),
        ({"filed_on": TODAY, "used_from": TODAY}, set()),
        (
            {
                "status": "draft",
                "filed_on": date(2024, 10, 16),
                "internal_review": replace(REVIEWED, reviewed_on=date(2024, 10, 16)),
            },
            {("/filed_on", "v_14"), ("/internal_review/reviewed_on", "v_14")},
        ),
    ],
)
def test_doubts_are_told(changes, expected):
    assert faults(doubts(replace(ROW, **changes), TODAY)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9780306406157", True),
        ("978-0-306-40615-7", True),
        ("978 0 306 40615 7", True),
        ("9780306406158", False),
        ("0306406152", False),
        ("978030640615X", False),
        ("９７８０３０６４０６１５７", False),
    ],
)
def test_a_book_number_has_thirteen_digits_and_a_check(text, expected):
    assert is_isbn(text) is expected
