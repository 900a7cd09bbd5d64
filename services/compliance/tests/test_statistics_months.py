"""Months that are over stay as they were; who is outside sees those that were published."""

from datetime import date

import psycopg
import pytest

from otsp_chassis import clock
from otsp_contracts.institution import ProfileChanged
from otsp_contracts.staff import StaffCountersChanged

STATISTICS = "/api/compliance/v1/statistics"


@pytest.fixture
def day(monkeypatch):
    """Sets the business day."""
    return lambda today: monkeypatch.setattr(clock, "today", lambda: today)


@pytest.fixture
def employ(kit, world):
    """Lets the world's institution be registered, with so many employed people."""
    versions = iter(range(1, 100))

    def _employ(count, **counters):
        world.profile(version=next(versions))
        told = {"employed": count, "full_time": count} | counters
        kit.deliver(
            StaffCountersChanged.model_validate(
                {
                    "institution_id": world.institution_id,
                    "version": next(versions),
                    "counters": told,
                }
            )
        )

    return _employ


@pytest.fixture
def county(kit):
    return kit.as_authority("reviewer", region="330106")


def employed(client, **query):
    answered = client.get(f"{STATISTICS}/staff", query=query)
    assert answered.status == 200, answered.json
    return answered.json["total"][0]


def publish(client, month):
    return client.post(f"{STATISTICS}/months/{month}/publication")


def test_a_month_that_is_over_stays_as_it_was(kit, day, employ, county):
    day(date(2024, 10, 31))
    employ(5)
    kit.run_job("freeze_statistics")
    day(date(2024, 11, 1))
    kit.run_job("freeze_statistics")
    employ(8)
    kit.run_job("freeze_statistics")

    told = county.get(f"{STATISTICS}/staff", query={"month": "2024-10"}).json

    assert (told["frozen_on"], told["total"][0]) == ("2024-11-01", 5)
    assert employed(county) == 8
    assert county.get(f"{STATISTICS}/staff").json["frozen_on"] is None


def test_the_running_month_is_not_frozen(kit, day, employ, county):
    day(date(2024, 10, 31))
    employ(5)
    kit.run_job("freeze_statistics")
    employ(6)

    assert employed(county, month="2024-10") == 6


def test_missed_months_are_caught_up_and_say_when(kit, day, employ, county):
    day(date(2024, 9, 1))
    kit.run_job("freeze_statistics")
    employ(5)
    day(date(2024, 12, 15))

    kit.run_job("freeze_statistics")

    told = county.get(f"{STATISTICS}/staff", query={"by": "month"}).json
    assert [(row["key"], row["values"][0]) for row in told["rows"]] == [
        ("2024-09", 5),
        ("2024-10", 5),
        ("2024-11", 5),
        ("2024-12", 5),
    ]
    october = county.get(f"{STATISTICS}/staff", query={"month": "2024-10"}).json
    assert october["frozen_on"] == "2024-12-15"


def test_the_service_may_not_change_what_is_frozen(kit, day, employ):
    day(date(2024, 11, 1))
    employ(5)
    kit.run_job("freeze_statistics")

    with (
        kit.runtime.database.engine.connect() as connection,
        pytest.raises(Exception, match="permission denied"),
    ):
        connection.exec_driver_sql("UPDATE frozen_figure SET sums = '{}'")


def test_a_month_that_nobody_kept_is_not_found(county):
    assert county.get(f"{STATISTICS}/staff", query={"month": "2020-01"}).status == 404


def test_an_institution_sees_its_own_and_names_no_region(kit, day, employ, world):
    day(date(2024, 10, 15))
    employ(2)
    stranger = kit.as_institution(world.authority("甲").authority_id)

    assert employed(world.institution()) == 2
    assert employed(stranger) == 0
    refused = world.institution().get(f"{STATISTICS}/staff", query={"region": "330106"})
    assert refused.status == 403


def test_institutions_do_not_see_the_workload_of_authorities(world):
    assert world.institution().get(f"{STATISTICS}/workload").status == 403


def test_outside_the_jurisdiction_only_published_months_are_told(kit, day, employ):
    day(date(2024, 11, 1))
    employ(5)
    kit.run_job("freeze_statistics")
    elsewhere = kit.as_authority("reviewer", region="110108")
    october = {"region": "330106", "month": "2024-10"}

    for query in (october, {"region": "330106"}, {"region": "330000"}, {"region": "000000"}):
        refused = elsewhere.get(f"{STATISTICS}/staff", query=query)
        assert (refused.status, refused.problem) == (403, "statistics-not-published")
    assert publish(kit.as_authority("national_admin"), "2024-10").status == 200

    assert employed(elsewhere, **october) == 5
    assert elsewhere.get(f"{STATISTICS}/staff", query={"region": "330106"}).status == 403


def test_a_series_outside_the_jurisdiction_has_published_months_only(kit, day, employ):
    for today in (date(2024, 10, 1), date(2024, 11, 1), date(2024, 12, 1)):
        day(today)
        employ(5)
        kit.run_job("freeze_statistics")
    assert publish(kit.as_authority("national_admin"), "2024-11").status == 200
    elsewhere = kit.as_authority("reviewer", region="110108")

    query = {"region": "330106", "month": "2024-11", "by": "month"}
    told = elsewhere.get(f"{STATISTICS}/staff", query=query).json

    assert [row["key"] for row in told["rows"]] == ["2024-11"]


@pytest.mark.parametrize(("count", "told"), [(0, 0), (1, None), (2, None), (3, 3)])
def test_few_persons_are_not_told_outside(kit, day, employ, count, told):
    day(date(2024, 11, 1))
    employ(count)
    kit.run_job("freeze_statistics")
    assert publish(kit.as_authority("national_admin"), "2024-10").status == 200
    place = {"region": "330000", "month": "2024-10", "by": "region"}

    within = kit.as_authority(region="330000", level="province")
    outside = kit.as_authority(region="110108").get(f"{STATISTICS}/staff", query=place).json

    assert within.get(f"{STATISTICS}/staff", query=place).json["total"][0] == count
    assert outside["is_suppressed"]
    assert outside["total"][0] == told
    assert [row["values"][0] for row in outside["rows"]] == ([told] if count else [])


def test_a_figure_is_told_as_a_table(kit, day, employ, county):
    day(date(2024, 10, 15))
    employ(4, full_time=1)

    csv = county.get(f"{STATISTICS}/staff/table", query={"format": "csv", "by": "region"})
    xlsx = county.get(f"{STATISTICS}/staff/table", query={"format": "xlsx"})

    titles, line, total = csv.content.decode("utf-8-sig").splitlines()
    assert titles.startswith("代码,名称,在职人员,教学人员")
    assert line.startswith("330106,西湖区,4,0,")
    assert ",25.00," in line
    assert total.startswith(",合计,4,")
    assert xlsx.content.startswith(b"PK")


@pytest.mark.parametrize(
    ("figure", "query", "status"),
    [
        ("unknown", {}, 404),
        ("staff", {"by": "rule"}, 400),
        ("workload", {"category": "subject"}, 400),
        ("staff", {"region": "999999"}, 404),
        ("staff", {"month": "2024-13"}, 400),
        ("staff", {"by": "name"}, 400),
    ],
)
def test_what_there_is_not_is_refused(county, figure, query, status):
    assert county.get(f"{STATISTICS}/{figure}", query=query).status == status


def test_figures_tell_what_they_are(county):
    items = county.get(STATISTICS).json["items"]

    assert [each["number"] for each in items] == sorted(each["number"] for each in items)
    for each in items:
        assert each["definition_zh"]
        assert each["source_zh"]
        titles = [measure["label_zh"] for measure in each["measures"]]
        assert len(titles) == len(set(titles)), "a table could not be written"


def test_a_lost_projection_is_told_again(kit, day, employ, county, world):
    """Counters and profile with the versions that they had: the figures are the same."""
    day(date(2024, 10, 15))
    employ(5)
    before = county.get(f"{STATISTICS}/staff").json
    with psycopg.connect(kit.owner_url, row_factory=psycopg.rows.dict_row) as connection:
        counters = connection.execute("DELETE FROM staff_counters_ref RETURNING *").fetchone()
        profile = connection.execute("DELETE FROM institution_ref RETURNING *").fetchone()
    assert employed(county) == 0

    kit.deliver(StaffCountersChanged.model_validate(counters))
    kit.deliver(ProfileChanged.model_validate(profile))

    assert county.get(f"{STATISTICS}/staff").json == before


def test_an_older_count_does_not_replace_a_newer_one(kit, day, employ, county, world):
    day(date(2024, 10, 15))
    employ(5)
    old = {"institution_id": world.institution_id, "version": 1, "counters": {"employed": 9}}

    kit.deliver(StaffCountersChanged.model_validate(old))

    assert employed(county) == 5
