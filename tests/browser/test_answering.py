"""What an institution answers to its authority: notice, rectification, change; in Chromium."""

import re

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from otsp_chassis.ids import new_id
from otsp_cli.dossier.gateway import wait_for

PDF = {
    "name": "凭证.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\n"
    b"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n"
    b"0000000105 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n166\n%%EOF\n",
}
BASE = "/api/compliance/v1"


@pytest.fixture(scope="module")
def officer(demo, gateway_url):
    """Act as a member of 西湖区教育局, by the API: their pages are tried elsewhere."""

    def act(account, path, body=None, method="POST"):
        username, password = demo.account(f"{account}-330106-education")
        with httpx.Client(base_url=gateway_url, timeout=60, trust_env=False) as client:
            login = {"username": username, "password": password}
            opened = client.post("/api/auth/v1/sessions", json=login)
            told = {
                "Authorization": f"Bearer {opened.json()['token']}",
                "Idempotency-Key": str(new_id()),
            }
            answer = client.request(method, f"{BASE}{path}", json=body, headers=told)
        assert answer.is_success, answer.text
        return answer.json()

    return act


@pytest.fixture
def clerk(open_page, filed_anew):
    return open_page((filed_anew.username, filed_anew.password))


@pytest.fixture
def accepted(filed_anew, officer):
    """Its case, accepted."""
    case = filed_anew.session.get(f"{BASE}/applications/{filed_anew.application_id}")["case_id"]
    officer("reviewer", f"/cases/{case}/acceptance", {})
    return case


@pytest.fixture
def noticed(filed_anew, officer, accepted):
    """Given its one complete notice."""
    courses = f"/api/courses/v1/institutions/{filed_anew.institution_id}"
    sites = filed_anew.session.get(f"{courses}/sites")
    item = {
        "kind": "wrong_value",
        "part": "sites",
        "object_id": sites["items"][0]["site_id"],
        "pointer": "/fire_check_on",
        "rule_id": "SIT-006",
        "cure_zh": "组织9月防火检查并更新日期",
    }
    officer("reviewer", f"/cases/{accepted}/notices", {"items": [item]})
    wait_for(
        lambda: filed_anew.session.get(f"{BASE}/applications/{filed_anew.application_id}"),
        lambda seen: seen["state"] == "supplementing",
        seconds=60,
    )


def _press(page, words):
    page.locator("main").get_by_role("button", name=words, exact=True).first.click()


def _follow(page, words):
    page.locator("main").get_by_role("link", name=words).first.click()


def _sound(page, width):
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    serious = [
        (each["id"], each["nodes"][0]["html"])
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == [], page.url


@pytest.mark.usefixtures("noticed")
def test_a_notice_is_answered_item_by_item_beside_what_was_changed(clerk, filed_anew):
    clerk.goto("/home")
    _follow(clerk, "逐项补正")
    assert "组织9月防火检查并更新日期" in clerk.inner_text("main")
    assert clerk.locator("[aria-disabled=true]", has_text="提交补正").count() == 1
    assert "第1项还没有答复" in clerk.inner_text("main")

    _follow(clerk, "修改办学点")
    assert clerk.url.endswith("#f-fire_check_on")
    clerk.fill("#f-fire_check_on", "2024-10-10")
    clerk.locator(".form-foot button[type=submit]").first.click()

    clerk.goto(f"/apply/{filed_anew.application_id}/notice")
    assert "2024-10-10" in clerk.inner_text("main")
    _follow(clerk, "填写答复")
    clerk.fill("[name=text]", "已检查，日期已更新。")
    clerk.set_input_files("[name='file_ids.file']", PDF)
    _press(clerk, "保存")
    assert "已检查，日期已更新。" in clerk.inner_text("main")
    _press(clerk, "提交补正")

    clerk.get_by_text("审核中").first.wait_for(timeout=90_000)
    assert clerk.url.endswith(f"/apply/{filed_anew.application_id}")


def test_rectification_is_done_step_by_step_and_handed_in(clerk, filed_anew, officer):
    task = officer(
        "reviewer",
        "/rectifications",
        {
            "institution_id": filed_anew.institution_id,
            "kind": "other",
            "reason_text": "消防通道须保持畅通。",
            "steps": ["清理通道", "张贴示意图"],
            "due_on": "2024-11-15",
        },
    )
    clerk.goto("/home")
    assert "待整改" in clerk.inner_text("main")
    assert "清理通道" in clerk.inner_text("main")
    clerk.goto(f"/rectifications/{task['rectification_id']}")
    clerk.fill("[name=note]", "已整改。")
    _press(clerk, "提交核验")
    assert clerk.title().startswith("错误：")
    assert clerk.input_value("[name=note]") == "已整改。"

    for step in ("清理通道", "张贴示意图"):
        clerk.goto(f"/rectifications/{task['rectification_id']}")
        _follow(clerk, step)
        clerk.fill("[name=done_on]", "20241015")
        clerk.set_input_files("[name='file_ids.file']", PDF)
        _press(clerk, "保存")
    clerk.fill("[name=note]", "两项均已完成。")
    _press(clerk, "提交核验")

    assert "整改已提交，将在合规申请中一并核验" in clerk.inner_text("main")


def test_what_was_approved_is_changed_by_application_and_nothing_typed_is_lost(
    clerk, filed_anew, accepted, officer
):
    path = f"{BASE}/applications/{filed_anew.application_id}"
    told = filed_anew.session.get(path)
    warned = [each["rule_id"] for each in told["findings"]["warnings"]]
    decision = {"decision": "approve", "reason": "符合要求。", "warnings_read": warned}
    officer("region_admin", f"/cases/{accepted}/decisions", decision)
    wait_for(
        lambda: filed_anew.session.get(
            f"/api/institution/v1/institutions/{filed_anew.institution_id}"
        ),
        lambda seen: seen["major_fields"],
        seconds=60,
    )
    clerk.goto("/home")
    assert "合规，有效至" in clerk.inner_text("main")
    clerk.goto(f"/apply/{filed_anew.application_id}")
    assert "决定" in clerk.inner_text(".letter")
    _follow(clerk, "决定回执")
    assert "有效" in clerk.inner_text("main")

    clerk.goto("/institution/basic")
    renamed = f"{filed_anew.name}（新）"
    clerk.fill("[name=name]", renamed)
    clerk.locator(".form-foot button[type=submit]").first.click()
    assert clerk.title().startswith("错误：")
    _press(clerk, "提出变更")
    assert "/changes/basic-information" in clerk.url
    assert clerk.input_value("[name=name]") == renamed
    _press(clerk, "提出变更")

    clerk.wait_for_url("**/changes")
    assert renamed in clerk.inner_text("table.diff ins")
    wait_for(
        lambda: filed_anew.session.get(f"{BASE}/home")["apply"]["kinds"],
        lambda seen: any(each["kind"] == "change" and each["enabled"] for each in seen),
        seconds=60,
    )
    clerk.goto("/changes")
    _follow(clerk, "提交变更申请")
    assert clerk.is_checked("[name=kind][value=change]")
    clerk.goto("/changes")
    _follow(clerk, "放弃拟变更事项")
    _press(clerk, "放弃")
    assert clerk.locator("table.diff").count() == 0


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (360, False)])
def test_filing_goes_from_the_home_page_to_the_field_of_a_finding(open_page, width, scripts):
    page = open_page("institution-C", width, scripts=scripts)
    for path in ("/home", "/apply", "/self-checks", "/deregister", "/changes", "/history"):
        page.goto(path)
        if scripts:
            _sound(page, width)
    page.goto("/home")
    _follow(page, "合规申请")
    _follow(page, "核对并提交")
    _press(page, "提交申请")
    assert re.search(r"/apply/[0-9a-f-]{36}", page.url)
    page.wait_for_url("**/result", timeout=90_000)
    assert "未提交" in page.inner_text("main")
    if scripts:
        _sound(page, width)

    page.locator("#finding-1 a.btn").click()

    field = page.url.partition("#")[2]
    assert field
    assert page.locator(f"#{field}").count() == 1
    here = page.url.partition("?")[0]
    _press(page, "保存，去下一项")
    page.wait_for_url("**?from=*")
    assert page.url.partition("?")[0] != here
