"""What the pages for operators name is there, and nothing of the portal comes from outside."""

import re

import pytest

from otsp_cli.doctor.registry import CHECKS
from otsp_local.environment import ROOT
from otsp_portal.app import _POLICY

PAGES = ("operations.md", "doctor.md", "upgrades.md", "sizing.md", "air-gapped.md", "dengbao.md")
KNOWN = {check.name for check in CHECKS}


def page(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_files_and_tests_that_a_page_names_are_there(name):
    named = re.findall(
        r"`((?:tests|services|libs|cli|gateway|requirements|deploy)/[\w./-]+)`", page(name)
    )

    assert [each for each in named if not (ROOT / each).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_checks_of_the_doctor_that_a_page_names_are_there(name):
    named = {each for line in re.findall(r"--only ([a-z ]+)", page(name)) for each in line.split()}

    assert named <= KNOWN


def test_the_page_of_the_doctor_has_a_row_for_each_check():
    rows = re.findall(r"^\| `([a-z]+)` \|", page("doctor.md"), re.MULTILINE)

    assert rows == [check.name for check in CHECKS]


def test_the_checklist_has_every_item_of_the_computing_environment():
    text = page("dengbao.md")

    assert [n for n in range(1, 12) if f"| 8.1.4.{n}" not in text] == []
    for line in re.findall(r"^\| 8\.1.*$", text, re.MULTILINE):
        assert line.split("|")[3].strip() in {"P", "O", "P+O"}, line


def test_every_image_that_the_chart_starts_is_carried_over():
    listed = (ROOT / "deploy" / "helm" / "otsp" / "images.txt").read_text("utf-8").split()
    names = {each.rpartition("/")[2].partition(":")[0] for each in listed}

    assert names
    assert [name for name in names if f"| `{name}` |" not in page("air-gapped.md")] == []


def test_no_page_loads_anything_from_outside():
    loaded = re.compile(r"(?:src|href)=[\"']https?://|url\([\"']?https?://|@import\s+[\"']https?:")
    folder = ROOT / "portal" / "src" / "otsp_portal"
    files = [each for kind in ("html", "css", "js") for each in folder.rglob(f"*.{kind}")]

    assert files
    assert [each.name for each in files if loaded.search(each.read_text("utf-8"))] == []
    assert "default-src 'none'" in _POLICY
    assert "http" not in _POLICY
