"""Versions put in force by publication: what holds when, and what cannot be published."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otsp_compliance.rules.catalogue import catalogue
from otsp_compliance.rules.publication import Publication, amended, refusals
from otsp_compliance.rules.registry import Catalogue, Severity, rule
from otsp_compliance.rules.sources import OWN

TODAY = date(2024, 10, 15)


def publication(rule_id, version, day, severity=Severity.BLOCKING):
    return Publication(rule_id, version, severity, date.fromisoformat(day))


def versions_on(book, rule_id, day):
    in_force = book.in_force(date.fromisoformat(day))
    return [(one.head.version, one.head.severity) for one in in_force if one.head.id == rule_id]


def codes(wanted, *others, book=None, today=TODAY):
    found = refusals(book or catalogue(), wanted, others=others, today=today)
    return {(fault.pointer, fault.code) for fault in found}


@pytest.fixture
def undated():
    """A catalogue whose NEW-001 has a second version that waits for its publication."""
    first = rule(
        id="NEW-001",
        severity=Severity.WARNING,
        message_zh="一",
        remedy_zh="一",
        basis=(OWN,),
        effective_from=date(2020, 1, 1),
    )(lambda _: ())
    second = replace(first.head, version=2, effective_from=None)(first.check)
    return Catalogue.of((first, second))


def test_a_published_version_ends_the_one_before():
    book = amended(catalogue(), [publication("FND-008", 1, "2025-01-01")])

    assert versions_on(book, "FND-008", "2024-12-31") == [(2, "B")]
    assert versions_on(book, "FND-008", "2025-01-01") == [(1, "B")]
    assert versions_on(book, "FND-008", "2021-10-12") == [(1, "B")]
    assert versions_on(book, "MAT-009", "2025-01-01") == [(1, "W")]


def test_a_publication_may_change_the_severity_alone():
    book = amended(catalogue(), [publication("MAT-009", 1, "2025-01-01")])

    assert versions_on(book, "MAT-009", "2024-12-31") == [(1, "W")]
    assert versions_on(book, "MAT-009", "2025-01-01") == [(1, "B")]


def test_a_version_without_a_day_waits_for_its_publication(undated):
    assert versions_on(undated, "NEW-001", "2030-01-01") == [(1, "W")]

    book = amended(undated, [publication("NEW-001", 2, "2025-01-01")])

    assert versions_on(book, "NEW-001", "2024-12-31") == [(1, "W")]
    assert versions_on(book, "NEW-001", "2030-01-01") == [(2, "B")]


def test_a_publication_goes_before_what_the_code_says_of_that_day(undated):
    built_in = Catalogue.of(
        replace(one.head, effective_from=date(2025, 1, 1))(one.check)
        if one.head.version == 2
        else replace(one.head, effective_to=date(2025, 1, 1))(one.check)
        for one in undated.rules
    )

    book = amended(built_in, [publication("NEW-001", 1, "2025-01-01")])

    assert versions_on(book, "NEW-001", "2025-01-01") == [(1, "B")]


def test_a_publication_whose_version_is_written_no_longer_changes_nothing():
    assert amended(catalogue(), [publication("TIM-003", 9, "2025-01-01")]) is catalogue()


@given(
    st.lists(
        st.tuples(
            st.integers(1, 2), st.sampled_from(list(Severity)), st.dates(date(2015, 1, 1), TODAY)
        ),
        max_size=6,
        unique_by=lambda one: one[2],
    ),
    st.dates(date(2015, 1, 1), TODAY),
)
def test_on_each_day_the_newest_begun_publication_holds_unless_the_code_is_newer(told, day):
    written = [one.head for one in catalogue().versions("TIM-003")]
    published = [Publication("TIM-003", *one) for one in told]
    begun = [
        (one.effective_from, True, one.version, one.severity)
        for one in published
        if one.effective_from <= day
    ]
    begun += [
        (one.effective_from, False, one.version, one.severity)
        for one in written
        if one.effective_from <= day
    ]
    expected = [max(begun)[2:]] if begun else []

    assert versions_on(amended(catalogue(), published), "TIM-003", day.isoformat()) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (publication("FND-008", 1, "2024-10-15"), set()),
        (publication("MAT-009", 1, "2024-10-15"), set()),
        (publication("FND-008", 1, "2024-10-14"), {("/effective_from", "in_past")}),
        (publication("ABC-001", 1, "2024-10-15"), {("/rule_id", "unknown_rule")}),
        (publication("FND-008", 3, "2024-10-15"), {("/version", "unknown_version")}),
        (publication("FND-008", 2, "2024-10-15"), {("/version", "already_in_force")}),
        (
            publication("FND-008", 3, "2020-01-01"),
            {("/effective_from", "in_past"), ("/version", "unknown_version")},
        ),
    ],
)
def test_what_cannot_be_published(wanted, expected):
    assert codes(wanted) == expected


def test_periods_of_a_rule_do_not_overlap():
    planned = publication("FND-008", 1, "2025-01-01")
    overlapping = {("/effective_from", "overlapping")}

    assert codes(publication("FND-008", 1, "2024-12-31"), planned) == overlapping
    assert codes(publication("FND-008", 2, "2025-01-01"), planned) == overlapping
    assert codes(publication("FND-008", 2, "2025-01-02"), planned) == set()
    assert codes(publication("FND-003", 1, "2024-12-31"), planned) == set()


def test_a_period_that_the_code_plans_is_not_overlapped(undated):
    planned = Catalogue.of(
        replace(one.head, effective_from=date(2025, 1, 1))(one.check)
        if one.head.version == 2
        else replace(one.head, effective_to=date(2025, 1, 1))(one.check)
        for one in undated.rules
    )

    wanted = publication("NEW-001", 1, "2024-12-01")

    assert codes(wanted, book=planned) == {("/effective_from", "overlapping")}
