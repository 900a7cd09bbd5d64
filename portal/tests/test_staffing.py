"""What a list tells of one person."""

from datetime import date

import pytest

from otsp_portal.staffing import row_of

TODAY = date(2024, 10, 18)


@pytest.fixture
def told():
    def row(**changed):
        person = {
            "staff_id": "0192",
            "name": "蒋乙",
            "status": "employed",
            "staff_type": "teaching",
            "employment": "full_time",
            "hired_on": "2023-03-01",
            "departed_on": None,
            "id_masked": "510***********9925",
            "blacklisted": False,
            "other_full_time": False,
            "registered_twice": False,
            "depart_by": None,
            "precheck_on": "2023-02-20",
            "precheck_clear": True,
            "annual_check_on": "2024-09-01",
            "annual_check_clear": True,
            "checks_due": [],
            "quals": [{"type": "professional_cert", "subject": "dance", "valid_to": None}],
        }
        return row_of(person | changed, TODAY)

    return row


def test_somebody_of_whom_nothing_is_due_needs_no_work(told):
    row = told()

    assert not row.needs_work
    assert (row.staff_type, row.employment, row.sub) == ("教学人员", "专职", "2023-03-01 入职")
    assert (row.check.tag.word, row.check.tag.tone, row.check.sub) == ("已查询", "ok", "2024-09-01")
    assert (row.qualification.word, row.qualification.sub) == ("职业（专业）能力证明", "舞蹈")
    assert row.qualification.tag is None


@pytest.mark.parametrize(
    ("changed", "word", "tone"),
    [
        ({"precheck_clear": False}, "查询有记录", "bad"),
        ({"annual_check_clear": False}, "查询有记录", "bad"),
        (
            {"precheck_on": None, "checks_due": [{"kind": "precheck", "due_on": "2023-03-01"}]},
            "招用前未查询",
            "bad",
        ),
        (
            {"checks_due": [{"kind": "annual_check", "due_on": "2024-11-20"}]},
            "年度查询33天后到期",
            "warn",
        ),
        (
            {"checks_due": [{"kind": "annual_check", "due_on": "2024-10-18"}]},
            "年度查询今天到期",
            "warn",
        ),
        (
            {"checks_due": [{"kind": "annual_check", "due_on": "2024-10-17"}]},
            "年度查询已逾期1天",
            "bad",
        ),
        (
            {"checks_due": [{"kind": "annual_check", "due_on": None}]},
            "年度查询到期日不明",
            "bad",
        ),
    ],
)
def test_checks_are_told_by_what_has_to_be_done(told, changed, word, tone):
    row = told(**changed)

    assert (row.check.tag.word, row.check.tag.tone) == (word, tone)
    assert row.needs_work


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"blacklisted": True, "depart_by": "2024-10-21"},
            ["从业黑名单", "应在2024-10-21前转离职"],
        ),
        ({"other_full_time": True}, ["他处专职"]),
        ({"registered_twice": True}, ["证件号码重复"]),
        (
            {"checks_due": [{"kind": "contract", "due_on": "2024-10-28"}]},
            ["劳动合同10天后到期"],
        ),
    ],
)
def test_doubts_stand_beside_the_name(told, changed, words):
    row = told(**changed)

    assert [each.word for each in row.doubts] == words
    assert row.needs_work


def test_certificates_are_asked_of_who_teaches_or_researches_alone(told):
    assert told(quals=[]).qualification.tag.word == "未登记"
    assert told(quals=None, staff_type="research").needs_work
    other = told(quals=[], staff_type="finance")
    assert (other.qualification.tag, other.qualification.word) == (None, "不需要")
    assert not other.needs_work


def test_a_certificate_is_past_only_when_all_are(told):
    past = {"type": "teacher_cert", "subject": None, "valid_to": "2024-10-17"}
    lasting = {"type": "ntce_pass", "subject": None, "valid_to": "2024-10-18"}

    assert told(quals=[past]).qualification.tag.word == "证书已过期"
    several = told(quals=[past, lasting]).qualification
    assert (several.word, several.tag) == ("教师资格证等2项", None)


def test_of_who_left_nothing_is_due(told):
    row = told(status="departed", departed_on="2024-01-31", precheck_clear=None)

    assert (row.sub, row.check.word, row.check.tag) == ("2024-01-31 离职", "—", None)
    assert not row.is_employed


def test_what_is_not_filled_in_is_told_as_that(told):
    row = told(name=None, hired_on=None, employment=None)

    assert (row.name, row.sub, row.employment) == ("姓名未填", "日期未填 入职", "—")
