"""Since when and until when parameters hold, what they may not touch, who changed them."""

import pytest

from otsp_chassis import clock

COUNTY, PROVINCE, NATION = "330106", "330000", "000000"


@pytest.fixture(autouse=True)
def _today(filing_day):
    with clock.frozen(filing_day):
        yield


@pytest.fixture
def county(kit):
    return kit.as_authority("region_admin", region=COUNTY)


@pytest.fixture
def province(kit):
    return kit.as_authority("region_admin", region=PROVINCE, level="province")


def path(world, region_code=COUNTY):
    return f"{world.api}/region-parameters/{region_code}"


def put(client, world, region_code=COUNTY, **fields):
    """On top of whatever version stands."""
    version = client.get(path(world, region_code)).version
    body = {"effective_from": "2024-11-01"} | fields
    return client.put(path(world, region_code), body, if_match=version)


def lessons(client, world, on):
    told = client.get(path(world), query={"on": on}).json
    return told["parameters"]["overrides"].get("max_lessons")


def history(client, world, **query):
    return client.get(f"{path(world)}/history", query=query).json


def test_a_set_with_an_end_gives_way_to_what_is_inherited(world, county):
    put(county, world, effective_to="2025-01-01", overrides={"max_lessons": 48})

    assert [lessons(county, world, on) for on in ("2024-10-31", "2024-12-31", "2025-01-01")] == [
        None,
        48,
        None,
    ]


def test_a_period_that_runs_into_another_is_refused_with_that_other(world, county):
    put(county, world, effective_to="2025-01-01", overrides={"max_lessons": 48})

    refused = put(county, world, effective_from="2024-12-01", overrides={"max_lessons": 40})

    assert (refused.status, refused.problem) == (409, "parameter-periods-overlap")
    assert refused.json["conflict"] == {
        "effective_from": "2024-11-01",
        "effective_to": "2025-01-01",
    }
    assert "2024-11-01" in refused.json["detail"]
    assert lessons(county, world, "2024-12-15") == 48


def test_a_period_that_ends_before_it_begins_is_refused(world, county):
    assert put(county, world, effective_to="2024-11-01").pointers == {"/effective_to"}


def filed(world):
    world.authority("杭州市西湖区教育局")
    world.profile().configure()
    world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()


def test_what_applications_were_filed_under_is_not_changed_afterwards(world, county, province):
    filed(world)

    for client, region in ((county, COUNTY), (province, PROVINCE)):
        refused = put(client, world, region, effective_from="2024-10-01", price_float_bp=900)
        assert (refused.status, refused.problem) == (409, "parameters-would-change-filed-cases")
        assert refused.json["filed_cases"] == 1
        assert refused.json["possible_from"] == "2024-10-16"
        assert "2024-10-16" in refused.json["detail"]
    assert put(county, world, effective_from="2024-10-16", price_float_bp=900).status == 200


def test_the_past_may_be_put_right_where_nothing_was_filed(world, kit, county):
    filed(world)

    before = put(county, world, effective_from="2024-05-01", effective_to="2024-06-01")
    elsewhere = kit.as_authority("region_admin", region="330105")
    answer = put(elsewhere, world, "330105", effective_from="2024-10-01", price_float_bp=900)

    assert answer.status == 200
    assert before.status == 200


def test_saying_the_same_of_the_past_again_changes_nothing(world, county):
    filed(world)
    own = county.get(path(world)).json["own"]

    again = put(county, world, effective_from=own["effective_from"], **own["parameters"])

    assert again.status == 200


def test_a_withdrawn_self_check_is_no_filed_case(world, county):
    body = {"institution_id": str(world.institution_id)}
    world.institution().post(f"{world.api}/self-checks", body)
    world.provide()

    assert put(county, world, effective_from="2024-10-01", price_float_bp=900).status == 200


def test_the_history_says_who_changed_what_when_and_why(world, county):
    put(county, world, overrides={"max_lessons": 48}, reason="减负")
    put(
        county,
        world,
        effective_to="2025-03-01",
        overrides={"max_lessons": 40},
        basis_doc="示例文件",
    )

    newest, first = history(county, world)["items"]

    assert (first["before"], first["reason"]) == (None, "减负")
    assert first["after"]["parameters"] == {"overrides": {"max_lessons": 48}}
    assert newest["before"] == first["after"]
    assert newest["after"] == {
        "effective_from": "2024-11-01",
        "effective_to": "2025-03-01",
        "parameters": {"overrides": {"max_lessons": 40}},
        "basis_doc": "示例文件",
    }
    assert (newest["effective_from"], newest["effective_to"]) == ("2024-11-01", "2025-03-01")
    assert newest["changed_by"] == str(county.principal.account_id)
    assert (newest["role"], newest["authority_id"]) == (
        "region_admin",
        str(county.principal.authority.authority_id),
    )
    assert newest["changed_at"].startswith("2024-10-15")


def test_the_history_is_cut_into_pages_and_may_be_empty(world, county):
    assert history(county, world) == {"items": [], "next": None}
    for value in (48, 47, 46):
        put(county, world, overrides={"max_lessons": value})

    first = history(county, world, limit=2)
    rest = history(county, world, limit=2, cursor=first["next"])

    told = [
        one["after"]["parameters"]["overrides"]["max_lessons"]
        for one in first["items"] + rest["items"]
    ]
    assert told == [46, 47, 48]
    assert rest["next"] is None


def test_a_refused_change_leaves_no_history(world, county):
    put(county, world, overrides={"max_lessons": 61})

    assert history(county, world)["items"] == []


def test_routing_has_a_history_too(world, county):
    rule = {
        "category": "nonsubject",
        "delivery": "offline",
        "mode": "sector_only",
        "effective_from": "2024-01-01",
    }
    rules = f"{world.api}/routing-rules/{COUNTY}"
    first = county.put(rules, {"rules": [rule], "reason": "机构改革"})
    county.put(rules, {"rules": []}, if_match=first.version)

    newest, oldest = county.get(f"{rules}/history").json["items"]

    assert (oldest["before"], oldest["reason"]) == (None, "机构改革")
    assert [one["mode"] for one in oldest["after"]["rules"]] == ["sector_only"]
    assert (newest["before"], newest["after"]) == (oldest["after"], {"rules": []})


def test_a_refusal_names_the_parameter_the_direction_and_whose_word_is_in_force(
    world, county, province
):
    put(province, world, PROVINCE, overrides={"max_lessons": 48})

    refused = put(county, world, overrides={"max_lessons": 50})

    assert (refused.status, refused.problem) == (422, "parameters-not-stricter")
    (error,) = refused.json["errors"]
    assert (error["pointer"], error["code"]) == ("/overrides/max_lessons", "not_stricter")
    assert "浙江省规定为 48，您填写的是 50" in error["detail"]
    assert refused.json["refused"] == [
        {
            "parameter": "max_lessons",
            "stricter": "lower",
            "in_force": 48,
            "set_by": PROVINCE,
            "asked": 50,
        }
    ]


def test_every_value_is_told_with_the_level_that_it_comes_from(world, county, province):
    put(province, world, PROVINCE, overrides={"max_lessons": 48}, basis_doc="浙教〔2024〕1号")

    told = county.get(path(world), query={"on": "2024-11-01"}).json["settings"]

    by_setting = {one["setting"]: one for one in told}
    lessons_, period = by_setting["overrides/max_lessons"], by_setting["overrides/max_period_days"]
    assert (lessons_["value"], lessons_["level"], lessons_["region_name"]) == (
        48,
        "province",
        "浙江省",
    )
    assert (lessons_["effective_from"], lessons_["basis_doc"]) == ("2024-11-01", "浙教〔2024〕1号")
    assert (period["value"], period["level"], period["effective_from"]) == (92, "national", None)


@pytest.mark.parametrize("code", ["339999", "999999", "100000"])
def test_a_region_that_does_not_exist_is_named(world, kit, code):
    nation = kit.as_authority("national_admin", region=NATION, level="national")

    for refused in (
        nation.get(path(world, code)),
        nation.get(f"{path(world, code)}/history"),
        nation.put(path(world, code), {"effective_from": "2024-11-01"}),
    ):
        assert (refused.status, refused.problem) == (404, "unknown-region")
        assert refused.json["region_code"] == code


def test_an_unconfigured_county_is_warned_and_not_blocked(world):
    """D13."""
    world.authority("杭州市西湖区教育局")
    body = {"institution_id": str(world.institution_id)}
    answer = world.institution().post(f"{world.api}/self-checks", body)
    world.provide()

    found = world.institution().get(answer.headers["Location"]).json

    assert found["state"] == "passed"
    assert {one["rule_id"] for one in found["findings"]["data"]} >= {"CMP-002"}
