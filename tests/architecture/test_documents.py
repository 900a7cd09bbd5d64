"""The documents are true: problems, events, links, decisions, words, settings."""

import importlib
import re

from otsp_chassis.problems import all_problems
from otsp_cli.documents import problems_page
from otsp_cli.rules_page import rules_page
from otsp_cli.texts_page import texts_page
from otsp_compliance.rules.catalogue import all_rules

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def test_page_of_problems_lists_every_refusal(root):
    for service in ("auth", "institution", "staff", "materials", "courses", "compliance"):
        importlib.import_module(f"otsp_{service}.app").service.load_rooms()

    page = (root / "docs/problems.md").read_text(encoding="utf-8")
    assert page == problems_page(), "run ./dev export-docs"
    for problem in all_problems():
        if problem.__module__.startswith("otsp_testkit"):
            continue
        assert f"`{problem.slug}`" in page


def test_every_429_says_when_to_come_again():
    for service in ("auth", "institution", "staff", "materials", "courses", "compliance"):
        importlib.import_module(f"otsp_{service}.app").service.load_rooms()

    slow_down = [problem for problem in all_problems() if problem.status == 429]

    assert len(slow_down) > 1
    assert all(int(problem.headers["Retry-After"]) > 0 for problem in slow_down)


def test_page_of_rules_is_what_the_registry_says(root):
    page = (root / "docs/rules.md").read_text(encoding="utf-8")

    assert page == rules_page(), "run ./dev export-docs"
    for one in all_rules().rules:
        row = f"| {one.head.id} | {one.head.version} | "
        assert page.count(row) == 1


def test_page_of_texts_is_what_people_are_sent(root):
    page = (root / "docs/texts.md").read_text(encoding="utf-8")

    assert page == texts_page(), "run ./dev export-docs"
    assert "注册验证码 {code}，{minutes} 分钟内有效" in page


def test_links_between_documents_lead_somewhere(root):
    documents = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("*/*/README.md")]
    broken = [
        (str(document.relative_to(root)), target)
        for document in documents
        for target in LINK.findall(document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]

    assert broken == []


def test_decisions_are_numbered_without_gaps_and_listed(root):
    records = sorted((root / "docs/adr").glob("[0-9]*.md"))
    listed = (root / "docs/adr/README.md").read_text(encoding="utf-8")

    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert record.name in listed
        for heading in ("## Context", "## Decision", "## Consequences"):
            assert heading in text, (record.name, heading)


def test_every_dependency_is_named_in_a_decision(root):
    named = (root / "docs/adr").glob("*.md")
    text = "\n".join(record.read_text(encoding="utf-8") for record in named)
    wanted = {
        re.split(r"[\[<>=;~ ]", line)[0]
        for group in ("runtime", "embedded", "dev")
        for line in (root / f"requirements/{group}.in").read_text().splitlines()
        if line and not line.startswith(("#", "-"))
    }

    assert sorted(name for name in wanted if not re.search(rf"`{name}(\[\w+\])?`", text)) == []


def test_glossary_gives_one_english_word_for_each_chinese_term(root):
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \|", (root / "docs/glossary.md").read_text(), re.MULTILINE
    )
    terms = [term for chinese, _ in rows if (term := chinese.strip()) not in {"中文", "---"}]

    assert len(terms) > 60
    assert len(terms) == len(set(terms))
