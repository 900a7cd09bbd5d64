"""The three sample dossiers have exactly the findings that they are published with."""

import pytest

EXPECTED = {
    "A": ({}, {"SIT-006": {"S1"}}),
    "B": (
        {
            "MAT-002": {"B1"},
            "NET-001": {"Y1"},
            "NET-005": {"Y1"},
            "STF-012": {"X1"},
            "TIM-003": {"K1-1"},
            "TIM-004": {"K1-1"},
            "TIM-005": {"K1-1"},
        },
        {},
    ),
    "C": (
        {
            "FND-003": {"F1"},
            "FND-004": {"F1"},
            "SIT-001": {"S1"},
            "STF-002": {"T2"},
            "STF-008": {"T2"},
            "TIM-001": {"K1-1"},
        },
        {"LIC-003": set()},
    ),
}
APART = {"A": {}, "B": {}, "C": {"V-06": {"K1-1"}}}
"""Told apart from the catalogue (D17): the class of C ends eight weeks after its licence."""


@pytest.mark.parametrize("sample", EXPECTED)
def test_sample_has_its_published_findings(judge, sample):
    blocking, warnings = EXPECTED[sample]

    evaluation = judge(sample)

    found = {one.rule_id: set(one.object_ids) for one in evaluation.findings}
    assert found == blocking | warnings | APART[sample]
    assert evaluation.blocking == tuple(sorted(blocking))
    assert evaluation.warnings == tuple(sorted(warnings))
    assert {one.rule_id for one in evaluation.apart} == set(APART[sample])
    assert evaluation.blocks == bool(blocking)


def test_a_make_up_school_day_is_no_rest_day(offenders):
    """Saturday 2024-10-12 was a make-up school day: C teaches into it unless it skips the date."""
    assert offenders("TIM-006", "C") is None
    assert offenders("TIM-006", "C", {"courses/K1/classes/K1-1/skip_dates": []}) == {"K1-1"}
