"""What is refused, what is only told, who may go and who may return."""

from dataclasses import fields, replace
from datetime import date

import pytest

from otsp_chassis.ids import new_id
from otsp_staff.rules.blacklist import check_entry
from otsp_staff.rules.doubts import doubts
from otsp_staff.rules.employment import (
    STATUS_LABELS_ZH,
    STEPS,
    Terms,
    departure_faults,
    reinstatement_faults,
)
from otsp_staff.rules.fields import (
    check_departure,
    check_new_staff,
    check_reinstatement,
    check_staff,
    clean_number,
    kind_of_id,
)
from otsp_staff.rules.rows import StaffRow

TODAY = date(2024, 10, 15)
SOUND = "330199198506079917"
WHOLE = StaffRow(
    **dict.fromkeys(field.name for field in fields(StaffRow) if field.name != "warnings")
)
WHOLE = replace(
    WHOLE,
    staff_id=new_id(),
    status="employed",
    staff_type="management",
    nationality="CN",
    sex="M",
    mobile_masked="138****0001",
    education="bachelor",
    birth_date=date(1985, 6, 7),
    registered_twice=False,
    precheck_proof_file_id=new_id(),
    quals=[],
    teach_experience=[],
)
CERT = {"type": "teacher_cert", "cert_no": "20193300141000901", "stage": "senior"}


def faults(found):
    return {(fault.pointer, fault.code) for fault in found}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, set()),
        ({"id_no": SOUND}, set()),
        ({"id_no": "330199198506079918"}, {("/id_no", "check_digit")}),
        ({"id_no": "330199198513079917"}, {("/id_no", "bad_date")}),
        ({"id_no": "X0000001"}, {("/id_no", "bad_format")}),
        ({"id_no": "X0000001", "id_type": "passport"}, set()),
        ({"id_no": "X0000001", "nationality": "US"}, set()),
        ({"id_no": "X0000001", "nationality": "US", "id_type": "cnid"}, {("/id_no", "bad_format")}),
        ({"id_no": "X0000001", "id_type": None}, set()),
        ({"contract_from": "2024-01-02", "contract_to": "2024-01-02"}, set()),
        (
            {"contract_from": "2024-01-02", "contract_to": "2024-01-01"},
            {("/contract_to", "before_start")},
        ),
        ({"precheck_on": "2999-01-01", "hired_on": "2999-01-01"}, set()),
        ({"work_permit_to": "2030-01-01", "contract_to": "2030-01-01"}, set()),
        (
            {"quals": [None, {"issued_on": "2024-10-16", "valid_to": "2024-01-01"}]},
            {("/quals/1/valid_to", "before_start")},
        ),
        (
            {"teach_experience": [{"from": "2020-01-01", "to": "2019-01-01"}, {"from": None}]},
            {("/teach_experience/0/to", "before_start")},
        ),
    ],
)
def test_only_what_cannot_be_true_is_refused(body, expected):
    assert faults(check_staff(body, TODAY)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"status": "employed"}, set()),
        ({"status": "departed"}, {("/status", "not_initial")}),
        ({"status": "departed", "existing": True, "departed_on": "2024-01-01"}, set()),
        ({"departed_on": "2024-01-01", "existing": True}, {("/departed_on", "not_departed")}),
        ({"depart_reason": "other"}, {("/depart_reason", "not_departed")}),
        (
            {"status": "departed", "existing": True, "departed_on": "2024-10-16"},
            {("/departed_on", "in_the_future")},
        ),
        (
            {
                "status": "departed",
                "existing": True,
                "hired_on": "2024-02-01",
                "departed_on": "2024-01-01",
            },
            {("/departed_on", "before_start")},
        ),
    ],
)
def test_only_existing_people_may_have_left(body, expected):
    assert faults(check_new_staff(body, TODAY)) == expected


def test_a_birth_to_come_is_refused():
    unborn = "330199203001012917"
    body = {"id_no": unborn[:17] + _check_digit(unborn[:17])}

    assert faults(check_staff(body, TODAY)) == {("/id_no", "bad_date")}


def _check_digit(first_17):
    from otsp_contracts.values import cnid_check_digit

    return cnid_check_digit(first_17)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"id_no": SOUND}, "cnid"),
        ({"id_no": SOUND, "nationality": "CN"}, "cnid"),
        ({"id_no": "X1", "nationality": "US"}, "passport"),
        ({"id_no": SOUND, "id_type": None}, None),
        ({"id_no": "H1", "id_type": "hk_mo_permit"}, "hk_mo_permit"),
        ({"id_no": None}, None),
        ({}, None),
    ],
)
def test_the_type_of_a_number_follows_from_the_nationality_unless_told(body, kind):
    assert kind_of_id(body) == kind


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("cnid", "11010519491231002x", "11010519491231002X"),
        ("passport", " x000 0001", "X0000001"),
        (None, "x1", "X1"),
    ],
)
def test_equal_numbers_have_one_spelling(kind, typed, stored):
    assert clean_number(kind, typed) == stored


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"sex": None, "mobile_masked": None}, {("/sex", "missing"), ("/mobile", "missing")}),
        ({"education": None}, {("/education", "missing")}),
        (
            {"staff_type": "teaching"},
            {("/photo_file_id", "missing"), ("/teach_experience", "missing")},
        ),
        ({"nationality": "US"}, {("/foreign_bio", "missing")}),
        (
            {"contract_signed": True, "contract_no": "甲"},
            {("/contract_from", "missing"), ("/contract_file_id", "missing")},
        ),
        ({"contract_signed": False}, set()),
        ({"precheck_proof_file_id": None}, {("/precheck_proof_file_id", "missing")}),
        ({"publicized": True}, set()),
        ({"in_service_teacher": True}, set()),
        ({"in_china": True}, set()),
        ({"nationality": "US", "foreign_bio": "学习经历"}, set()),
        ({"quals": [CERT]}, set()),
        ({"quals": [CERT | {"stage": "junior"}]}, {("/quals/0/cert_no", "v_09")}),
        ({"quals": [CERT | {"stage": None}]}, set()),
        ({"quals": [CERT | {"cert_no": "X1"}]}, {("/quals/0/cert_no", "v_09")}),
        ({"quals": [CERT | {"cert_no": "1" * 15}]}, {("/quals/0/cert_no", "cert_old_form")}),
        ({"quals": [CERT | {"cert_no": None}]}, set()),
        ({"quals": [CERT | {"type": "ntce_pass", "cert_no": "X1"}]}, set()),
        ({"birth_date": date(2006, 10, 15)}, set()),
        ({"birth_date": date(2006, 10, 16)}, {("/id_no", "v_10")}),
        ({"birth_date": date(1953, 10, 16)}, set()),
        ({"birth_date": date(1953, 10, 15)}, {("/id_no", "v_10")}),
        ({"registered_twice": True}, {("/id_no", "stf_015")}),
        ({"precheck_on": TODAY, "hired_on": TODAY, "inducted_on": TODAY}, set()),
        (
            {"precheck_on": date(2024, 10, 16), "hired_on": date(2024, 10, 16)},
            {("/precheck_on", "v_14"), ("/hired_on", "v_14")},
        ),
        ({"status": "departed", "sex": None, "birth_date": date(1900, 1, 1)}, set()),
    ],
)
def test_doubts_are_told(changes, expected):
    assert faults(doubts(replace(WHOLE, **changes), TODAY)) == expected


def test_the_only_ways_are_out_and_back():
    assert STEPS == {
        ("employed", "depart"): "departed",
        ("departed", "reinstate"): "employed",
    }
    assert set(STATUS_LABELS_ZH) == {"employed", "departed"}


@pytest.mark.parametrize(
    ("hired_on", "departed_on", "expected"),
    [
        (date(2024, 1, 2), date(2024, 1, 2), set()),
        (date(2024, 1, 2), date(2024, 1, 1), {("/departed_on", "before_hiring")}),
        (None, date(2024, 1, 1), set()),
    ],
)
def test_nobody_leaves_before_coming(hired_on, departed_on, expected):
    assert faults(departure_faults(hired_on, departed_on)) == expected


GOOD_TERMS = Terms(
    hired_on=date(2024, 9, 1),
    contract_signed=True,
    precheck_on=date(2024, 8, 20),
    precheck_clear=True,
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"hired_on": date(2024, 6, 30)}, {("/hired_on", "before_departure")}),
        ({"contract_signed": False}, {("/contract_signed", "contract_required")}),
        ({"precheck_on": date(2024, 7, 1)}, set()),
        ({"precheck_on": date(2024, 6, 30)}, {("/precheck_on", "not_fresh")}),
        ({"precheck_on": date(2024, 9, 2)}, {("/precheck_on", "after_hiring")}),
        ({"precheck_clear": False}, {("/precheck_clear", "not_clear")}),
    ],
)
def test_a_return_needs_a_contract_and_a_fresh_clear_check(changes, expected):
    found = faults(reinstatement_faults(date(2024, 7, 1), replace(GOOD_TERMS, **changes)))

    assert expected <= found
    assert bool(found) == bool(expected)


def test_a_return_after_an_unknown_departure_still_needs_a_check_before_hiring():
    assert faults(reinstatement_faults(None, GOOD_TERMS)) == set()
    late = replace(GOOD_TERMS, precheck_on=date(2024, 9, 2))
    assert faults(reinstatement_faults(None, late)) == {("/precheck_on", "after_hiring")}


def test_coming_and_going_lie_not_in_the_future():
    to_come = "2024-10-16"

    assert faults(check_departure({"departed_on": to_come}, TODAY)) == {
        ("/departed_on", "in_the_future")
    }
    assert faults(check_reinstatement({"hired_on": to_come, "precheck_on": None}, TODAY)) == {
        ("/hired_on", "in_the_future")
    }


def test_a_blacklist_entry_needs_a_sound_number_and_a_decision_made():
    body = {"id_type": "cnid", "id_no": SOUND[:-1] + "1", "decided_on": "2024-10-16"}

    assert faults(check_entry(body, TODAY)) == {
        ("/id_no", "check_digit"),
        ("/decided_on", "in_the_future"),
    }
