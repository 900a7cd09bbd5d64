"""Only what a version brings is held against an institution, not what time has brought."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otsp_compliance.rules.catalogue import catalogue
from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.parameters import resolve
from otsp_compliance.rules.re_evaluation import Outcome, re_examine, task_text_zh
from otsp_compliance.rules.registry import Severity

RULES = catalogue().rules


def version(rule_id, number=1, severity=None):
    [found] = [one for one in catalogue().versions(rule_id) if one.head.version == number]
    return replace(found.head, severity=severity or found.head.severity)(found.check)


@pytest.fixture
def facts_of(changed, calendar):
    def facts(sample, changes=None, as_of="2024-10-15"):
        snapshot = changed(sample, changes)
        return Facts(
            snapshot,
            as_of=date.fromisoformat(as_of),
            parameters=resolve(snapshot.region),
            calendar=calendar,
        )

    return facts


def test_a_breach_that_the_version_before_had_too_is_no_news(facts_of):
    """A licence that ran out since the snapshot was sealed is nothing that the new version did."""
    later = facts_of("A", as_of="2030-01-01")
    rule = version("LIC-002")

    assert re_examine(rule, None, later).outcome is Outcome.BREACHED
    assert re_examine(rule, rule, later).outcome is Outcome.UNAFFECTED


def test_of_several_breaches_the_new_ones_are_told(facts_of):
    """Lessons of 41 minutes were too long before; those of 35 are now."""
    slot = "courses/K1/classes/K1-1/slots/0"
    facts = facts_of("B", {f"{slot}/lesson_minutes": 41})
    old, new = version("TIM-003", 1), version("TIM-003", 2)

    assert re_examine(new, old, facts).outcome is Outcome.UNAFFECTED
    shorter = facts_of("B", {f"{slot}/lesson_minutes": 35})
    result = re_examine(new, old, shorter)
    assert (result.outcome, result.finding.object_ids) == (Outcome.BREACHED, ("K1-1",))
    assert result.needs_task


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("W", "B", Outcome.BREACHED),
        ("W", "B*", Outcome.BREACHED),
        ("B*", "B", Outcome.BREACHED),
        ("W", "W", Outcome.UNAFFECTED),
        ("B", "B*", Outcome.UNAFFECTED),
        ("B", "W", Outcome.UNAFFECTED),
    ],
)
def test_the_same_breach_is_news_when_it_weighs_more(facts_of, before, after, expected):
    old = version("SIT-006", severity=Severity(before))
    new = version("SIT-006", severity=Severity(after))

    assert re_examine(new, old, facts_of("A")).outcome is expected


def test_a_warning_asks_for_nothing(facts_of):
    result = re_examine(version("SIT-006"), None, facts_of("A"))

    assert result.outcome is Outcome.BREACHED
    assert not result.needs_task


def test_what_cannot_be_judged_is_said(facts_of):
    result = re_examine(version("FND-008", 2), None, facts_of("A", {"funds/contract": None}))

    assert (result.outcome, result.needs_task) == (Outcome.UNJUDGED, False)
    assert result.finding.pointers == ("/funds/contract",)


def test_a_task_quotes_a_few_places_and_counts_them_all(facts_of):
    departed = {f"staff/{one}/contract_signed": False for one in ("T1", "T2", "R1", "M1")}
    rule = version("STF-010")
    finding = re_examine(rule, None, facts_of("A", departed)).finding
    many = replace(finding, breaches=finding.breaches * 2)

    text = task_text_zh(rule, many, sealed_on="2024-10-15")

    assert "（共8处：" in text
    assert text.count("现为“否”，应为“是”") == 5
    assert "等）" in text


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_same_version_again_is_never_news(facts_of, data):
    """On any day, for any rule and institution."""
    rule = data.draw(st.sampled_from(RULES))
    sample = data.draw(st.sampled_from("ABC"))
    day = date(2021, 1, 1) + timedelta(days=data.draw(st.integers(0, 3000)))
    facts = facts_of(sample, as_of=day.isoformat())

    assert re_examine(rule, rule, facts).outcome is not Outcome.BREACHED
