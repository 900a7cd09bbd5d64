"""What a receipt says on paper."""

import pytest

from otsp_compliance.rules.receipt_wording import PLATFORM_ZH, page_of

LICENCE = {"valid_from": "2023-05-01", "valid_to": "2026-04-30"}
SILENT = {"reason": None, "appeal_text": None}


def payload(outcome=None, *, kind="initial", **decision):
    told = {"outcome": outcome, "doc_no": "甲-1", "decided_on": "2024-10-16", "valid_to": None}
    return {
        "kind": "decision" if outcome else "filing",
        "issued_on": "2024-10-15",
        "application": {"kind": kind, "seq_no": "甲", "submitted_on": "2024-10-15"},
        "institution": {"name": "示例学校", "uscc": "52330106MJ0000001X", "licence_no": None},
        "authority": {"name": "西湖区教育局"},
        "decision": {**told, "replaces": None, **decision} if outcome else None,
    }


@pytest.mark.parametrize(
    ("outcome", "kind", "title", "is_certificate"),
    [
        (None, "initial", "校外培训机构申请提交回执", False),
        ("approved", "renewal", "校外培训机构合规证书", True),
        ("returned", "initial", "校外培训机构合规审核决定书", False),
        ("rejected", "change", "校外培训机构合规审核决定书", False),
        ("approved", "deregistration", "校外培训机构注销决定书", False),
        ("rejected", "deregistration", "校外培训机构注销决定书", False),
    ],
)
def test_each_has_its_name_and_only_an_approval_is_a_certificate(
    outcome, kind, title, is_certificate
):
    page = page_of(payload(outcome, kind=kind), licence=LICENCE, text=SILENT)

    assert (page.title, page.is_certificate) == (title, is_certificate)


def test_a_filing_is_attested_by_the_platform_and_is_no_acceptance():
    page = page_of(payload(), licence={}, text={})

    assert (page.signed_by, page.day) == (PLATFORM_ZH, "2024年10月15日")
    assert ("审核部门", "西湖区教育局") in page.rows
    assert ("办学许可证号", "—") in page.rows
    assert "不代表受理或者审核通过" in page.paragraphs[0]


def test_a_filing_without_a_known_authority_says_so():
    page = page_of(payload() | {"authority": None}, licence={}, text={})

    assert ("审核部门", "待定，确定后在平台告知") in page.rows


@pytest.mark.parametrize(
    ("licence", "valid_to", "told"),
    [
        (LICENCE, None, "2023年5月1日至2026年4月30日"),
        (LICENCE, "2025-01-31", "2023年5月1日至2025年1月31日"),
        ({}, "2025-01-31", "至2025年1月31日"),
        ({}, None, "以办学许可证为准"),
    ],
)
def test_a_certificate_says_how_long_the_licence_is_good(licence, valid_to, told):
    page = page_of(payload("approved", valid_to=valid_to), licence=licence, text=SILENT)

    assert ("许可证有效期", told) in page.rows
    assert page.signed_by == "西湖区教育局"
    assert page.day == "2024年10月16日"


def test_a_refusal_gives_its_reasons_and_remedies_line_by_line():
    text = {"reason": "一、消防\n二、师资", "appeal_text": "可以申请行政复议。"}

    page = page_of(payload("returned", replaces="x"), licence=LICENCE, text=text)

    assert page.paragraphs == [
        "经审查，上列机构提交的资料存在下列问题，决定退回整改。整改后可以再次申请。",
        "理由如下：",
        "一、消防",
        "二、师资",
        "可以申请行政复议。",
        "本决定代替此前就同一申请作出的决定，原决定及其回执同时失效。",
    ]


def test_a_refused_deregistration_is_no_request_to_mend_the_file():
    page = page_of(
        payload("returned", kind="deregistration"), licence=LICENCE, text={"reason": "未结清"}
    )

    assert "注销" in page.paragraphs[0]


def test_a_supplement_says_which_and_when_and_is_no_acceptance():
    told = payload() | {"kind": "supplement"}
    told["application"] |= {"round": 2, "supplemented_on": "2024-10-28"}

    page = page_of(told, licence={}, text={})

    assert (page.title, page.signed_by) == ("校外培训机构申请补正回执", PLATFORM_ZH)
    assert ("提交日期", "2024年10月15日") in page.rows
    assert ("第 2 次补正日期", "2024年10月28日") in page.rows
    assert "重新整体封存" in page.paragraphs[0]
    assert "不代表受理或者审核通过" in page.paragraphs[0]
