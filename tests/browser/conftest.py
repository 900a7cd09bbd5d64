"""The portal as people meet it: the demonstration's real processes, driven from outside."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic_settings import BaseSettings, SettingsConfigDict

from otsp_testkit.demonstration import Demo, demonstration
from otsp_testkit.pages import Page


class DemoSettings(BaseSettings):
    """OTSP_DEMO_RUN_DIR: where a demonstration runs already, while developing."""

    model_config = SettingsConfigDict(env_prefix="OTSP_DEMO_")

    run_dir: Path | None = None


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    given = DemoSettings().run_dir
    if given is not None:
        yield Demo(given, [])
        return
    with demonstration(tmp_path_factory.mktemp("portal")) as running:
        yield running


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


@pytest.fixture
def sound():
    """Assert that an answer is a page as every page is."""

    def check(answer: httpx.Response, status: int = 200) -> Page:
        page = Page(answer.text)
        assert answer.status_code == status, (answer.url, page.headings, page.texts[:40])
        assert page.faults() == [], answer.url
        return page

    return check
