"""Registering: handed in, returned with a reason, corrected, approved; a number is taken once."""

import pytest

from otsp_cli.dossier.gateway import Refused
from otsp_cli.dossier.institution import registration_of
from otsp_contracts.values import uscc_check_digit

CASES = "/api/compliance/v1/cases"
APPLICATIONS = "/api/compliance/v1/applications"
REASON = "住所地址与许可证不一致，请更正后重新提交"


@pytest.fixture
def document(stage):
    """Another institution in sample A's county."""
    document = stage.samples()[0]
    document["sample"] = "D"
    number = "52330106MJFAKE04X"
    uscc = number + uscc_check_digit(number)
    document["institution"] |= {"uscc": uscc, "name": "杭州示例新来培训学校"}
    return document


@pytest.fixture
def newcomer(town, document):
    return town.newcomer(document)


def hand_in(town, desk):
    desk.session.post(desk.path("institution", "registration", "submission"), None)
    town.platform.settle()


def standing(desk):
    return desk.session.get(desk.path("institution"))["registration"]


def decide(town, desk, **decision):
    reviewer = town.reviewer("330106")
    [case] = [
        case
        for case in reviewer.list_all(CASES, state="open", kind="registration")
        if case["subject_id"] == desk.institution_id
    ]
    reviewer.post(f"{CASES}/{case['case_id']}/decisions", decision)
    town.platform.settle()
    return case


def test_a_registration_lies_with_the_county_and_is_locked_meanwhile(town, newcomer):
    hand_in(town, newcomer)

    cases = town.reviewer("330106").list_all(CASES, kind="registration")
    with pytest.raises(Refused) as refused:
        newcomer.session.put(newcomer.path("institution", "party"), {"member_count": 1})

    assert newcomer.institution_id in {case["subject_id"] for case in cases}
    assert standing(newcomer)["status"] == "submitted"
    assert (refused.value.status, refused.value.problem["detail"]) == (
        423,
        "注册审核中，信息已锁定，请等待审核结果后再修改。",
    )


def test_a_returned_registration_tells_why_and_may_be_corrected(town, newcomer):
    hand_in(town, newcomer)
    decide(town, newcomer, decision="return", reason=REASON)

    returned = standing(newcomer)
    corrected = registration_of(newcomer.dossier, newcomer.completion) | {
        "registered_address": "浙江省杭州市西湖区示例路9号"
    }
    path = newcomer.path("institution", "registration")
    newcomer.session.put(path, corrected, of=newcomer.path("institution"))

    assert (returned["status"], returned["reason"]) == ("returned", REASON)
    stored = newcomer.session.get(newcomer.path("institution"))
    assert stored["registered_address"] == "浙江省杭州市西湖区示例路9号"


def test_corrected_and_handed_in_again_it_is_approved(town, newcomer):
    hand_in(town, newcomer)
    first = decide(town, newcomer, decision="return", reason=REASON)
    hand_in(town, newcomer)
    second = decide(town, newcomer, decision="approve")

    assert first["case_id"] != second["case_id"]
    stood = standing(newcomer)
    assert (stood["status"], stood["reason"]) == ("approved", None)
    stored = newcomer.session.put(newcomer.path("institution", "party"), {"member_count": 1})
    assert stored["member_count"] == 1


def test_before_the_approval_nothing_can_be_filed_and_after_it_can(town, newcomer):
    body = {"institution_id": newcomer.institution_id, "kind": "initial"}
    with pytest.raises(Refused) as early:
        newcomer.session.post(APPLICATIONS, body)
    hand_in(town, newcomer)
    with pytest.raises(Refused) as waiting:
        newcomer.session.post(APPLICATIONS, body)
    decide(town, newcomer, decision="approve")

    filed = newcomer.session.post(APPLICATIONS, body)

    for refused in (early.value, waiting.value):
        assert (refused.status, refused.slug) == (409, "registration-not-approved")
        assert "待主管部门审核通过" in refused.problem["detail"]
    assert filed["state"] == "locking"


def test_a_rejected_registration_can_file_nothing(town, newcomer):
    hand_in(town, newcomer)
    decide(town, newcomer, decision="reject", reason="非本县机构")

    body = {"institution_id": newcomer.institution_id, "kind": "initial"}
    with pytest.raises(Refused) as refused:
        newcomer.session.post(APPLICATIONS, body)

    assert standing(newcomer)["status"] == "rejected"
    assert refused.value.slug == "registration-not-approved"


def test_another_authority_cannot_decide_it(town, newcomer):
    hand_in(town, newcomer)
    [case] = [
        case
        for case in town.reviewer("330106").list_all(CASES, kind="registration")
        if case["subject_id"] == newcomer.institution_id
    ]

    with pytest.raises(Refused) as refused:
        town.reviewer("510107").post(
            f"{CASES}/{case['case_id']}/decisions", {"decision": "approve"}
        )

    assert (refused.value.status, refused.value.slug) == (403, "case-not-routed-here")


def test_a_registered_credit_code_is_refused_in_chinese(town, stage, document):
    document["institution"]["uscc"] = stage.samples()[0]["institution"]["uscc"]
    rival = town.newcomer(document)

    with pytest.raises(Refused) as refused:
        hand_in(town, rival)

    assert (refused.value.status, refused.value.slug) == (409, "institution-already-registered")
    assert refused.value.problem["detail"] == "该机构已注册，请联系住所地区域管理员找回账号。"
    assert standing(rival)["status"] == "draft"


def test_of_two_drafts_with_one_credit_code_the_first_handed_in_has_it(town, document):
    first = town.newcomer(document)
    second = town.newcomer(document | {"sample": "E"})
    hand_in(town, first)

    with pytest.raises(Refused) as refused:
        hand_in(town, second)

    assert refused.value.slug == "institution-already-registered"
    assert standing(first)["status"] == "submitted"


def test_a_rejected_registration_gives_its_credit_code_free(town, document):
    first = town.newcomer(document)
    second = town.newcomer(document | {"sample": "E"})
    hand_in(town, first)
    decide(town, first, decision="reject", reason="冒用他人代码")

    hand_in(town, second)

    assert standing(second)["status"] == "submitted"
