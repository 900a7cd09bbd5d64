"""A month is let out by province or nation, for good, and seen by others from then on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest

from otsp_chassis import clock
from otsp_contracts.staff import StaffCountersChanged

STATISTICS = "/api/compliance/v1/statistics"
OCTOBER = f"{STATISTICS}/months/2024-10/publication"


@pytest.fixture
def day(monkeypatch):
    """Sets the business day."""
    return lambda today: monkeypatch.setattr(clock, "today", lambda: today)


@pytest.fixture
def frozen(kit, world, day):
    """October 2024 is over, with five people employed in the county 330106."""
    world.profile(version=1)
    told = {"institution_id": world.institution_id, "version": 1, "counters": {"employed": 5}}
    kit.deliver(StaffCountersChanged.model_validate(told))
    day(date(2024, 11, 1))
    kit.run_job("freeze_statistics")


@pytest.fixture
def nation(kit):
    return kit.as_authority("national_admin", region="000000", level="national")


@pytest.fixture
def province(kit):
    return kit.as_authority("region_admin", region="330000", level="province")


@pytest.fixture
def elsewhere(kit):
    return kit.as_authority("reviewer", region="110108")


def staff(client, region=None, month="2024-10"):
    query = {"month": month} | ({"region": region} if region else {})
    return client.get(f"{STATISTICS}/staff", query=query)


def trail(kit):
    query = "SELECT object_id, actor_id FROM audit_entry WHERE action = %s"
    with psycopg.connect(kit.owner_url) as connection:
        return connection.execute(query, ["statistics.month_published"]).fetchall()


def test_a_province_lets_others_see_its_figures_and_nobody_elses(frozen, province, elsewhere):
    answer = province.post(OCTOBER)

    told = {"month": "2024-10", "region_code": "330000", "published_on": "2024-11-01"}
    assert (answer.status, answer.json) == (200, told)
    for region in ("330106", "330100", "330000"):
        assert staff(elsewhere, region).json["total"][0] == 5
    for region in ("000000", "310000", "320100"):
        assert staff(elsewhere, region).problem == "statistics-not-published"


def test_the_nation_lets_see_all_of_them(frozen, nation, elsewhere):
    assert nation.post(OCTOBER).json["region_code"] == "000000"

    for region in ("330106", "330000", "000000", "310000"):
        assert staff(elsewhere, region).status == 200


def test_the_ministrys_administrator_publishes_the_nation(kit, frozen):
    ministry = kit.as_authority("region_admin", region="000000", level="national")

    assert ministry.post(OCTOBER).json["region_code"] == "000000"


def test_other_months_stay_unseen(frozen, kit, day, nation, elsewhere):
    day(date(2024, 12, 1))
    kit.run_job("freeze_statistics")
    nation.post(OCTOBER)

    assert staff(elsewhere, "330106", "2024-11").problem == "statistics-not-published"
    series = {"region": "330106", "by": "month", "month": "2024-10"}
    rows = elsewhere.get(f"{STATISTICS}/staff", query=series).json["rows"]
    assert [row["key"] for row in rows] == ["2024-10"]


def test_a_series_of_another_province_has_its_own_months_only(
    frozen, kit, day, province, nation, elsewhere
):
    day(date(2024, 12, 1))
    kit.run_job("freeze_statistics")
    province.post(OCTOBER)
    nation.post(f"{STATISTICS}/months/2024-11/publication")

    months = {}
    for region in ("330106", "110000", "000000"):
        reader = kit.as_authority("reviewer", region="510107")
        query = {"region": region, "by": "month", "month": "2024-11"}
        rows = reader.get(f"{STATISTICS}/staff", query=query).json["rows"]
        months[region] = [row["key"] for row in rows]

    assert months == {"330106": ["2024-10", "2024-11"], "110000": [], "000000": ["2024-11"]}


def test_whose_figures_they_are_sees_from_when_others_do(frozen, kit, day, province):
    before = staff(province).json["published_on"]
    day(date(2024, 11, 5))
    province.post(OCTOBER)

    assert (before, staff(province).json["published_on"]) == (None, "2024-11-05")
    assert province.get(f"{STATISTICS}/staff").json["published_on"] is None


@pytest.mark.parametrize("month", ["2024-11", "2024-12", "2020-01"])
def test_what_is_not_frozen_is_not_published(kit, frozen, nation, month):
    refused = nation.post(f"{STATISTICS}/months/{month}/publication")

    assert (refused.status, refused.problem) == (409, "statistics-month-not-frozen")
    assert trail(kit) == []


def test_a_month_is_there_once_however_often_it_is_published(kit, frozen, day, province):
    first = province.post(OCTOBER).json
    day(date(2024, 11, 20))

    assert province.post(OCTOBER).json == first
    assert trail(kit) == [("2024-10", province.principal.account_id)]


def test_of_two_at_once_one_publishes(kit, frozen, province, nation):
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: province.post(OCTOBER), range(4)))

    assert [each.status for each in answers] == [200] * 4
    assert len(trail(kit)) == 1


@pytest.mark.parametrize(
    ("role", "claim"),
    [
        ("region_admin", {"region": "330106", "level": "county"}),
        ("region_admin", {"region": "330100", "level": "city"}),
        ("region_admin", {"region": "330000", "level": "province", "department": "sports"}),
        ("reviewer", {"region": "330000", "level": "province"}),
        ("auditor", {"region": "330000", "level": "province"}),
    ],
)
def test_others_publish_nothing(kit, frozen, elsewhere, role, claim):
    assert kit.as_authority(role, **claim).post(OCTOBER).status == 403
    assert staff(elsewhere, "330106").problem == "statistics-not-published"


def test_an_institution_publishes_nothing(world, frozen):
    assert world.institution().post(OCTOBER).status == 403


@pytest.mark.parametrize("month", ["2024-13", "2024", "october"])
def test_what_is_no_month_is_refused(nation, month):
    assert nation.post(f"{STATISTICS}/months/{month}/publication").status == 400


def test_nobody_takes_a_publication_back(kit, frozen, province):
    province.post(OCTOBER)

    with (
        kit.runtime.database.engine.connect() as connection,
        pytest.raises(Exception, match="permission denied"),
    ):
        connection.exec_driver_sql("DELETE FROM month_publication")
