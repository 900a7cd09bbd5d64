"""What stands round every page: headers, tokens of forms, where a login may lead."""

import re

import httpx
import pytest

from otsp_chassis.ids import new_id


@pytest.fixture
def stranger(demo):
    with httpx.Client(base_url=demo.url, timeout=30) as client:
        yield client


def test_pages_run_no_script_but_their_own_and_stand_in_no_frame(stranger):
    headers = stranger.get("/login").headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_files_of_the_frame_may_be_kept_for_a_year(stranger):
    page = stranger.get("/login").text
    (sheet,) = re.findall(r'href="(/static/portal\.css[^"]*)"', page)

    assert "max-age=31536000" in stranger.get(sheet).headers["Cache-Control"]


def test_form_without_its_token_is_shown_once_more_with_what_was_typed(stranger, sound):
    answer = stranger.post("/forgot", data={"mobile": "13800000001", "password": "geheim"})

    sound(answer, 400)
    assert 'value="13800000001"' in answer.text
    assert "geheim" not in answer.text


def test_cookie_of_the_session_is_out_of_reach_of_scripts(demo, stranger):
    page = stranger.get("/login")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    username, password = demo.account("auditor")

    answer = stranger.post(
        "/login", data={"csrf_token": token, "username": username, "password": password}
    )

    (cookie,) = [
        each for each in answer.headers.get_list("Set-Cookie") if each.startswith("otsp_session=")
    ]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("elsewhere", ["//evil.test/", "https://evil.test/", "/\\evil.test"])
def test_login_never_leads_elsewhere(demo, stranger, elsewhere):
    page = stranger.get("/login")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    username, password = demo.account("auditor")

    answer = stranger.post(
        "/login",
        data={
            "csrf_token": token, "username": username, "password": password, "next": elsewhere
        },
    )  # fmt: skip

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/desk/audit"


def test_wrong_password_is_told_without_saying_whether_the_account_exists(visitors, sound):
    visitor = visitors()

    known = visitor.log_in("demo-auditor", "Wrong-password-1")
    unknown = visitor.log_in(f"nobody-{new_id()}", "Wrong-password-1")

    assert sound(known, 422).headings == sound(unknown, 422).headings == ["登录"]
    said = re.compile(r'<h2 id="errsum-title">([^<]+)</h2>')
    assert said.search(known.text)[1] == said.search(unknown.text)[1]


def test_session_is_prolonged_by_hand_as_the_bar_of_a_page_does(visitors):
    clerk = visitors("institution-B")
    page = clerk.get("/settings/profile").text
    token = re.search(r'<meta name="csrf-token" content="([^"]+)"', page)[1]

    answer = clerk.http.post("/session", headers={"CSRF-Token": token})

    assert answer.status_code == 200
    assert answer.json()["seconds"] > 7000


def test_session_that_ended_while_somebody_typed_loses_nothing(demo, sound):
    """D41: what was sent comes back after login by the same account."""
    username, password = demo.account("institution-B")
    with httpx.Client(base_url=demo.url, timeout=30, follow_redirects=True) as client:

        def token_of(page):
            return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]

        page = client.get("/login")
        client.post(
            "/login",
            data={"csrf_token": token_of(page), "username": username, "password": password},
        )
        form = client.get("/institution/party")
        client.cookies.delete("otsp_session")
        sent = client.post(
            "/institution/party/files",
            data={
                "csrf_token": token_of(form), "_version": '"1"', "org_name": "刚写好的党支部名称"
            },
        )  # fmt: skip

        sound(sent, 401)
        sealed = re.search(r'name="_resume" value="([^"]+)"', sent.text)[1]
        again = client.post(
            "/login",
            data={
                "csrf_token": token_of(sent), "username": username, "password": password,
                "_resume": sealed,
            },
        )  # fmt: skip

        assert sound(again).headings == ["接着刚才的内容"]
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', again.text))
        shown = client.post(
            "/institution/party/files",
            data={**fields, "csrf_token": token_of(again), "_reshow": "1"},
        )

    sound(shown)
    assert "刚写好的党支部名称" in shown.text
