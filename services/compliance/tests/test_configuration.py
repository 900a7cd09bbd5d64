"""What regions configure: inheritance, the allowed direction, who may, and versions."""

import threading

import pytest

from otsp_chassis import clock
from otsp_compliance.rules.strictness import DIRECTIONS
from otsp_contracts.snapshots import RegionParameters

NATION, PROVINCE, CITY, COUNTY = "000000", "330000", "330100", "330106"


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


@pytest.fixture
def nation(kit):
    return kit.as_authority("national_admin", region=NATION, level="national")


def path(world, region_code=COUNTY, topic="region-parameters"):
    return f"{world.api}/{topic}/{region_code}"


def put(client, world, region_code=COUNTY, if_match=None, **fields):
    body = {"effective_from": "2024-09-01"} | fields
    return client.put(path(world, region_code), body, if_match=if_match)


def in_force(client, world, region_code=COUNTY, on=None):
    return client.get(path(world, region_code), query={"on": on} if on else None).json


def test_a_region_that_says_nothing_has_the_national_defaults(world, county):
    told = in_force(county, world)

    national = RegionParameters(code=COUNTY).model_dump(mode="json", exclude={"code"})
    assert told["parameters"] == national
    assert (told["sources"], told["own"], told["version"]) == ({}, None, 0)
    assert told["on"] == "2024-10-15"


def test_what_a_region_leaves_out_comes_from_above(world, kit, county, province, nation):
    hours = {"primary": ["08:00", "16:00"], "junior": ["08:00", "17:00"]}
    put(nation, world, NATION, holidays=["2024-12-24"])
    put(province, world, PROVINCE, school_hours=hours, price_float_bp=1000, vacations=[])
    put(
        county,
        world,
        school_hours={"junior": ["07:50", "17:10"]},
        vacations=[["2025-01-20", "2025-02-16"]],
    )

    told = in_force(county, world)

    assert told["parameters"]["school_hours"] == hours | {"junior": ["07:50", "17:10"]}
    assert told["parameters"]["price_float_bp"] == 1000
    assert told["parameters"]["holidays"] == ["2024-12-24"]
    assert told["parameters"]["vacations"] == [["2025-01-20", "2025-02-16"]]
    assert told["sources"] == {
        "holidays": NATION,
        "price_float_bp": PROVINCE,
        "school_hours": COUNTY,
        "vacations": COUNTY,
    }


def test_a_set_holds_from_its_day_until_the_next(world, county):
    first = put(county, world, effective_from="2024-09-01", price_float_bp=1000)
    put(county, world, effective_from="2024-11-01", price_float_bp=500, if_match=first.version)

    assert in_force(county, world, on="2024-08-31")["parameters"]["price_float_bp"] == 0
    assert in_force(county, world, on="2024-10-31")["parameters"]["price_float_bp"] == 1000
    assert in_force(county, world, on="2024-11-01")["parameters"]["price_float_bp"] == 500


def test_the_set_of_a_day_is_replaced_as_a_whole(world, county):
    first = put(county, world, price_float_bp=1000, min_ft_teaching=3)

    second = put(county, world, price_float_bp=500, if_match=first.version)

    assert second.json["own"]["parameters"] == {"price_float_bp": 500}
    assert second.json["parameters"]["min_ft_teaching"] is None
    assert second.version == first.version + 1


def test_a_null_takes_away_what_would_be_inherited(world, county, province):
    cap = {"offline": {"s": 8000, "m": 6000, "l": 4000}, "online": 2000}
    put(province, world, PROVINCE, price_cap_fen=cap)

    told = put(county, world, price_cap_fen=None)

    assert told.json["parameters"]["price_cap_fen"] is None
    assert told.json["sources"] == {"price_cap_fen": COUNTY}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"overrides": {"max_lessons": 61}}, "/overrides/max_lessons"),
        ({"overrides": {"end_offline": "20:31"}}, "/overrides/end_offline"),
        ({"overrides": {"ft_ratio_bp": 4999}}, "/overrides/ft_ratio_bp"),
        ({"overrides": {"disguise_words": ["奥数"]}}, "/overrides/disguise_words"),
        ({"overrides": {"contract_code": "GF-2020"}}, "/overrides/contract_code"),
        ({"min_area_centi_m2": {"default": 299}}, "/min_area_centi_m2/default"),
        ({"min_area_centi_m2": {"sports": 499}}, "/min_area_centi_m2/sports"),
        ({"deposit_ratio_bp": 9999}, "/deposit_ratio_bp"),
    ],
)
def test_a_region_may_not_be_more_lenient_than_the_nation(world, county, fields, pointer):
    refused = put(county, world, **fields)

    assert (refused.status, refused.problem) == (422, "parameters-not-stricter")
    assert refused.pointers == {pointer}
    assert refused.json["errors"][0]["detail"]
    assert in_force(county, world)["version"] == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"overrides": {"max_lessons": 48, "end_offline": "20:00", "ft_ratio_bp": 6000}},
        {"overrides": {"restday_stages": ["primary", "junior"]}},
        {"min_area_centi_m2": {"default": 400, "dance": 450}},
        {"deposit_ratio_bp": 12000},
    ],
)
def test_a_region_may_be_stricter(world, county, fields):
    assert put(county, world, **fields).status == 200


def test_a_county_may_not_be_more_lenient_than_its_province(world, county, province):
    put(province, world, PROVINCE, overrides={"max_lessons": 48})

    assert put(county, world, overrides={"max_lessons": 50}).pointers == {"/overrides/max_lessons"}
    assert put(county, world, overrides={"max_lessons": 40}).status == 200


def test_every_parameter_of_the_rules_may_be_named(world, kit):
    """The schema and the rules know the same names; the rules say which may be set."""
    schema = kit.app  # noqa: F841 - the specification is loaded with the application
    from importlib import resources

    import yaml

    text = resources.files("otsp_compliance").joinpath("openapi.yaml").read_text("utf-8")
    named = yaml.safe_load(text)["components"]["schemas"]["Overrides"]["properties"]
    assert set(named) == set(DIRECTIONS) - {"min_area_centi_m2"}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"school_hours": {"primary": ["16:00", "08:00"]}}, "/school_hours/primary"),
        ({"vacations": [["2025-02-16", "2025-01-20"]]}, "/vacations/0"),
        ({"vacations": [["2025-02-30", "2025-03-01"]]}, "/vacations/0/0"),
        ({"price_float_bp": 0.1}, "/price_float_bp"),
        ({"price_cap_fen": {"online": 2**60}}, "/price_cap_fen/online"),
        ({"overrides": {"max_lesons": 40}}, "/overrides/max_lesons"),
    ],
)
def test_faulty_values_are_refused_where_they_stand(world, county, fields, pointer):
    refused = put(county, world, **fields)

    assert (refused.status, refused.pointers) == (422, {pointer})


@pytest.mark.parametrize(
    ("role", "claim"),
    [
        ("region_admin", {"region": "330105"}),
        ("region_admin", {"region": CITY, "level": "city"}),
        ("region_admin", {"region": COUNTY, "department": "sports"}),
    ],
)
def test_only_the_regions_own_education_administrator_configures(world, kit, role, claim):
    client = kit.as_authority(role, **claim)

    assert put(client, world, price_float_bp=1).problem == "outside-jurisdiction"
    refused = client.put(path(world, topic="routing-rules"), {"rules": []})
    assert refused.problem == "outside-jurisdiction"


def test_a_reviewer_does_not_configure(world, kit):
    assert put(kit.as_authority("reviewer"), world, price_float_bp=1).problem == "forbidden"


def test_the_nation_may_configure_everywhere(world, nation):
    assert put(nation, world, COUNTY, price_float_bp=1).status == 200
    assert put(nation, world, NATION, price_float_bp=1).status == 200


def test_a_region_that_does_not_exist_is_not_found(world, nation):
    assert put(nation, world, "999999").problem == "unknown-region"
    assert nation.get(path(world, "999999")).problem == "unknown-region"


def test_a_change_names_the_version_that_it_replaces(world, county):
    first = put(county, world, price_float_bp=1000)

    assert put(county, world, price_float_bp=1).problem == "precondition-required"
    assert put(county, world, price_float_bp=1, if_match=0).problem == "stale-version"
    assert in_force(county, world)["version"] == first.version


def test_of_two_first_settings_at_once_one_is_refused(world, kit, county):
    gate, answers = threading.Barrier(2), []
    kit.app  # noqa: B018 - built before the threads want it

    def act(value):
        gate.wait(timeout=10)
        answers.append(put(county, world, price_float_bp=value, if_match=0))

    threads = [threading.Thread(target=act, args=[value]) for value in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(answer.status for answer in answers) == [200, 412]


def test_what_a_region_set_is_what_its_institutions_are_judged_by(world, kit):
    world.authority("杭州市西湖区教育局")
    world.profile().configure(overrides={"end_offline": "20:00"})
    application_id = world.filed()
    world.provide()

    told = world.application(application_id)

    assert "TIM-001" in told["blocking"]


def rule(**fields):
    return {
        "category": "nonsubject",
        "delivery": "offline",
        "mode": "sector_then_edu",
        "effective_from": "2024-01-01",
    } | fields


def put_rules(client, world, *rules, region_code=COUNTY, if_match=None, **fields):
    body = {"rules": list(rules)} | fields
    return client.put(path(world, region_code, "routing-rules"), body, if_match=if_match)


def test_routing_rules_are_replaced_as_a_whole(world, county):
    first = put_rules(county, world, rule(), rule(delivery="online", mode="edu_only"))

    second = put_rules(
        county,
        world,
        rule(nonsubject_type="sports", basis_doc="示例文件", drops_when_mixed=True),
        if_match=first.version,
    )

    (told,) = county.get(path(world, topic="routing-rules")).json["rules"]
    assert second.status == 200
    assert (told["nonsubject_type"], told["level"]) == ("sports", "county")
    assert (told["basis_doc"], told["drops_when_mixed"]) == ("示例文件", True)


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"delivery": "offline"}, "county"),
        ({"delivery": "online"}, "province"),
        ({"delivery": "online", "nonsubject_type": "other"}, "county"),
    ],
)
def test_a_rule_without_a_level_has_that_of_the_nation(world, county, fields, level):
    (told,) = put_rules(county, world, rule(mode="edu_only", **fields)).json["rules"]

    assert told["level"] == level


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"category": "subject", "mode": "edu_only"}, "category", "not_configurable"),
        (
            {
                "category": "subject",
                "delivery": "online",
                "mode": "edu_only",
                "delegate_level": "county",
            },
            "category",
            "only_province_delegates",
        ),
        ({"delivery": "online", "delegate_level": "county"}, "delegate_level", "not_delegable"),
        ({"delivery": "online", "effective_to": "2023-12-31"}, "effective_to", "reversed"),
        ({"effective_from": "2024-06-01"}, "effective_from", "overlapping"),
    ],
)
def test_routing_that_is_not_the_regions_is_refused_with_the_reason(
    world, county, fields, pointer, code
):
    refused = put_rules(county, world, rule(effective_to="2025-01-01"), rule(**fields))

    assert (refused.status, refused.problem) == (422, "routing-not-allowed")
    assert refused.pointers == {f"/rules/1/{pointer}"}
    assert refused.json["errors"][0]["code"] == code
    assert county.get(path(world, topic="routing-rules")).json["rules"] == []


def test_a_province_may_hand_online_subject_training_down(world, kit, province):
    delegated = rule(
        category="subject", delivery="online", mode="edu_only", delegate_level="county"
    )
    province.put(path(world, PROVINCE, "routing-rules"), {"rules": [delegated]})
    world.of_sample("B")
    facts = world.facts
    facts["region_code"] = COUNTY
    world.authority("杭州市西湖区教育局")
    world.profile()

    application_id = world.filed()
    world.provide()

    told = world.application(application_id)
    assert [one["authority"] for one in told["routed_steps"]] == ["杭州市西湖区教育局"]
