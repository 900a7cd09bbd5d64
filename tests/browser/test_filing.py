"""办事: the home page, checks and applications, the way from a finding to its field, history."""

import re
import time
from urllib.parse import urlsplit

import pytest

HREF = re.compile(r'<article class="finding".*?</article>', re.DOTALL)


def settled(visitor, path, seconds=60):
    """Refresh as a browser without scripts does, until the check has come to a judgement."""
    until = time.monotonic() + seconds
    while True:
        answer = visitor.get(path)
        if 'http-equiv="refresh"' not in answer.text:
            return answer
        assert time.monotonic() < until, "the check came to no end"


@pytest.fixture(scope="module")
def checked(visitors):
    """The result of a self-check of institution C."""
    visitor = visitors("institution-C")
    started = visitor.post("/self-checks", visitor.get("/self-checks"))
    return settled(visitor, started.url.path)


@pytest.fixture(scope="module")
def refused(visitors):
    """The result of an application of institution C: not submitted."""
    visitor = visitors("institution-C")
    form = visitor.get("/apply/check")
    filed = visitor.post("/apply/check", form, kind="initial")
    return settled(visitor, filed.url.path)


def test_home_shows_the_buttons_and_how_complete_the_file_is(visitors, sound):
    answer = visitors("institution-C").get("/home")

    sound(answer)
    assert 'href="/apply">合规申请</a>' in answer.text
    assert 'href="/deregister">注销申请</a>' in answer.text
    assert "资料完整度" in answer.text
    assert re.search(
        r'href="/staff/[0-9a-f-]{36}#f-precheck_on">招用前违法犯罪查询日期', answer.text
    )


def test_while_a_review_runs_the_buttons_say_why_not_and_what_cures_it(visitors, sound):
    answer = visitors("institution-A").get("/home")

    sound(answer)
    assert answer.text.count('aria-disabled="true"') == 2
    assert 'aria-describedby="why-apply"' in answer.text
    assert re.search(r"已有正在办理的申请.*?href=\"/apply/[0-9a-f-]{36}\">查看进度", answer.text)
    assert "西湖区教育局" in answer.text


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/institution/basic", "机构名称"),
        ("/funds/supervision", "监管方式"),
        ("/institution/party", "党员"),
    ],
)
def test_while_a_review_runs_the_file_reads_as_text(visitors, sound, path, label):
    answer = visitors("institution-A").get(path)

    page = sound(answer)
    assert "审核中，信息已锁定，可撤回申请后修改" in page.texts
    assert any(each.startswith(label) for each in page.texts)
    assert [each for each in page.forms if each.told["action"] == path] == []


def test_people_may_still_leave_while_a_review_runs(visitors, sound):
    clerk = visitors("institution-A")
    found = clerk.get("/staff/employed")
    address = re.search(r'<a href="(/staff/[0-9a-f-]{36})">', found.text)[1]

    page = sound(clerk.get(address))

    assert any("审核期间仍可转离职" in each for each in page.texts)
    assert f"{address}/departure" in page.links


def test_filing_against_a_disabled_button_is_refused_with_the_same_sentence(visitors, sound):
    visitor = visitors("institution-A")
    answer = visitor.post("/apply/check", visitor.get("/apply/check"), kind="initial")

    sound(answer, 422)
    assert "<title>错误：" in answer.text
    assert "已有正在办理的申请：请等待其办结，或撤回后重新申请。" in answer.text


def test_self_check_without_scripts_comes_to_a_result(checked, sound):
    sound(checked)

    assert re.search(r"有\d+项必须整改", checked.text)
    assert "一次性收费不得超过3个月或60课时" in checked.text
    assert "FND-003" in checked.text


def test_task_list_says_the_state_of_each_section(visitors, checked, sound):
    answer = visitors("institution-C").get("/apply")

    sound(answer)
    assert re.search(r"自查发现\d+项必须整改", answer.text)
    assert re.search(r"缺\d+项", answer.text)
    assert 'href="/apply/check">核对并提交</a>' in answer.text


def test_answers_are_checked_before_filing(visitors, checked, sound):
    answer = visitors("institution-C").get("/apply/check")

    sound(answer)
    assert "91510107MAFAKE0358" in answer.text
    assert "办学许可证将于30日内到期，请及时申请延续" in answer.text
    assert "提交后资料锁定，检查约需1分钟；未通过时自动解锁。" in answer.text


def test_result_of_an_application_says_article_and_remedy(refused, sound):
    sound(refused)

    assert refused.url.path.endswith("/result")
    assert "未提交" in refused.text
    assert re.search(r"有\d+项必须整改", refused.text)
    findings = HREF.findall(refused.text)
    assert len(findings) >= 8
    for finding in findings:
        assert "依据" in finding
        assert "改法" in finding
        assert re.search(r'href="/[a-z]+[^"]*\?from=[0-9a-f-]{36}&amp;finding=\d+[#"]', finding)


def test_button_of_a_finding_leads_to_the_field_and_saving_leads_on(visitors, refused, sound):
    visitor = visitors("institution-C")
    href = re.search(r'href="(/funds/fees/[^"]+lesson_count)"', refused.text)[1].replace(
        "&amp;", "&"
    )
    field = urlsplit(href).fragment
    answer = visitor.get(href.split("#")[0])

    sound(answer)
    assert f'id="{field}"' in answer.text
    before, _, _ = answer.text.partition(f'id="{field}"')
    assert "一次性收费不得超过3个月或60课时" in before
    assert "保存，去下一项" in answer.text
    assert '<input type="hidden" name="_finding" value="' in answer.text


def test_live_page_tells_scripts_how_far_each_section_is(visitors, refused):
    visitor = visitors("institution-C")
    progress = refused.url.path.replace("/result", "/progress")
    answer = visitor.http.get(progress, headers={"OTSP-Passive": "true"})

    told = answer.json()
    assert told["final"] is True
    assert told["next"] == progress.removesuffix("/progress")
    assert [each["key"] for each in told["stages"]] == [
        "lock",
        "institution",
        "staff",
        "materials",
        "courses",
        "rules",
    ]


def test_application_under_review_shows_its_clock_and_what_comes_next(visitors, sound):
    visitor = visitors("institution-A")
    home = visitor.get("/home")
    path = re.search(r'href="(/apply/[0-9a-f-]{36})"', home.text)[1]
    answer = visitor.get(path)

    sound(answer)
    assert "接下来会怎样" in answer.text
    assert "办理期限" in answer.text
    assert "期限届满不会自动通过" in answer.text or "视为受理" in answer.text
    sound(visitor.get(f"{path}/withdrawal"))
    sound(visitor.get(f"{path}/result"))
    sound(visitor.get(f"{path}/notice"))
    sound(visitor.get(f"/history{path.removeprefix('/apply')}/diff"))


def test_receipt_is_shown_printed_and_handed_out_as_a_file(visitors, sound):
    visitor = visitors("institution-A")
    history = visitor.get("/history")
    sound(history)
    path = re.search(r'href="(/receipts/TJ[^"]+)"', history.text)[1]

    sound(visitor.get(path))
    file = visitor.get(f"{path}/file")
    assert file.json()["payload"]["receipt_no"] == path.removeprefix("/receipts/")
    assert "attachment" in file.headers["Content-Disposition"]


def test_deregistration_asks_in_the_order_of_the_manual(visitors, sound):
    answer = visitors("institution-C").get("/deregister")

    sound(answer)
    order = [
        answer.text.index(word) for word in ("退还学员费用", "支付工资和社会保险费", "偿还其他债务")
    ]
    assert order == sorted(order)


def test_deregistration_that_lacks_something_comes_back_with_all_faults(visitors, sound):
    visitor = visitors("institution-C")
    form = visitor.get("/deregister")
    answer = visitor.post("/deregister/files", form, unrefunded_fen="12.345", stop_on="20240230")

    sound(answer, 422)
    assert 'value="12.345"' in answer.text
    assert 'value="20240230"' in answer.text
    assert answer.text.count('class="err"') >= 2


def test_closing_is_checked_without_filing(visitors, sound):
    visitor = visitors("institution-C")
    form = visitor.get("/deregister")
    asked = {"reason": "voluntary", "stop_on": "2024-10-01", "unrefunded_fen": "100"}
    answer = visitor.post("/deregister/files", form, **asked, _check="1")
    result = settled(visitor, answer.url.path)

    sound(result)
    assert "DER-002" in result.text
    assert re.search(
        r'href="/deregister\?from=[0-9a-f-]{36}&amp;finding=\d+#f-unrefunded_fen"', result.text
    )


def test_changes_say_why_they_cannot_be_applied_for(visitors, sound):
    answer = visitors("institution-C").get("/changes")

    sound(answer)
    assert "机构目前没有生效的合规审核结论" in answer.text


def test_application_of_another_institution_is_neither_shown_nor_withdrawn(visitors, sound):
    home = visitors("institution-A").get("/home").text
    path = re.search(r'href="(/apply/[0-9a-f-]{36})"', home)[1]
    stranger = visitors("institution-C")

    shown = stranger.get(path)
    withdrawn = stranger.post(f"{path}/withdrawal", stranger.get("/settings/profile"))

    sound(shown, 403)
    assert withdrawn.status_code == 403
    assert path in visitors("institution-A").get("/home").text
