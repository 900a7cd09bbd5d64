"""The reviewer's day: the list, a case from acceptance to decision, the notice and its answer."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from otsp_cli.dossier.gateway import wait_for

REVIEWER = "reviewer-330106-education"
HEAD = "region_admin-330106-education"
_NUMBER = re.compile(r">\d{17}[\dX]<")
"""A whole number of identity, and nothing else that is as long."""


def _case_of(visitor, school):
    """Its address, found as a reviewer does: by the name, among the open ones or the decided."""
    lists = (f"/desk?{tab}institution_name={school.name}" for tab in ("", "tab=done&"))
    found = "".join(visitor.get(each).text for each in lists)
    return re.search(r'href="(/desk/cases/[0-9a-f-]{36})"', found)[1]


def _letter(page_text):
    return re.search(r'<article class="letter">.*?</article>', page_text, re.DOTALL)[0]


def _answer_everything(school):
    """The institution's side, by the API: its own pages are tried elsewhere."""
    path = f"/api/compliance/v1/applications/{school.application_id}"
    (notice,) = school.session.get(f"{path}/notices")["items"]
    for item in notice["items"]:
        place = f"{path}/notices/{notice['notice_id']}/items/{item['item_id']}"
        school.session.put(f"{place}/answer", {"text": "9月检查已做", "file_ids": []}, of=place)
    school.session.post(f"{path}/resubmission", None)
    wait_for(
        lambda: school.session.get(path),
        lambda seen: seen["state"] in ("in_review", "awaiting_acknowledgement"),
        seconds=90,
    )


def test_a_case_goes_from_acceptance_over_one_notice_to_the_approval_by_a_second_person(
    visitors, sound, filed
):
    clerk, head = visitors(REVIEWER), visitors(HEAD)
    case = _case_of(clerk, filed)
    waiting = clerk.get(case)
    assert "还没有受理" in waiting.text
    sound(waiting)

    accept = clerk.get(f"{case}/acceptance")
    accepted = clerk.send(accept, f"{case}/acceptance")
    assert "已受理，机构已收到通知" in accepted.text
    assert "还有1项提醒没有阅知" in accepted.text
    assert "须由另一名审核员批准" in accepted.text
    assert "承办人：示例审核员" in head.get(case).text

    findings = clerk.get(f"{case}/findings")
    link = re.search(r'href="([^"]+/notice/item\?[^"]+)"', findings.text)[1].replace("&amp;", "&")
    item = clerk.get(link)
    sound(item)
    clerk.send(
        item,
        f"{case}/notice/item",
        kind="document",
        cure_zh="上传9月检查记录，并更新检查日期",
    )
    row = clerk.get(f"{case}/snapshot?part=sites")
    sound(row)
    check = clerk.get(f"{case}/notice/check")
    sound(check)
    assert "上传9月检查记录，并更新检查日期" in _letter(check.text)
    assert "只能告知一次，共1项" in check.text
    sent = clerk.send(check, f"{case}/notice/check")
    assert "一次告知书已发出，期限暂停" in sent.text
    assert "等机构补正" in clerk.get(case).text

    _answer_everything(filed)
    sound(clerk.get(case))
    compared = clerk.get(f"{case}/notice")
    sound(compared)
    assert "9月检查已做" in compared.text
    assert "资料没有变化" in compared.text

    overview = head.get(case)
    marked = head.post(f"{case}/findings", overview, read="SIT-006")
    assert "已记下阅知和答复" in marked.text
    write = head.get(f"{case}/decision?choice=approve")
    sound(write)
    letter = head.send(write, f"{case}/decision", reason="资料符合要求。", _check="1")
    sound(letter)
    decided = head.send(
        letter,
        f"{case}/decision",
        choice="approve",
        reason="资料符合要求。",
        _send="1",
    )
    sound(decided)
    assert "决定已发出" in decided.text
    assert _letter(decided.text) == _letter(letter.text)


def test_a_refused_letter_says_exactly_what_the_platform_adds(visitors, sound, registering):
    clerk = visitors(REVIEWER)
    found = clerk.get(f"/desk/registrations?institution_name={registering.name}")
    case = re.search(r'href="(/desk/cases/[0-9a-f-]{36})"', found.text)[1]
    write = clerk.get(f"{case}/decision?choice=reject")

    empty = clerk.send(write, f"{case}/decision", choice="reject", reason="")

    page = sound(empty, 422)
    assert page.title.startswith("错误：")
    assert "理由" in empty.text


def test_masked_numbers_are_read_for_a_reason_and_hide_again(visitors, sound, filed_anew):
    clerk = visitors(REVIEWER)
    case = _case_of(clerk, filed_anew)
    page = clerk.get(f"{case}/snapshot?part=staff")
    sound(page)
    link = re.search(r'href="([^"]+/reveal\?part=staff[^"]+)"', page.text)[1].replace("&amp;", "&")

    asked = clerk.get(link)
    sound(asked)
    refused = clerk.send(asked, link, fields=["id_no", "mobile"])
    assert "请填写查看的理由" in sound(refused, 422).texts
    shown = clerk.send(
        refused,
        link,
        fields=["id_no", "mobile"],
        reason="核对教师资格证持有人",
    )

    sound(shown)
    assert not _NUMBER.search(asked.text)
    assert len(_NUMBER.findall(shown.text)) == 1
    assert 'http-equiv="refresh" content="30;' in shown.text
    assert shown.headers["Cache-Control"] == "no-store"

    place = f"{case}/reveal?part=institution"
    shown = clerk.send(
        clerk.get(place), place, fields="legal_rep.id_no", reason="核对法定代表人身份"
    )

    assert "法定代表人证件号码" in sound(shown).html
    assert len(_NUMBER.findall(shown.text)) == 1


def test_nothing_is_decided_from_afar(visitors, sound, filed_anew):
    case = _case_of(visitors(REVIEWER), filed_anew)

    stranger = visitors("reviewer-510107-education")
    sound(stranger.get(case), 403)
    typed = {"choice": "approve", "reason": "资料符合要求。", "_send": "1"}
    sound(stranger.post(f"{case}/decision", stranger.get("/desk"), **typed), 403)

    told = filed_anew.session.get(f"/api/compliance/v1/applications/{filed_anew.application_id}")
    assert told["state"] in ("submitted", "in_review")


def test_rectification_is_set_for_one_after_it_was_looked_through(visitors, sound, filed_anew):
    clerk = visitors(REVIEWER)
    new = clerk.get("/desk/rectifications/new")
    typed = {
        "institutions": filed_anew.name,
        "kind": "other",
        "reason_text": "消防通道须保持畅通。",
        "steps": "清理通道",
        "due_on": "20241115",
    }

    check = clerk.send(new, "/desk/rectifications/new", **typed)
    sound(check)
    assert filed_anew.name in check.text
    assert "共1家" in check.text
    done = clerk.send(check, "/desk/rectifications/new", **typed, _send="1")

    sound(done)
    assert "整改已下达" in done.text
    assert "清理通道" in done.text


def test_whom_nobody_knows_is_named_at_the_field(visitors, sound):
    clerk = visitors(REVIEWER)
    new = clerk.get("/desk/rectifications/new")

    refused = clerk.send(
        new,
        "/desk/rectifications/new",
        institutions="没有这家学校",
        kind="other",
        reason_text="示例",
    )

    sound(refused, 422)
    assert "辖区内没有找到“没有这家学校”" in refused.text


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (360, False)])
def test_the_pages_of_a_case_fit_and_can_be_used_by_all(open_page, visitors, filed, width, scripts):
    page = open_page(REVIEWER, width, scripts=scripts)
    case = _case_of(visitors(REVIEWER), filed)
    paths = ["/desk", "/desk/rectifications", "/desk/rectifications/new"]
    paths += [f"{case}{end}" for end in ("", "/snapshot", "/findings", "/notice", "/log")]

    for path in paths:
        page.goto(path)

        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        if scripts:
            serious = [
                (each["id"], each["nodes"][0]["html"])
                for each in Axe().run(page).response["violations"]
                if each["impact"] in ("serious", "critical")
            ]
            assert serious == [], path


def test_an_authority_has_lists_of_an_institution_as_masked_files(visitors, sound, demo):
    clerk = visitors(REVIEWER)
    found = clerk.get("/desk/institutions?q=杭州示例启明")
    place = re.search(r'href="(/desk/institutions/[0-9a-f-]{36})"', found.text)[1]
    form = clerk.get(f"{place}/exports")
    sound(form)

    blank = clerk.send(form, f"{place}/exports")
    assert "请选择名单" in sound(blank, 422).texts
    job = clerk.send(form, f"{place}/exports", list="staff.staff", format="csv")
    done = wait_for(
        lambda: clerk.get(job.url.path),
        lambda page: f'{job.url.path}/content"' in page.text,
        seconds=60,
    )

    sound(done)
    rows = clerk.get(f"{job.url.path}/content").content.decode("utf-8-sig")
    assert "姓名" in rows.splitlines()[0]
    assert not re.search(r"\d{17}[\dX]", rows)
    elsewhere = visitors("reviewer-510107-education").get(f"{job.url.path}/content")
    assert elsewhere.status_code in (403, 404)


def test_a_clock_is_paused_goes_on_is_extended_and_a_case_is_pressed(visitors, sound, filed_anew):
    clerk, head = visitors(REVIEWER), visitors(HEAD)
    case = _case_of(clerk, filed_anew)
    clerk.send(clerk.get(f"{case}/acceptance"), f"{case}/acceptance")

    pause = clerk.get(f"{case}/pause")
    blank = clerk.send(pause)
    assert {"请选择暂停的情形", "请填写理由"} <= set(sound(blank, 422).texts)
    told = {"ground": "inspection", "reason": "委托消防检验", "expected_until": "20241030"}
    paused = clerk.send(blank, **told)
    assert paused.url.path == case
    assert "期限已暂停，机构已收到通知。" in sound(paused).texts
    resumed = clerk.send(clerk.get(f"{case}/resumption"))
    assert resumed.url.path == case
    sound(resumed)

    assert visitors(REVIEWER).get(f"{case}/extension").status_code == 403
    extended = head.send(head.get(f"{case}/extension"), reason="须实地核查三处办学点")
    assert "已延长10个工作日，机构已收到通知。" in sound(extended).texts
    pressed = head.send(head.get(f"{case}/priority"), priority="urgent", reason="临近新学期")
    assert pressed.url.path == case
    assert "加急" in sound(pressed).texts
