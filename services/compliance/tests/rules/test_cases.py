"""Every case of the tables: what it comes to, how it is told, and that no rule lacks a case."""

from datetime import date

import pytest

from otsp_compliance.rules.catalogue import catalogue, closing_catalogue
from otsp_compliance.rules.registry import Severity
from otsp_compliance.rules.wording import found_zh, required_zh, wordless_keys

KEPT = None
SECTIONS = {
    "institution": {"institution", "licence", "certificates", "party", "funds", "other_docs"},
    "staff": {"staff"},
    "materials": {"materials"},
    "courses": {"sites", "systems", "courses"},
}
RULE_IDS = sorted(
    {
        one.head.id
        for one in (*catalogue().rules, *closing_catalogue().rules)
        if one.head.family != "CMP"
    }
)

MEASURED = [
    f"{family}-{number:03}"
    for family, numbers in {
        "LIC": (2, 3, 11),
        "PTY": (1, 2),
        "STF": (4, 8, 9, 11, 20),
        "TIM": (1, 2, 3, 4, 6, 9),
        "CRS": (7, 9),
        "MAT": (4, 6),
        "FND": (3, 4, 5, 6, 7, 12),
        "SIT": (1, 4, 5, 6, 8),
        "NET": (1, 5, 6, 8),
        "DER": (2, 3, 6, 7),
    }.items()
    for number in numbers
]
"""Rules that compare with a number, a day or a time."""


def part_of(document, pointer):
    """The document that a pointer leads into: a section, or what compliance adds itself."""
    first = pointer.split("/")[1]
    for section, parts in SECTIONS.items():
        if first in parts:
            return document[section]
    return document


def leads_somewhere(document, pointer):
    """Whether the place is there; below something absent there is no place to point to."""
    node = part_of(document, pointer)
    for step in pointer.split("/")[1:]:
        if node is None:
            return True
        if isinstance(node, list):
            if int(step) >= len(node):
                return False
            node = node[int(step)]
        elif step not in node:
            return False
        else:
            node = node[step]
    return True


def test_case(case, evaluation_of, offending):
    assert offending(evaluation_of(case), case.rule_id) == case.expected


def test_findings_of_a_case_say_all(case, evaluation_of, document_of):
    """Not only those of its own rule: whatever is found is told in full."""
    document = document_of(case)

    for finding in evaluation_of(case).findings:
        assert finding.message_zh
        assert finding.remedy_zh
        assert finding.breaches
        assert [citation.text_zh for citation in finding.basis] != []
        assert finding.severity in Severity
        for breach in finding.breaches:
            told = (finding.rule_id, breach)
            assert breach.required is not None, told
            assert found_zh(breach), told
            assert required_zh(breach), told
            assert wordless_keys(breach.found, required=False) == set(), told
            assert wordless_keys(breach.required, required=True) == set(), told
            assert leads_somewhere(document, breach.pointer), told


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_what_stands_there_and_what_should_is_quoted(rule_id, cases, evaluation_of, quoted):
    broken = [one for one in cases if one.rule_id == rule_id and isinstance(one.expected, set)]
    told = [
        [[each.pointer, plain(each.found), plain(each.required)] for each in finding.breaches]
        for case in broken
        for finding in evaluation_of(case).findings
        if finding.rule_id == rule_id
    ]

    assert told == quoted[rule_id]


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_each_rule_is_shown_kept_and_broken(rule_id, cases):
    shown = {one.expected is KEPT for one in cases if one.rule_id == rule_id}

    assert shown == {True, False}


def boundaries(rule_id, cases, document_of):
    """The values on both sides of each boundary that the cases show: nothing else differs."""
    own = [(one, document_of(one)) for one in cases if one.rule_id == rule_id]
    for kept, document in own:
        for broken, changed in own:
            if kept.expected is KEPT and isinstance(broken.expected, set):
                apart = list(differences((kept.as_of, document), (broken.as_of, changed)))
                if len(apart) == 1:
                    yield apart[0]


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_each_rule_is_shown_at_its_boundary(rule_id, cases, document_of):
    """A kept case and a broken one are neighbours: a single value decides."""
    assert any(boundaries(rule_id, cases, document_of))


@pytest.mark.parametrize("rule_id", MEASURED)
def test_a_measured_rule_is_shown_within_one_of_its_measure(rule_id, cases, document_of):
    """One day, minute, fen, pupil further and it is broken."""
    sides = [(size(kept), size(broken)) for kept, broken in boundaries(rule_id, cases, document_of)]

    assert any(None not in pair and abs(pair[0] - pair[1]) == 1 for pair in sides), sides


def plain(value):
    """As YAML has it: no tuples."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, tuple) else value


def differences(one, other):
    """The least parts in which two documents differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from differences(one[key], other[key])
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
        if len(one) != len(other):
            yield one, other
            return
        for left, right in zip(one, other, strict=True):
            yield from differences(left, right)
    elif one != other:
        yield one, other


def size(value):
    """A number, a day or a clock time as a number; None of anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, int):
        return value
    try:
        return date.fromisoformat(value).toordinal()
    except ValueError:
        hours, colon, minutes = value.partition(":")
        is_clock = colon and hours.isdigit() and minutes.isdigit()
        return int(hours) * 60 + int(minutes) if is_clock else None
