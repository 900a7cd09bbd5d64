"""What may be done with a case, and why not: nothing is offered that is known to be refused."""

from types import SimpleNamespace

import pytest

from otsp_compliance.rules.decisions import APPEAL_ZH
from otsp_portal.casework import CaseFile, blockers, choices, due_tag, holder, seal_of, state_tag
from otsp_portal.texts import text

ME, COLLEAGUE, OURS = "me", "01a2-colleague-92f7", "authority-1"


def _person(role="reviewer"):
    return SimpleNamespace(account_id=ME, authority_id=OURS, role=role)


def _case(**told):
    step = {
        "step_no": 1,
        "authority": "西湖区教育局",
        "accepted_on": told.pop("accepted_on", "2024-10-15"),
    }
    return {
        "case_id": "c1",
        "kind": "compliance",
        "state": "open",
        "decision": None,
        "authority_id": OURS,
        "application_state": "in_review",
        "application_kind": "initial",
        "assignee_id": ME,
        "leased_until": "2024-10-18",
        "step_no": 1,
        "step_count": 1,
        "steps": [step],
        "decisions": [],
        "details": {},
        **told,
    }


def _file(case=None, **told):
    findings = {
        "warnings": [{"rule_id": "SIT-006", "severity": "W"}],
        "data": [{"rule_id": "V-01", "severity": "W"}, {"rule_id": "CMP-1", "severity": "B"}],
        "excused": [{"rule_id": "STF-003", "severity": "B*"}],
    }
    return CaseFile(
        case=case or _case(),
        person=told.pop("person", _person()),
        application={"findings": findings},
        **told,
    )


def _by_code(file):
    return {each.code: each for each in choices(file)}


def test_approval_waits_until_everything_is_read_and_answered():
    waiting = _by_code(_file())
    ready = _by_code(_file(read=["SIT-006", "V-01"], answered=["STF-003"]))

    assert [sentence for sentence, *_ in waiting["approve"].reasons] == [
        "还有2项提醒没有阅知。",
        "还有1项例外申请没有答复。",
    ]
    assert waiting["return"].is_open
    assert ready["approve"].is_open


def test_whoever_alone_held_a_case_does_not_approve_where_there_are_two_reviewers():
    read = {"read": ["SIT-006", "V-01"], "answered": ["STF-003"]}
    held = [{"account_id": ME, "step_no": 1}]
    both = [*held, {"account_id": COLLEAGUE, "step_no": 1}]

    alone = _by_code(_file(reviewer_count=2, holders=held, **read))["approve"]

    assert [sentence for sentence, *_ in alone.reasons] == [text("desk.why.four_eyes")]
    assert _by_code(_file(reviewer_count=1, holders=held, **read))["approve"].is_open
    assert _by_code(_file(reviewer_count=2, holders=both, **read))["approve"].is_open


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ({"application_state": "submitted", "accepted_on": None}, "还没有受理。"),
        ({"application_state": "supplementing"}, "正在等机构补正，补正提交后继续审核。"),
        ({"authority_id": "another"}, "此案由西湖区教育局办理。"),
        ({"state": "decided", "decision": "approved"}, "此案已经办结。"),
    ],
)
def test_nothing_is_decided_before_its_time_or_elsewhere(case, sentence):
    file = _file(_case(**case))

    assert blockers(file)[0][0] == sentence
    assert not any(each.is_open for each in choices(file))


def test_a_colleagues_case_is_taken_over_first_unless_four_eyes_are_owed():
    case = _case(assignee_id=COLLEAGUE)

    assert "同事承办中" in blockers(_file(case, reviewer_count=1))[0][0]
    assert blockers(_file(case, reviewer_count=2)) == []


def test_registrations_have_no_notice():
    file = _file(_case(kind="registration", application_state=None, accepted_on=None))

    assert list(_by_code(file)) == ["approve", "return", "reject"]


@pytest.mark.parametrize(
    ("left", "light", "words", "tone"),
    [
        (-2, "red", "已超2个工作日", "bad"),
        (0, "red", "今天到期", "bad"),
        (3, "amber", "还剩3个工作日", "warn"),
        (9, "green", "10月28日", "neutral"),
        (9, "paused", "期限暂停", "info"),
        (None, None, "—", "neutral"),
    ],
)
def test_the_due_tag_says_how_near_the_day_is(left, light, words, tone):
    tag = due_tag({"working_days_left": left, "light": light, "due_on": "2024-10-28"})

    assert (tag.word, tag.tone) == (words, tone)


def test_colleagues_are_told_by_the_end_of_their_account():
    names = {ME: "林审核", COLLEAGUE: "沈审核"}

    assert holder(ME, _person(), names) == "我"
    assert holder(None, _person(), names) == "无人承办"
    assert holder(COLLEAGUE, _person(), names) == "沈审核"
    assert holder(COLLEAGUE, _person(), {}) == "同事（账号尾号92f7）"


def test_states_are_told_in_the_words_of_the_authority():
    assert state_tag(_case(application_state="submitted")).word == "待受理"
    assert state_tag(_case(state="decided", decision="rejected")).word == "已决定不予通过"
    assert state_tag(_case(application_state="gathering")).word == "正在检查补正"


def test_while_answers_are_gathered_there_is_no_seal():
    assert seal_of(None) == ""
    assert seal_of({"snapshot": None}) == ""
    assert seal_of({"snapshot": {"sha256": "ab"}}) == "ab"


def test_the_letter_names_the_remedies_that_the_platform_adds():
    assert text("doc.appeal.owed") == APPEAL_ZH
