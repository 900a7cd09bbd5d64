"""Decisions on plain data: what is refused, what is doubtful, which state follows which."""

from dataclasses import fields as fields_of
from datetime import date
from typing import get_origin

import pytest

from otsp_contracts.snapshots import MISSING
from otsp_contracts.values import uscc_check_digit
from otsp_institution.rules import doubts, fields, rows, standing
from otsp_institution.rules.identity import id_type_of, is_sound

ODD_NUMBER = "91510107MAFAKE036"  # the organisation code inside should end in 5
TODAY = date(2024, 10, 15)
OFFLINE_SUBJECT = doubts.Profile(["subject"], ["offline"])
OFFLINE_ARTS = doubts.Profile(["nonsubject"], ["offline"])


def faults(check, body):
    return [(fault.pointer, fault.code) for fault in check(body)]


def told(row, profile=OFFLINE_ARTS, today=TODAY):
    return {(doubt.pointer, doubt.code) for doubt in doubts.doubts_of(row, profile, today)}


def blank(kind, **values):
    """A row with nothing in it but these values."""
    told = [each for each in fields_of(kind) if each.init and each.name != "warnings"]
    empty = {each.name: [] if get_origin(each.type) is list else None for each in told}
    return kind(**(empty | values))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, []),
        ({"categories": ["subject"], "nonsubject_types": []}, []),
        ({"categories": ["nonsubject"], "nonsubject_types": ["sports"]}, []),
        ({"categories": ["nonsubject"], "nonsubject_types": None}, []),
        ({"categories": None, "nonsubject_types": ["sports"]}, []),
        (
            {"categories": ["subject", "nonsubject"], "nonsubject_types": []},
            [("/nonsubject_types", "required")],
        ),
        (
            {"categories": ["subject"], "nonsubject_types": ["sports"]},
            [("/nonsubject_types", "not_applicable")],
        ),
        (
            {"nonsubject_types": ["sports"], "primary_nonsubject_type": "other"},
            [("/primary_nonsubject_type", "not_among_types")],
        ),
        ({"region_code": "330106"}, []),
        ({"region_code": "441900"}, []),
        ({"region_code": "330100"}, [("/region_code", "not_a_county")]),
        ({"region_code": "330000"}, [("/region_code", "not_a_county")]),
    ],
)
def test_institution_is_checked_across_its_fields(body, expected):
    assert faults(fields.check_institution, body) == expected


@pytest.mark.parametrize(
    ("legal_rep", "code"),
    [
        (None, None),
        ({"id_no": None}, None),
        ({"id_no": "330199197803129904"}, None),
        ({"id_no": "330199197803129905"}, "check_digit"),
        ({"id_no": "330199197813129904"}, "bad_date"),
        ({"id_no": "X0000001"}, "bad_format"),
        ({"id_no": "X0000001", "nationality": "US"}, None),
        ({"id_no": "X0000001", "nationality": "US", "id_type": "cnid"}, "bad_format"),
        ({"id_no": "H00000001", "id_type": "hk_mo_permit"}, None),
    ],
)
def test_number_of_a_citizen_must_be_sound_and_others_are_taken_as_they_are(legal_rep, code):
    expected = [("/legal_rep/id_no", code)] if code else []

    assert faults(fields.check_institution, {"legal_rep": legal_rep}) == expected


@pytest.mark.parametrize(
    ("check", "start"),
    [
        (fields.check_licence, "valid_from"),
        (fields.check_certificate, "valid_from"),
        (fields.check_other_doc, "issued_on"),
    ],
)
@pytest.mark.parametrize(
    ("first", "last", "is_fault"),
    [
        ("2024-01-02", "2024-01-01", True),
        ("2024-01-01", "2024-01-01", False),
        (None, "2024-01-01", False),
        ("2024-01-01", None, False),
    ],
)
def test_term_ends_after_it_began(check, start, first, last, is_fault):
    expected = [("/valid_to", "before_start")] if is_fault else []

    assert faults(check, {start: first, "valid_to": last}) == expected


@pytest.mark.parametrize(
    ("amount", "is_fault"),
    [(None, False), (1, False), (1_000_000_000, False), (0, True), (1_000_000_001, True)],
)
def test_charge_is_positive_and_below_ten_million_yuan(amount, is_fault):
    body = {"amount_fen": amount, "extra_items": [{"amount_fen": amount}, None]}
    expected = ["/amount_fen", "/extra_items/0/amount_fen"] if is_fault else []

    assert [pointer for pointer, _ in faults(fields.check_fee_item, body)] == expected


@pytest.mark.parametrize(
    ("id_type", "nationality", "expected"),
    [
        (None, None, "cnid"),
        (None, "CN", "cnid"),
        (None, "US", "passport"),
        ("foreign_pr", "US", "foreign_pr"),
    ],
)
def test_kind_of_document_is_inferred_from_the_nationality(id_type, nationality, expected):
    assert id_type_of(id_type, nationality) == expected


@pytest.mark.parametrize(
    ("number", "today", "expected"),
    [
        ("330199197803129904", TODAY, True),
        ("330199197803129904", date(1978, 3, 11), False),
        ("330199197803129905", TODAY, False),
        ("X0000001", TODAY, False),
    ],
)
def test_only_a_citizen_number_that_may_exist_is_sound(number, today, expected):
    assert is_sound(number, today) is expected


@pytest.mark.parametrize(
    ("row", "profile", "expected"),
    [
        (blank(rows.LicenceRow), OFFLINE_ARTS, {"scope_text"}),
        (blank(rows.LicenceRow, scope_text="舞蹈"), OFFLINE_ARTS, set()),
        (blank(rows.CertificateRow, cert_type="pne_cert"), OFFLINE_ARTS, {"business_scope"}),
        (blank(rows.CertificateRow, cert_type="fire_cert"), OFFLINE_ARTS, set()),
        (blank(rows.PartyRow, org_form="none"), OFFLINE_ARTS, set()),
        (blank(rows.PartyRow, org_form="committee"), OFFLINE_ARTS, {"secretary_name"}),
        (blank(rows.SupervisionRow, mode="exempt_post_pay"), OFFLINE_ARTS, set()),
        (
            blank(rows.SupervisionRow, mode="both"),
            OFFLINE_ARTS,
            {"bank_branch", "agreement_no", "agreement_signed_on", "agreement_file_id"},
        ),
        (
            blank(rows.BasicAccountRow),
            OFFLINE_ARTS,
            {"bank_branch", "open_permit_no", "proof_file_id"},
        ),
        (blank(rows.ContractRow, refund_days=0), OFFLINE_ARTS, {"cooling_off_days"}),
        (blank(rows.FeeItemRow, refund_policy="全退"), OFFLINE_ARTS, set()),
        (blank(rows.FeeItemRow, refund_policy="全退"), OFFLINE_SUBJECT, {"price_filing_no"}),
        (
            blank(rows.FeeItemRow, publicized=True),
            OFFLINE_ARTS,
            {"publicity_place", "refund_policy"},
        ),
        (blank(rows.OtherDocRow), OFFLINE_SUBJECT, set()),
        (blank(rows.AuditReportRow), OFFLINE_SUBJECT, set()),
    ],
)
def test_required_fields_that_do_not_travel_are_reported_empty(row, profile, expected):
    assert told(row, profile) == {(f"/{name}", MISSING) for name in expected}


@pytest.mark.parametrize(
    ("account_no", "is_doubtful"),
    [("33010000099990001", False), ("3301", True), ("账号", True), (None, False)],
)
def test_account_of_an_unusual_form_is_doubtful(account_no, is_doubtful):
    for kind in (rows.SupervisionRow, rows.BasicAccountRow):
        found = told(blank(kind, account_no=account_no))
        assert (("/account_no", "v_01") in found) is is_doubtful


@pytest.mark.parametrize(
    ("uscc", "region_code", "expected"),
    [
        ("52330106MJFAKE011P", "330106", set()),
        ("52330106MJFAKE011P", None, set()),
        ("52330106MJFAKE011P", "330105", {"v_11"}),
        (f"{ODD_NUMBER}{uscc_check_digit(ODD_NUMBER)}", "510107", {"v_01"}),
        (None, "330106", set()),
    ],
)
def test_number_of_the_institution_is_compared_with_what_is_known(uscc, region_code, expected):
    values = {"uscc": uscc, "region_code": region_code}
    row = blank(rows.InstitutionRow, sponsors=[], **values)

    assert {code for pointer, code in told(row) if pointer == "/uscc"} == expected


@pytest.mark.parametrize(("day", "is_doubtful"), [(TODAY, False), (date(2024, 10, 16), True)])
def test_day_of_something_done_is_doubtful_in_the_future(day, is_doubtful):
    assert (("/issued_on", "v_14") in told(blank(rows.LicenceRow, issued_on=day))) is is_doubtful
    assert told(blank(rows.OtherDocRow, issued_on=day, valid_to=date(2999, 1, 1))) == (
        {("/issued_on", "v_14")} if is_doubtful else set()
    )


@pytest.mark.parametrize(
    ("kind", "current", "expected"),
    [
        ("initial", "not_applied", "under_review"),
        ("initial", "returned", "under_review"),
        ("change", "compliant", "change_pending"),
        ("renewal", "compliant", "change_pending"),
        ("renewal", "expired", "under_review"),
        ("deregistration", "compliant", "deregistering"),
    ],
)
def test_state_while_an_application_is_open(kind, current, expected):
    assert standing.compliance_under(kind, current) == expected


@pytest.mark.parametrize(
    ("kind", "decision", "before", "expected"),
    [
        ("compliance", "approved", "not_applied", "compliant"),
        ("compliance", "returned", "not_applied", "returned"),
        ("compliance", "rejected", "not_applied", "non_compliant"),
        ("compliance", "withdrawn", "returned", "returned"),
        ("compliance", "lapsed", "not_applied", "not_applied"),
        ("change", "rejected", "compliant", "compliant"),
        ("change", "approved", "compliant", "compliant"),
        ("change", "returned", "suspended", "suspended"),
        ("recheck", "rejected", "suspended", "suspended"),
        ("recheck", "approved", "suspended", "compliant"),
        ("deregistration", "approved", "compliant", "deregistering"),
        ("deregistration", "returned", "non_compliant", "non_compliant"),
    ],
)
def test_state_once_an_application_is_over(kind, decision, before, expected):
    assert standing.compliance_after(kind, decision, before) == expected
    assert expected in standing.COMPLIANCE_STATES


@pytest.mark.parametrize(
    ("status", "before", "expected"),
    [
        ("compliant", None, ("expired", None)),
        ("change_pending", "compliant", ("under_review", "expired")),
        ("deregistering", "compliant", ("deregistering", "expired")),
        ("deregistering", "returned", ("deregistering", "returned")),
        ("suspended", None, ("expired", None)),
        ("suspended", "compliant", ("under_review", "expired")),
        ("under_review", "suspended", ("under_review", "expired")),
        ("under_review", "returned", ("under_review", "returned")),
        ("deregistering", "suspended", ("deregistering", "expired")),
        ("not_applied", None, ("not_applied", None)),
        ("deregistered", None, ("deregistered", None)),
    ],
)
def test_state_once_the_licence_has_ended(status, before, expected):
    assert standing.compliance_expired(status, before) == expected


@pytest.mark.parametrize(
    ("was", "now", "before", "current", "expected"),
    [
        ("approved", "returned", "not_applied", "compliant", "returned"),
        ("approved", "rejected", "returned", "compliant", "non_compliant"),
        ("rejected", "approved", "not_applied", "non_compliant", "compliant"),
        ("returned", "rejected", "not_applied", "returned", "non_compliant"),
        ("approved", "rejected", "not_applied", "suspended", "suspended"),
        ("approved", "returned", "not_applied", "expired", "expired"),
        ("rejected", "approved", "compliant", "compliant", "compliant"),
    ],
)
def test_state_once_a_decision_is_set_aside(was, now, before, current, expected):
    state = standing.compliance_overturned(
        "initial", was=was, now=now, before=before, current=current
    )

    assert state == expected


@pytest.mark.parametrize(
    ("outcome", "before", "is_filed", "expected"),
    [
        ("approved", "not_applied", False, "compliant"),
        ("approved", "not_applied", True, "change_pending"),
        ("returned", "compliant", False, "compliant"),
        ("returned", "suspended", False, "compliant"),
        ("withdrawn", "suspended", False, "compliant"),
        ("returned", "not_applied", False, "returned"),
        ("rejected", "returned", False, "non_compliant"),
        (None, None, False, "compliant"),
    ],
)
def test_state_after_a_suspension(outcome, before, is_filed, expected):
    assert standing.compliance_resumed(outcome, before, is_filed=is_filed) == expected


@pytest.mark.parametrize("status", standing.COMPLIANCE_STATES)
def test_who_may_teach_may_be_suspended(status):
    assert standing.may_be_suspended(status) == (status in {"compliant", "change_pending"})


def test_unknown_decision_is_an_error():
    with pytest.raises(KeyError):
        standing.compliance_after("compliance", "maybe", "compliant")


def test_every_decision_leads_to_a_state_of_the_registration():
    assert set(standing.REGISTRATION_AFTER.values()) <= set(standing.REGISTRATION_STATES)
