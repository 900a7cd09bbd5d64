"""What the home page says of an institution, and what it may file: in the order of §3.2."""

import pytest

from otsp_compliance.rules.standing import (
    KINDS,
    Standing,
    obstacle_to_kind,
    obstacles_to_applying,
    obstacles_to_closing,
    review_status,
)

READY = {
    "registration_status": "approved",
    "compliance_status": "not_applied",
    "rectifications": [("other", "submitted"), ("other", "closed"), ("other", "waived")],
    "open_kind": None,
    "is_change_proposed": False,
}


def of(**changed):
    return Standing(**READY | changed)


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"registration_status": "submitted"}, ["registration-not-approved"]),
        ({"rectifications": [("other", "in_progress")]}, ["rectification-open"]),
        ({"rectifications": [("filing_to_approval", "returned")]}, ["rectification-open"]),
        ({"rectifications": [("other", "overdue")]}, ["rectification-open"]),
        ({"open_kind": "initial"}, ["application-open"]),
        ({"compliance_status": "deregistered"}, ["institution-deregistered"]),
        (
            {"compliance_status": "deregistered", "open_kind": "initial"},
            ["institution-deregistered", "application-open"],
        ),
    ],
)
def test_applying_is_hindered_by_every_reason(changed, codes):
    assert [each.code for each in obstacles_to_applying(of(**changed))] == codes


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"compliance_status": "compliant", "rectifications": [("other", "open")]}, []),
        ({"registration_status": "submitted"}, ["registration-not-approved"]),
        ({"open_kind": "renewal"}, ["application-open"]),
        ({"open_kind": "deregistration"}, ["deregistration-open"]),
        ({"compliance_status": "deregistering"}, ["deregistration-open"]),
        ({"compliance_status": "deregistered"}, ["institution-deregistered"]),
    ],
)
def test_closing_waits_for_an_open_application_and_for_no_rectification(changed, codes):
    assert [each.code for each in obstacles_to_closing(of(**changed))] == codes


@pytest.mark.parametrize(
    ("changed", "fitting"),
    [
        ({}, ["initial", "renewal", "recheck"]),
        ({"is_change_proposed": True}, []),
        ({"compliance_status": "compliant"}, ["initial", "renewal", "recheck"]),
        ({"compliance_status": "compliant", "is_change_proposed": True}, ["change"]),
    ],
)
def test_what_is_proposed_is_for_a_change_application(changed, fitting):
    assert [kind for kind in KINDS if obstacle_to_kind(kind, of(**changed)) is None] == fitting


BOTH = [("other", "open"), ("filing_to_approval", "in_progress")]
ALL = [*BOTH, ("for_profit_to_nonprofit", "overdue")]


@pytest.mark.parametrize(
    ("changed", "code", "label", "authority_label"),
    [
        ({}, "not_applied", "未申请合规", "未申请合规"),
        ({"compliance_status": "compliant"}, "compliant", "合规", "合规"),
        ({"rectifications": BOTH}, "rectification_filing_to_approval",
         "待整改（备案转审批）", "待机构整改（备案转审批）"),
        ({"rectifications": ALL, "compliance_status": "compliant"},
         "rectification_for_profit_to_nonprofit", "待整改（营转非）", "待机构整改（营转非）"),
        ({"rectifications": [("other", "open")]}, "rectification_other",
         "待整改（其他整改）", "待机构整改（其他整改）"),
        ({"rectifications": ALL, "registration_status": "returned"}, "registration_returned",
         "退回修改", "已退回，等机构修改"),
        ({"rectifications": ALL, "compliance_status": "deregistering"}, "deregistering",
         "注销审核中", "注销审核中"),
        ({"registration_status": "rejected", "compliance_status": "deregistered"},
         "deregistered", "已注销", "已注销"),
        ({"compliance_status": "suspended"}, "suspended", "暂停培训", "已责令暂停培训"),
    ],
)  # fmt: skip
def test_the_first_that_matches_is_shown(changed, code, label, authority_label):
    told = review_status(of(**changed))

    assert (told.code, told.label_zh, told.authority_label_zh) == (code, label, authority_label)
