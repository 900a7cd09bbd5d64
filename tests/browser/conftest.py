"""The portal as people meet it: the demonstration's real processes, driven from outside."""

import gzip
import re
from collections.abc import Mapping

import httpx
import pytest

from otsp_testkit.demonstration import DemoSettings
from otsp_testkit.pages import MOST_ROUNDS, Page, rounds_told
from otsp_testkit.schools import filed_school, registering_school

Files = Mapping[str, tuple[str, bytes, str]]
"""Name of a field → name, content and type of the file that is chosen for it."""


class Visitor:
    """A browser without scripts: keeps cookies, follows links, fills forms."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=30)

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path, follow_redirects=True)

    def post(self, path: str, page: httpx.Response, **fields: object) -> httpx.Response:
        """Send a form of that page, with its hidden CSRF token."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token, "the page has no form"
        data = {"csrf_token": token[1], **fields}
        return self.http.post(path, data=data, follow_redirects=True)

    def send(
        self, page: httpx.Response, path: str = "", *, files: Files | None = None, **typed: object
    ) -> httpx.Response:
        """Press the button of a page's form, the one that goes to that path or else to the page
        itself, with all that stands in it.
        """
        form = Page(page.text).form(path or page.url.path.removesuffix("/files"))
        data = {**form.values, **typed}
        return self.http.post(form.told["action"], data=data, files=files, follow_redirects=True)

    def undo(self, page: httpx.Response) -> httpx.Response:
        """Press the button that brings back what was just removed, wherever the page sends it."""
        form = re.search(r'<form class="undo" method="post" action="([^"]+)"', page.text)
        assert form, "the page offers no undoing"
        return self.post(form[1], page)

    def log_in(self, username: str, password: str) -> httpx.Response:
        page = self.get("/login")
        return self.post("/login", page, username=username, password=password)


@pytest.fixture(scope="session")
def visitors(demo):
    """Account of the demonstration → somebody logged in with it; "" is nobody."""
    known: dict[str, Visitor] = {}

    def visitor(account: str = "") -> Visitor:
        if account not in known:
            known[account] = Visitor(demo.url)
            if account:
                answer = known[account].log_in(*demo.account(account))
                assert "/login" not in answer.url.path, answer.text
        return known[account]

    yield visitor
    for each in known.values():
        each.http.close()


HEAVIEST_PAGE = 30 * 1024
"""Bytes as they travel, when the frame's files are there already."""


@pytest.fixture
def sound():
    """Assert that an answer is a page as every page is."""

    def check(answer: httpx.Response, status: int = 200) -> Page:
        page = Page(answer.text)
        assert answer.status_code == status, (answer.url, page.headings, page.texts[:40])
        assert page.faults() == [], answer.url
        assert len(gzip.compress(answer.content, 6)) <= HEAVIEST_PAGE, answer.url
        if answer.request.method == "GET" and not answer.history:
            assert rounds_told(answer.headers) <= MOST_ROUNDS, answer.url
        return page

    return check


@pytest.fixture(scope="session")
def gateway_url(demo):
    return DemoSettings().gateway_url or demo.url


@pytest.fixture(scope="module")
def filed(demo, gateway_url):
    """A school of the module's own, its application under review at 西湖区教育局."""
    with filed_school(demo.run_dir, gateway_url=gateway_url) as school:
        yield school


@pytest.fixture
def filed_anew(demo, gateway_url):
    """The same for one test that does more to it than its neighbours bear."""
    with filed_school(demo.run_dir, gateway_url=gateway_url) as school:
        yield school


@pytest.fixture
def registering(demo, gateway_url):
    """A school whose registration waits for 西湖区教育局."""
    with registering_school(demo.run_dir, gateway_url=gateway_url) as school:
        yield school


@pytest.fixture
def open_page(chromium, demo):
    """Somebody's own browser, logged in: a demo account, (username, password), or "" for nobody."""
    contexts = []

    def opened(account, width=1280, *, scripts=True):
        context = chromium.new_context(
            base_url=demo.url,
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            locale="zh-CN",
        )
        contexts.append(context)
        page = context.new_page()
        if not account:
            return page
        username, password = demo.account(account) if isinstance(account, str) else account
        page.goto("/login")
        page.fill("[name=username]", username)
        page.fill("[name=password]", password)
        page.click("main button[type=submit]")
        return page

    yield opened
    for context in contexts:
        context.close()
