"""Rates, medians, spans and suppression, on plain numbers."""

from datetime import date, timedelta

import pytest

from otsp_compliance.rules.statistics.catalogue import FIGURES
from otsp_compliance.rules.statistics.figures import Rate
from otsp_compliance.rules.statistics.reading import Cell, median_of, rate_of, suppress
from otsp_compliance.rules.statistics.span import months_between, span_of

WHOLE = Rate("r", "率", "part", "whole")
GONE = Rate("r", "率", "part", "whole", is_reduction=True)


class Weekdays:
    def covers(self, day):
        return True

    def is_rest_day(self, day):
        return day.isoweekday() > 5


@pytest.mark.parametrize(
    ("rate", "part", "whole", "told"),
    [
        (WHOLE, 1, 3, 3333),
        (WHOLE, 2, 3, 6667),
        (WHOLE, 1, 20_000, 1),
        (WHOLE, 0, 5, 0),
        (WHOLE, 0, 0, None),
        (WHOLE, None, 5, None),
        (WHOLE, 3, None, None),
        (GONE, 1, 4, 7500),
        (GONE, 0, 4, 10_000),
        (GONE, 0, 0, None),
    ],
)
def test_a_rate_is_in_basis_points_and_of_nothing_none(rate, part, whole, told):
    assert rate_of(rate, {"part": part, "whole": whole}) == told


@pytest.mark.parametrize(
    ("days", "told"),
    [({}, None), ({4: 1}, 4), ({4: 1, 9: 1}, 4), ({4: 1, 9: 2}, 9), ({1: 1, 2: 1, 30: 1}, 2)],
)
def test_the_median_is_the_lower_one_of_two_in_the_middle(days, told):
    assert median_of(days) == told


def test_a_span_knows_the_first_days_of_each_age():
    """Friday, 2024-10-11: five working days before is the Friday before."""
    span = span_of(date(2024, 10, 11), Weekdays())

    assert (span.first, span.month, span.before) == (date(2024, 10, 1), "2024-10", date(2024, 9, 1))
    for most, earliest in zip((5, 15, 20), span.ages, strict=True):
        assert _passed(earliest, span.day) == most
        assert _passed(earliest - timedelta(days=1), span.day) > most


def _passed(day, until):
    days = (day + timedelta(days=number) for number in range(1, (until - day).days + 1))
    return sum(each.isoweekday() <= 5 for each in days)


def test_months_follow_each_other_over_the_year():
    assert list(months_between("2024-11", "2025-02")) == [
        "2024-11",
        "2024-12",
        "2025-01",
        "2025-02",
    ]
    assert list(months_between("2024-12", "2024-11")) == []


def test_few_persons_are_hidden_and_with_them_the_total_and_rates():
    figure = FIGURES["staff"]
    names = [each.name for each in figure.sums]
    nobody = dict.fromkeys(names, 0)
    few, many = nobody | {"employed": 9, "full_time": 2}, nobody | {"employed": 9, "full_time": 3}
    total = nobody | {"employed": 18, "full_time": 5}

    cells, whole = suppress(figure, [Cell("a", few, {}), Cell("b", many, {})], Cell("", total, {}))

    assert [cell.sums["full_time"] for cell in (*cells, whole)] == [None, 3, None]
    assert [cell.sums["employed"] for cell in (*cells, whole)] == [9, 9, 18]
    rate = [each.name for each in figure.measures].index("full_time_bp")
    assert [cell.values(figure)[rate] for cell in (*cells, whole)] == [None, 3333, None]


def test_institutions_are_told_however_few():
    figure = FIGURES["qualification"]
    cell = Cell("a", {"registered": 1, "passed": 1}, {})

    assert suppress(figure, [cell], cell) == ([cell], cell)
