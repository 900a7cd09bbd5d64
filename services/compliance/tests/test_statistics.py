"""The figures of §5.1 equal a recount by brute force; who sees which, and what a month keeps."""

from datetime import date

import pytest

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_compliance.model import RegionParameterSet
from otsp_contracts.institution import InstitutionCountersChanged

STATISTICS = "/api/compliance/v1/statistics"
FIGURES = ("institutions", "applications", "rectifications", "deregistrations")
FIGURES += (
    "qualification",
    "funds",
    "staff",
    "materials",
    "classes",
    "failed_rules",
    "licences",
    "sites",
    "systems",
    "workload",
    "recoveries",
)
OF_INSTITUTIONS = FIGURES[:-2]
REGIONS = ("000000", "330000", "330100", "330106", "110000", "460000", "441900")


@pytest.fixture
def counted(kit, statistics, monkeypatch):
    """A random world in the database, and its recount."""
    monkeypatch.setattr(clock, "today", lambda: statistics.TODAY)
    kit.run_job("keep_calendar")

    def _counted(seed=20241015, count=40):
        world = statistics.StatisticsWorld(seed, count)
        world.enter(kit)
        return statistics.Recount(world, statistics.TODAY)

    return _counted


@pytest.fixture
def nation(kit):
    return kit.as_authority("national_admin", region="000000", level="national")


def ask(client, figure, **query):
    answered = client.get(f"{STATISTICS}/{figure}", query=query)
    assert answered.status == 200, answered.json
    return answered.json


def by_name(answer, values):
    return dict(zip([each["name"] for each in answer["measures"]], values, strict=True))


def expected(answer, recounted):
    """Counts that were never met are 0."""
    return {
        each["name"]: recounted.get(each["name"], None if each["unit"] in {"bp", "days"} else 0)
        for each in answer["measures"]
    }


@pytest.mark.parametrize("figure", FIGURES)
def test_figure_of_every_region_is_what_a_recount_comes_to(counted, nation, statistics, figure):
    recount = counted()

    for region in REGIONS:
        answer = ask(nation, figure, region=region, by="region")

        total = recount.of_region(figure, region)
        assert by_name(answer, answer["total"]) == expected(answer, total), region
        for row in answer["rows"]:
            part = recount.of_region(figure, region, row["key"])
            assert by_name(answer, row["values"]) == expected(answer, part), row["key"]


@pytest.mark.parametrize("figure", OF_INSTITUTIONS)
def test_figure_of_every_dimension_is_what_a_recount_comes_to(counted, nation, statistics, figure):
    recount = counted()

    for by in statistics.DIMENSIONS:
        answer = ask(nation, figure, by=by, region="330000")

        for row in answer["rows"]:
            part = recount.of_code(figure, by, row["key"], region="330000")
            assert by_name(answer, row["values"]) == expected(answer, part), (by, row["key"])


def test_dimensions_narrow_together(counted, nation):
    recount = counted()

    answer = ask(nation, "staff", category="subject", delivery="offline", nature="nonprofit")

    part = recount.of(
        "staff",
        lambda one: (
            "subject" in one.categories
            and "offline" in one.delivery_modes
            and one.legal_nature == "nonprofit"
        ),
    )
    assert part["employed"] > 0
    assert by_name(answer, answer["total"]) == expected(answer, part)


def test_recoveries_are_told_by_delivery(counted, nation):
    recount = counted()

    answer = ask(nation, "recoveries", by="delivery")

    assert {row["key"] for row in answer["rows"]} == {"online", "offline"}
    for row in answer["rows"]:
        asked = [each for each in recount.world.recoveries if each.delivery == row["key"]]
        assert by_name(answer, row["values"]) == expected(answer, recount.recoveries(asked))


def test_rules_are_told_by_how_many_fail_them(counted, nation):
    recount = counted(count=80)

    answer = ask(nation, "failed_rules", by="rule")

    told = [(row["key"], row["values"]) for row in answer["rows"]]
    assert told == recount.ranked_rules(recount.world.institutions)
    assert len(told) > 2


def test_workload_is_told_by_authority(counted, nation):
    recount = counted()

    answer = ask(nation, "workload", by="authority", region="330000")

    for row in answer["rows"]:
        part = recount.of_authority(row["key"])
        assert by_name(answer, row["values"]) == expected(answer, part)
        assert row["label_zh"].endswith("教育局")
    assert len(answer["rows"]) == 3


@pytest.mark.parametrize(
    ("region", "ratio", "ends_on", "too_low"),
    [
        ("440000", 20_000, None, 0),
        ("000000", 20_000, None, 1),
        ("330000", 20_000, None, 1),
        ("330100", 20_000, None, 1),
        ("330106", 20_000, None, 1),
        ("330106", 20_000, date(2024, 10, 15), 0),
        ("330106", 15_000, None, 0),
        ("330106", 5_000, None, 0),
    ],
)
def test_a_deposit_is_too_low_by_what_its_regions_ask(
    kit, world, nation, monkeypatch, region, ratio, ends_on, too_low
):
    """It covers one and a half cycles."""
    monkeypatch.setattr(clock, "today", lambda: date(2024, 10, 15))
    world.profile()
    counters = {"deposit_stated": 1, "deposit_balance_fen": 150, "cycle_total_fen": 100}
    told = {"institution_id": world.institution_id, "version": 1, "counters": counters}
    kit.deliver(InstitutionCountersChanged.model_validate(told))
    with kit.active(), transaction() as tx:
        tx.add(
            RegionParameterSet(
                region_code=region,
                effective_from=date(2024, 1, 1),
                effective_to=ends_on,
                parameters={"deposit_ratio_bp": ratio},
            )
        )

    answer = ask(nation, "funds")

    assert by_name(answer, answer["total"])["deposit_too_low"] == too_low
