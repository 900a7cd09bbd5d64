"""Effective periods: which run into each other, and which days a change touches."""

from datetime import date

import pytest

from otsp_compliance.rules.periods import Period, changed_days, find_conflict


def day(text):
    return date.fromisoformat(f"2024-{text}") if text else None


def period(first, end=None):
    return Period(day(first), day(end))


@pytest.mark.parametrize(
    ("existing", "new", "conflict"),
    [
        ([], ("09-01",), None),
        # open periods give way to what begins later
        ([("09-01",)], ("10-01",), None),
        ([("10-01",)], ("09-01",), None),
        ([("09-01",)], ("10-01", "11-01"), None),
        # the same first day is replaced
        ([("09-01", "10-01")], ("09-01", "12-01"), None),
        # one with an end is whole
        ([("09-01", "10-01")], ("10-01",), None),
        ([("09-01", "10-01")], ("09-30",), ("09-01", "10-01")),
        ([("10-01",)], ("09-01", "10-01"), None),
        ([("10-01",)], ("09-01", "10-02"), ("10-01", None)),
        ([("09-01", "12-01")], ("10-01", "11-01"), ("09-01", "12-01")),
        ([("10-01", "11-01")], ("09-01", "12-01"), ("10-01", "11-01")),
        # of several the earliest is named, in whatever order they are kept
        (
            [("11-01", "12-01"), ("10-01", "11-01")],
            ("09-01", "12-31"),
            ("10-01", "11-01"),
        ),
        # replacing by a longer one runs into the next
        ([("09-01", "10-01"), ("10-01",)], ("09-01", "10-15"), ("10-01", None)),
    ],
)
def test_a_period_with_an_end_reaches_into_no_other(existing, new, conflict):
    found = find_conflict([period(*one) for one in existing], period(*new))

    assert found == (period(*conflict) if conflict else None)


@pytest.mark.parametrize(
    ("existing", "new", "is_same", "changed"),
    [
        ([], ("09-01",), False, ("09-01", None)),
        ([("11-01",)], ("09-01",), False, ("09-01", "11-01")),
        # the open predecessor ends for good, up to where the next begins
        ([("08-01",), ("12-01",)], ("09-01", "10-01"), False, ("09-01", "12-01")),
        # replaced by the same: nothing
        ([("09-01",)], ("09-01",), True, None),
        ([("09-01", "10-01")], ("09-01", "10-01"), True, None),
        # shortened, lengthened: the days between the two ends
        ([("09-01",)], ("09-01", "10-01"), True, ("10-01", None)),
        ([("09-01", "10-01")], ("09-01", "11-01"), True, ("10-01", "11-01")),
        ([("09-01",), ("12-01",)], ("09-01", "10-01"), True, ("10-01", "12-01")),
        # an end beyond the next one's beginning says nothing more than none
        ([("09-01",), ("12-01",)], ("09-01", "12-01"), True, None),
        # other values: the whole of the longer one
        ([("09-01", "10-01")], ("09-01", "11-01"), False, ("09-01", "11-01")),
        ([("09-01",)], ("09-01", "11-01"), False, ("09-01", None)),
        # beyond the next one's beginning nothing of it holds, whatever it says
        ([("09-01", "10-01"), ("11-01",)], ("09-01", "12-01"), False, ("09-01", "11-01")),
    ],
)
def test_the_days_that_a_change_touches(existing, new, is_same, changed):
    found = changed_days([period(*one) for one in existing], period(*new), is_same=is_same)

    assert found == (period(*changed) if changed else None)


@pytest.mark.parametrize(
    ("on", "expected"), [("08-31", False), ("09-01", True), ("09-30", True), ("10-01", False)]
)
def test_the_last_day_is_not_its_own(on, expected):
    assert period("09-01", "10-01").covers(day(on)) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("09-01", "10-01"), ("10-01", "11-01"), False),
        (("09-01", "10-02"), ("10-01", "11-01"), True),
        (("09-01",), ("10-01", "11-01"), True),
        (("09-01",), ("10-01",), True),
        (("11-01",), ("09-01", "10-01"), False),
    ],
)
def test_periods_overlap_when_they_share_a_day(one, other, expected):
    assert period(*one).overlaps(period(*other)) is expected
    assert period(*other).overlaps(period(*one)) is expected
