"""S9: the pages on security name every item of the standard, and tests that are there."""

import re

import pytest

from otsp_local.environment import ROOT

PAGES = ("security.md", "security/asvs.md")
ITEMS = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1
4.3:2 4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2
7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2
10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5
14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2
"""
"""Section:items of levels 1 and 2 of ASVS 5.0.0; in each section they are the first ones."""
ROW = re.compile(r"^\| ([\d., ]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
VERDICTS = {"met", "n/a", "deviates", "open"}
NAMED = re.compile(r"`((?:tests|services|libs|cli|gateway|local|portal)/[\w./-]+)(?:::(\w+))?`")


def page(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def listed():
    for each in ITEMS.split():
        section, count = each.split(":")
        yield from (f"{section}.{number}" for number in range(1, int(count) + 1))


def test_every_item_has_one_row_with_a_verdict_and_its_reason():
    rows = ROW.findall(page("security/asvs.md"))

    assert sorted(i for ids, *_ in rows for i in ids.split(", ")) == sorted(listed())
    assert [
        ids for ids, _, verdict, why in rows if verdict not in VERDICTS or not why.strip()
    ] == []


def test_the_head_of_the_page_counts_right():
    text = page("security/asvs.md")
    counts = dict.fromkeys(VERDICTS, 0)
    for ids, _, verdict, _ in ROW.findall(text):
        counts[verdict] += len(ids.split(", "))

    head = text.partition("\n## ")[0]
    told = re.search(
        r"(\d+) items .* (\d+) met, (\d+) about .* (\d+) where .* (\d+) open", head, re.DOTALL
    )
    assert [int(each) for each in told.groups()] == [
        sum(counts.values()), *(counts[each] for each in ("met", "n/a", "deviates", "open"))
    ]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_names_as_shown_is_there(name):
    named = NAMED.findall(page(name))

    assert named
    assert [path for path, _ in named if not (ROOT / path).exists()] == []
    missing = [
        f"{path}::{test}"
        for path, test in named
        if test and f"def {test}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert missing == []
