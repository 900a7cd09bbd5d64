"""Routing rules tried out before they are activated: who would go elsewhere; nothing is stored."""

import psycopg
import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id

PROVINCE, COUNTY, OTHER = "510000", "510107", "510104"


@pytest.fixture(autouse=True)
def _today(filing_day):
    with clock.frozen(filing_day):
        yield


@pytest.fixture
def province(kit):
    return kit.as_authority("region_admin", region=PROVINCE, level="province")


@pytest.fixture
def town(world):
    """Two counties; three institutions of arts, one of them mixed, and one of subject training."""
    world.of_sample("C")
    for code, name in ((COUNTY, "武侯区"), (OTHER, "锦江区")):
        world.authority(f"{name}教育局", region_code=code)
    world.authority("武侯区文旅局", region_code=COUNTY, department="culture_tourism")
    world.authority("四川省教育厅", region_code=PROVINCE, level="province")
    arts = {"categories": ("nonsubject",), "nonsubject_types": ("culture_arts",)}
    institution(world, "甲", region_code=COUNTY, **arts)
    institution(world, "乙", region_code=COUNTY, **arts)
    institution(
        world,
        "丙",
        region_code=OTHER,
        categories=("subject", "nonsubject"),
        nonsubject_types=("culture_arts",),
    )
    institution(world, "丁", region_code=COUNTY, categories=("subject",), nonsubject_types=())
    return world


def institution(world, name, **changed):
    world.institution_id = new_id()
    world.profile(name=name, delivery_modes=("offline",), **changed)


def rule(**fields):
    return {
        "category": "nonsubject",
        "delivery": "offline",
        "mode": "sector_then_edu",
        "effective_from": "2025-01-01",
    } | fields


def simulate(client, world, region_code=PROVINCE, query=None, **fields):
    path = f"{world.api}/routing-simulations"
    return client.post(path, {"region_code": region_code} | fields, query=query)


def names(told):
    return [one["name"] for one in told["institutions"]["items"]]


def loads(told):
    return {
        (one["authority"], one["purpose"]): (
            one["before"],
            one["after"],
            one["comes"],
            one["goes"],
        )
        for one in told["authorities"]
    }


def test_a_draft_is_told_by_authority_and_by_institution(town, province):
    told = simulate(province, town, rules=[rule(mode="sector_only")]).json

    assert (told["today"], told["on"]) == ("2024-10-15", "2025-01-01")
    assert (told["open_institutions"], told["rerouted_institutions"]) == (4, 2)
    assert loads(told) == {
        ("武侯区教育局", "nonsubject"): (2, 0, 0, 2),
        ("武侯区文旅局", "nonsubject"): (0, 2, 2, 0),
    }
    assert names(told) == ["甲", "乙"]
    first = told["institutions"]["items"][0]
    assert [step["authority"] for step in first["before"]] == ["武侯区教育局"]
    assert [step["authority"] for step in first["after"]] == ["武侯区文旅局"]
    assert "四川省自 2025-01-01 起施行的规定" in first["after"][0]["text_zh"][0]


def test_before_the_day_of_the_draft_nothing_changes(town, province):
    told = simulate(province, town, rules=[rule(mode="sector_only")], on="2024-12-31").json

    assert (told["rerouted_institutions"], told["authorities"]) == (0, [])
    assert told["institutions"] == {"items": [], "next": None}


def test_the_dropped_second_step_of_mixed_institutions_is_foreseen(town, province):
    told = simulate(province, town, rules=[rule(mode="edu_only", drops_when_mixed=True)]).json

    assert names(told) == ["丙"]
    assert loads(told)["锦江区教育局", "nonsubject"] == (1, 0, 0, 1)


def test_rules_that_are_stored_for_later_are_tried_on_their_day(town, province, kit):
    county = kit.as_authority("region_admin", region=COUNTY)
    county.put(f"{town.api}/routing-rules/{COUNTY}", {"rules": [rule()]})

    now = simulate(province, town).json
    then = simulate(province, town, on="2025-01-01").json

    assert now["rerouted_institutions"] == 0
    assert names(then) == ["甲", "乙"]


def test_a_draft_takes_the_place_of_all_rules_of_its_region(town, kit):
    county = kit.as_authority("region_admin", region=COUNTY)
    stored = [rule(effective_from="2024-01-01")]
    county.put(f"{town.api}/routing-rules/{COUNTY}", {"rules": stored})

    told = simulate(county, town, COUNTY, rules=[]).json

    assert names(told) == ["甲", "乙"]
    assert loads(told)["武侯区文旅局", "nonsubject"] == (2, 0, 0, 2)


def test_the_institutions_are_cut_into_pages(town, province):
    rules = [rule(mode="sector_only")]

    first = simulate(province, town, rules=rules, query={"limit": 1}).json
    cursor = first["institutions"]["next"]
    rest = simulate(province, town, rules=rules, query={"limit": 1, "cursor": cursor}).json

    assert (names(first), names(rest)) == (["甲"], ["乙"])
    assert rest["institutions"]["next"] is None


def test_what_is_only_described_is_answered_too(town, province):
    described = {
        "region_code": OTHER,
        "categories": ["nonsubject"],
        "delivery_modes": ["online"],
        "nonsubject_type": "sports",
    }
    rules = [rule(delivery="online", mode="edu_only", level="county")]

    (told,) = simulate(province, town, rules=rules, institutions=[described]).json["described"]

    assert told["institution_id"] is None
    assert [step["authority"] for step in told["before"]] == ["四川省教育厅"]
    assert [step["authority"] for step in told["after"]] == ["锦江区教育局"]


def test_the_deregistered_are_not_counted(town, province):
    institution(town, "戊", region_code=COUNTY, compliance_status="deregistered")

    assert simulate(province, town, rules=[]).json["open_institutions"] == 4


def test_a_draft_is_refused_as_the_rules_themselves_would_be(town, province):
    bad = rule(category="subject", mode="edu_only")

    refused = simulate(province, town, rules=[rule(), bad])

    assert (refused.status, refused.problem) == (422, "routing-not-allowed")
    assert refused.pointers == {"/rules/1/category"}


def test_only_who_may_set_the_rules_may_try_them(town, kit, province):
    nation = kit.as_authority("national_admin", region="000000", level="national")
    elsewhere = kit.as_authority("region_admin", region="440000", level="province")

    assert simulate(nation, town).status == 200
    assert simulate(nation, town, "000000").json["open_institutions"] == 4
    assert simulate(elsewhere, town).problem == "outside-jurisdiction"
    assert simulate(kit.as_authority(region=COUNTY), town).problem == "forbidden"
    assert simulate(nation, town, "519999").problem == "unknown-region"


def test_nothing_is_stored(town, province, kit):
    def rows():
        with psycopg.connect(kit.owner_url) as connection:
            names = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            return {
                name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
                for (name,) in names
            }

    before = rows()

    assert simulate(province, town, rules=[rule()]).json["rerouted_institutions"] == 2
    assert rows() == before
