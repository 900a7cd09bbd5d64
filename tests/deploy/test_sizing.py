"""docs/sizing.md says what docs/sizing.yaml comes to."""

import pytest

from otsp_local.sizing import PAGE, Sizing, evaluate, written


def test_the_tables_are_what_the_figures_come_to():
    page = PAGE.read_text(encoding="utf-8")

    assert page == written(page, Sizing.load().tables()), "run ./dev export-docs"


def test_the_nation_files_what_its_deadline_brings():
    """124,000 cases, half of them in ten days, a fifth of a day in an hour, three filings each."""
    sizing = Sizing.load()
    nation = sizing.at(sizing.data["scales"]["nation"])

    assert nation["filings"] == pytest.approx(124_000 / 2 / 10 * 0.2 * 3 / 3600, rel=0.01)
    assert nation["built_for"] == pytest.approx(5, rel=0.05)
    assert nation["look_ups"] == pytest.approx(200, rel=0.01)
    assert nation["files_tb"] == pytest.approx(14, rel=0.05)


def test_every_figure_is_used_and_says_where_it_comes_from():
    data = Sizing.load().data
    formulas = " ".join(row["formula"] for row in data["rows"])

    assert [name for name in data["figures"] if name not in formulas] == []
    assert {each["basis"] for each in data["figures"].values()} == {
        "public", "measured", "estimate",
    }  # fmt: skip


@pytest.mark.parametrize("formula", ["open('x')", "a ** 2", "().__class__", "unknown + 1"])
def test_a_formula_is_arithmetic_and_nothing_else(formula):
    with pytest.raises(KeyError):
        evaluate(formula, {"a": 1})


def test_a_page_without_a_place_for_a_table_is_told():
    with pytest.raises(ValueError, match="no place for cost"):
        written("# Sizing\n", {"cost": "| |\n"})
