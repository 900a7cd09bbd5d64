"""The API page comes from this edge alone: no other host, no inline script."""

import re

import pytest

FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "page.css", "page.js", "favicon-32x32.png")


@pytest.fixture
def page(edge):
    answer = edge.ask("GET", "/api/docs/")
    assert answer.status == 200
    return answer


def test_the_page_is_chinese_and_has_one_heading(page):
    text = page.body.decode()

    assert '<html lang="zh-CN">' in text
    assert "<title>接口文档" in text
    assert text.count("<h1>") == 1
    assert page.headers["content-type"] == "text/html; charset=utf-8"


def test_the_page_loads_only_its_own_files(edge, page):
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.body.decode())

    assert set(FILES) <= set(loaded)
    for reference in loaded:
        assert "//" not in reference
        path = reference if reference.startswith("/") else f"/api/docs/{reference}"
        assert edge.ask("GET", path).status == 200, path


def test_the_page_has_no_inline_script_and_its_policy_allows_none(page):
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page.body.decode(), re.DOTALL)
    policy = page.headers["content-security-policy"]

    assert scripts
    assert all("src=" in attributes and not inside for attributes, inside in scripts)
    assert "script-src 'self';" in policy
    assert "http" not in policy


def test_the_page_sends_nothing_to_a_validator_elsewhere(edge):
    script = edge.ask("GET", "/api/docs/page.js").body.decode()

    assert "validatorUrl: null" in script
    assert 'url: "/api/openapi.json"' in script
    assert "https://" not in script


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("page.js", "text/javascript; charset=utf-8"),
        ("page.css", "text/css; charset=utf-8"),
        ("favicon-32x32.png", "image/png"),
    ],
)
def test_files_have_their_types(edge, name, content_type):
    answer = edge.ask("GET", f"/api/docs/{name}")

    assert answer.headers["content-type"] == content_type
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_document_is_public_and_complete(edge):
    answer = edge.ask("GET", "/api/openapi.json")

    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert set(answer.json()["paths"]) == {
        "/api/auth/v1/sessions",
        "/api/staff/v1/institutions/{institution_id}/staff",
    }


def test_the_page_without_its_slash_leads_to_it(edge):
    answer = edge.ask("GET", "/api/docs")

    assert answer.status == 308
    assert answer.headers["location"] == "/api/docs/"


@pytest.mark.parametrize("path", ["/api/docs/", "/api/openapi.json"])
def test_the_page_is_read_only(edge, path):
    answer = edge.ask("POST", path, body=b"x")

    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"
