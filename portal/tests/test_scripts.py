"""What the scripts do, in Chromium: they help, and a page without them lacks nothing."""

import threading

import pytest
from flask import jsonify, render_template_string, request
from werkzeug.serving import make_server

PAGE = """{% extends "base.html" %}{% from "components/macros.html" import copyable, stages %}
{% block title %}样页{% endblock %}{% block main %}<h1>样页</h1>
<form method="post" action="/sent" data-autosave="/draft">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<label for="uscc">统一社会信用代码</label><input id="uscc" name="uscc" data-check="uscc">
<label for="idno">证件号码</label><input id="idno" name="idno" data-check="id">
<label for="word">密码</label><input id="word" name="word" type="password">
<button type="button" data-reveal="word" hidden>显示</button>
<button class="btn btn-primary">保存</button><span data-autosave-status></span></form>
<button type="button" data-countdown="57">获取验证码</button>
{{ copyable("RC20241018000123") }}
<fieldset data-lesson="20:30"><input data-part="start" value="19:00"><input data-part="lessons">
<input data-part="minutes" value="45"><input data-part="pause" value="15">
<p data-end></p></fieldset>
{% if request.args.watch %}<section data-progress="/progress" data-every="0.05">
<p data-progress-text></p>{{ stages([("staff", "人员", "", "todo")]) }}</section>{% endif %}
{% endblock %}"""


@pytest.fixture
def heard():
    """What the scripts sent, and what they are to be answered."""
    return {"drafts": [], "passive": [], "seconds": 7200, "asked": 0, "lost": False}


@pytest.fixture
def site(frame, heard, institution):
    def page():
        told = {"person": institution, "session_seconds": 7200, "request_id": "01JB7Q2M4K"}
        return render_template_string(PAGE, **told)

    def draft():
        heard["passive"].append(request.headers.get("OTSP-Passive"))
        heard["drafts"].append(request.form.to_dict())
        return ("", 503) if heard["lost"] else jsonify(saved_at="10:26")

    def session():
        if request.method == "POST":
            heard["seconds"] = 7200
        else:
            heard["passive"].append(request.headers.get("OTSP-Passive"))
        return jsonify(seconds=heard["seconds"])

    def progress():
        heard["asked"] += 1
        heard["passive"].append(request.headers.get("OTSP-Passive"))
        done = heard["asked"] > 1
        stage = {"key": "staff", "state": "done", "note": "8人", "say": "人员已汇集，8项"}
        final = heard["asked"] > 2
        return jsonify(
            final=final, next="/sent", value=None, text="汇集", stages=[stage] if done else []
        )

    def sent():
        return "<title>到了</title>"

    frame.add_url_rule("/page", view_func=page)
    frame.add_url_rule("/draft", view_func=draft, methods=["POST"])
    frame.add_url_rule("/session", view_func=session, methods=["GET", "POST"])
    frame.add_url_rule("/progress", view_func=progress)
    frame.add_url_rule("/sent", view_func=sent, methods=["GET", "POST"])
    server = make_server("127.0.0.1", 0, frame, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chromium, site):
    context = chromium.new_context(
        base_url=site, permissions=["clipboard-read", "clipboard-write"], locale="zh-CN"
    )
    opened = context.new_page()
    errors = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.clock.install(time="2026-11-02T09:00:00")
    opened.clock.pause_at("2026-11-02T10:00:00")  # time passes only where a test lets it
    opened.goto("/page")
    yield opened
    context.close()
    assert errors == []


def _says(page, selector, words):
    page.wait_for_function(
        "([selector, words]) => document.querySelector(selector).textContent.includes(words)",
        arg=[selector, words],
    )


def _until(holds, page):
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(20)
    pytest.fail("it never came")


def test_check_digits_are_told_when_the_number_is_complete(page):
    page.fill("#uscc", "52330106MJFAKE011")
    assert page.text_content("#uscc-live") == ""

    page.fill("#uscc", "52330106MJFAKE011R")
    assert page.text_content("#uscc-live") == "第18位应为P，现在是R"
    assert page.text_content("#live") == "第18位应为P，现在是R"

    page.fill("#uscc", "52330106MJFAKE011P")
    assert page.text_content("#uscc-live") == "✓ 校验通过"
    assert page.get_attribute("#uscc", "aria-describedby") == "uscc-live"


@pytest.mark.parametrize(
    ("number", "said"),
    [("11010519491231002X", "✓ 校验通过"), ("110105194912310021", "第18位应为X，现在是1")],
)
def test_citizen_numbers_have_their_own_check_digit(page, number, said):
    page.fill("#idno", number)

    assert page.text_content("#idno-live") == said


def test_what_is_pasted_is_cleaned(page):
    page.evaluate("navigator.clipboard.writeText('５２３３ ０１０６-mjfake011p\\n')")
    page.focus("#uscc")
    page.keyboard.press("Control+V")

    assert page.input_value("#uscc") == "52330106MJFAKE011P"
    assert page.text_content("#uscc-live") == "✓ 校验通过"


def test_a_number_is_copied_without_its_gaps(page):
    page.click("main [data-copy]")
    _says(page, "#live", "已复制")

    assert page.evaluate("navigator.clipboard.readText()") == "RC20241018000123"


def test_a_password_can_be_looked_at(page):
    page.click("[data-reveal]")
    assert page.get_attribute("#word", "type") == "text"

    page.click("[data-reveal]")
    assert page.get_attribute("#word", "type") == "password"


def test_the_code_button_counts_down(page):
    button = page.locator("[data-countdown]")
    assert button.text_content() == "57秒后可重新获取"
    assert button.get_attribute("aria-disabled") == "true"

    page.clock.run_for(58_000)
    assert button.text_content() == "获取验证码"
    assert button.get_attribute("aria-disabled") is None


def test_the_end_of_a_class_is_told_while_it_is_chosen(page):
    page.fill("[data-part=lessons]", "1")
    assert page.text_content("[data-end]") == "19:00开始，共1课时，19:45结束"

    page.fill("[data-part=lessons]", "2")
    assert page.text_content("[data-end]").endswith("20:45结束，晚于20:30。最晚18:45开始")


def test_a_draft_is_saved_after_a_pause_without_the_password(page, heard):
    page.fill("#word", "geheim")
    page.fill("#idno", "1")
    page.clock.run_for(11_000)
    _says(page, "[data-autosave-status]", "草稿已保存 10:26")

    assert heard["drafts"][-1]["idno"] == "1"
    assert {draft["_draft"] for draft in heard["drafts"]} == {"1"}, "or it is saved in earnest"
    assert [draft for draft in heard["drafts"] if "word" in draft] == []
    assert set(heard["passive"]) == {"true"}


def test_a_draft_that_is_not_saved_is_said_and_saved_later(page, heard):
    heard["lost"] = True
    page.fill("#idno", "1")
    page.clock.run_for(11_000)
    _says(page, "[data-autosave-status]", "草稿没有保存上")

    heard["lost"] = False
    page.clock.run_for(21_000)
    _says(page, "[data-autosave-status]", "草稿已保存 10:26")
    assert heard["drafts"][-1]["idno"] == "1"


def test_the_end_of_a_session_is_announced_and_can_be_put_off(page, heard):
    heard["seconds"] = 280
    page.clock.run_for(6_915_000)
    _says(page, "#idle-text", "后自动退出")
    assert page.text_content("#live") == "还有5分钟自动退出"

    page.click("#idle button")
    page.wait_for_function("document.getElementById('live').textContent === ''")
    page.clock.run_for(2_000)
    assert page.is_hidden("#idle")
    assert heard["seconds"] == 7200


def test_before_a_session_ends_the_draft_is_saved(page, heard):
    heard["seconds"] = 68
    page.clock.run_for(6_915_000)
    _says(page, "#idle-text", "后自动退出")
    page.fill("#idno", "1")
    page.clock.run_for(4_000)
    _says(page, "[data-autosave-status]", "草稿已保存 10:26")
    page.fill("#idno", "12")  # too soon after the last draft, were the session not about to end
    page.clock.run_for(5_000)
    _until(lambda: heard["drafts"][-1]["idno"] == "12", page)

    heard["seconds"] = 0
    page.clock.run_for(60_000)
    _says(page, "#idle-text", "因2小时未操作已自动退出")
    assert page.is_visible("#idle a")


def test_progress_is_told_stage_by_stage_and_leads_on(page, heard):
    page.clock.resume()
    page.goto("/page?watch=1")
    page.wait_for_url("**/sent")

    assert heard["asked"] == 3
    assert set(heard["passive"]) == {"true"}


def test_a_form_is_sent_once(page):
    page.evaluate("""() => {
        window.sent = 0;
        document.addEventListener("submit", (event) => {
            window.sent += event.defaultPrevented ? 0 : 1;
            event.preventDefault();
        });
    }""")
    page.click(".btn-primary")
    page.click(".btn-primary")

    assert page.evaluate("window.sent") == 1
    assert page.text_content(".btn-primary") == "正在提交…"


def test_escape_closes_the_menu_and_gives_the_focus_back(page):
    page.set_viewport_size({"width": 360, "height": 740})
    page.click(".nav-open")
    assert page.is_visible("#nav")

    page.keyboard.press("Escape")
    assert page.is_hidden("#nav")
    assert page.evaluate("document.activeElement.className") == "nav-open"


def test_the_menu_works_without_scripts(chromium, site):
    context = chromium.new_context(
        base_url=site, java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    page.goto("/page")
    page.click(".nav-open")
    assert page.is_visible("#nav")
    assert page.is_hidden("[data-copy]")

    page.click(".nav-close")
    assert page.is_hidden("#nav")
    context.close()
