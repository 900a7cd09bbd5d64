"""How parameters come down from the nation to a county, each level only stricter (D13, D14)."""

from datetime import date

import pytest

from otsp_compliance.rules.inheritance import ParameterSet, inherit, lineage, violations
from otsp_compliance.rules.parameters import NATIONAL, resolve
from otsp_compliance.rules.routing_rules import Level, RoutingRule
from otsp_compliance.rules.settings_in_force import tell_settings
from otsp_compliance.rules.strictness import DIRECTION_OF
from otsp_contracts.snapshots import RegionParameters

NATION, PROVINCE, CITY, COUNTY = "000000", "330000", "330100", "330106"


def set_by(region_code, **values):
    return ParameterSet(region_code, date(2024, 9, 1), None, values)


def settings(*sets, delegated_by=None):
    return {one.setting: one for one in tell_settings(inherit(COUNTY, sets), delegated_by)}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (COUNTY, (NATION, PROVINCE, CITY, COUNTY)),
        ("110108", (NATION, "110000", "110108")),
        ("419001", (NATION, "410000", "419001")),
        (NATION, (NATION,)),
        (None, (NATION,)),
    ],
)
def test_a_region_inherits_from_the_divisions_that_it_lies_in(code, expected):
    assert lineage(code) == expected


def test_where_nothing_is_configured_the_built_in_values_hold():
    """D13: never a block."""
    inherited = inherit(COUNTY, [])

    assert inherited.parameters == RegionParameters(code=COUNTY)
    assert resolve(inherited.parameters) == NATIONAL
    assert {one.level for one in settings().values()} == {"national"}
    assert {one.effective_from for one in settings().values()} == {None}


def test_each_value_is_told_with_the_level_that_set_it():
    told = settings(
        set_by(NATION, overrides={"max_lessons": 55, "online_lesson_max": 28}),
        set_by(PROVINCE, overrides={"max_lessons": 48}, min_area_centi_m2={"default": 320}),
        set_by(CITY, school_hours={"primary": ["08:00", "16:00"]}, min_ft_teaching=3),
        set_by(COUNTY, school_hours={"junior": ["08:00", "17:00"]}, deposit_ratio_bp=12_000),
    )

    def of(setting):
        one = told[setting]
        return one.value, one.level, one.region_code

    assert of("overrides/max_lessons") == (48, "province", PROVINCE)
    assert of("overrides/online_lesson_max") == (28, "national", NATION)
    assert of("overrides/max_period_days") == (92, "national", NATION)
    assert of("min_area_centi_m2/default") == (320, "province", PROVINCE)
    assert of("min_area_centi_m2/sports") == (500, "national", NATION)
    assert of("school_hours/primary") == (["08:00", "16:00"], "city", CITY)
    assert of("school_hours/junior") == (["08:00", "17:00"], "county", COUNTY)
    assert of("min_ft_teaching") == (3, "city", CITY)
    assert of("deposit_ratio_bp") == (12_000, "county", COUNTY)
    assert told["overrides/max_lessons"].national_value == 60
    assert told["overrides/max_lessons"].region_name == "浙江省"
    assert told["overrides/max_lessons"].effective_from == date(2024, 9, 1)


def test_the_issuer_levels_follow_the_delegation_of_the_province():
    """D14's named relaxation: by R1's delegation, not by an override."""
    handed_down = RoutingRule(
        rule_id="1",
        region_code=PROVINCE,
        category="subject",
        delivery="online",
        level=Level.PROVINCE,
        delegate_level=Level.COUNTY,
        effective_from=date(2022, 1, 1),
    )

    one = settings(delegated_by=handed_down)["routing"]

    assert (one.parameter, one.value) == ("online_subject_issuer_levels", ("province", "county"))
    assert (one.level, one.region_code) == ("province", PROVINCE)


def test_what_above_tightened_later_beats_a_county_that_was_first():
    county = set_by(
        COUNTY,
        overrides={"max_lessons": 50, "max_period_days": 80},
        min_area_centi_m2={"default": 310, "dance": 400},
        min_ft_teaching=2,
    )
    province = set_by(
        PROVINCE,
        overrides={"max_lessons": 48},
        min_area_centi_m2={"default": 350},
        min_ft_teaching=5,
    )

    told = settings(province, county)

    assert told["overrides/max_lessons"].value == 48
    assert told["overrides/max_lessons"].region_code == PROVINCE
    assert told["overrides/max_period_days"].value == 80
    assert told["min_area_centi_m2/default"].value == 350
    assert told["min_area_centi_m2/dance"].value == 400
    assert told["min_ft_teaching"].value == 5


@pytest.mark.parametrize(
    ("above", "own", "code", "in_force"),
    [
        ({"overrides": {"max_lessons": 48}}, {"overrides": {"max_lessons": 50}}, None, 48),
        ({}, {"min_area_centi_m2": {"dance": 299}}, None, 300),
        ({"min_area_centi_m2": {"dance": 400}}, {"min_area_centi_m2": {"dance": 350}}, None, 400),
        ({"min_building_area_centi_m2": 9}, {"min_building_area_centi_m2": 8}, None, 9),
        ({"min_ft_teaching": 3}, {"min_ft_teaching": 2}, None, 3),
        ({"min_ft_teaching": 3}, {"min_ft_teaching": None}, None, 3),
        ({"deposit_ratio_bp": 12_000}, {"deposit_ratio_bp": 11_000}, None, 12_000),
        (
            {"deposit_ratio_bp": 12_000},
            {"overrides": {"deposit_ratio_bp": 11_000}},
            None,
            12_000,
        ),
        ({}, {"overrides": {"max_lessons": "many"}}, "wrong_type", 60),
        ({}, {"overrides": {"end_offline": "8 pm"}}, "bad_value", "20:30"),
        ({}, {"overrides": {"sports_certs": ["x"]}}, "fixed", NATIONAL.sports_certs),
        ({}, {"overrides": {"unheard_of": 1}}, "unknown_parameter", None),
        ({}, {"overrides": {"min_area_centi_m2": 1}}, "wrong_type", None),
    ],
)
def test_the_wrong_way_is_told_with_what_is_in_force_and_by_whom(above, own, code, in_force):
    inherited = inherit(COUNTY, [set_by(PROVINCE, **above)])

    (told,) = violations(own, inherited)

    [(field, value)] = own.items()
    expected = f"{field}/{next(iter(value))}" if isinstance(value, dict) else field
    assert (told.setting, told.refusal.code) == (expected, code or "not_stricter")
    assert told.in_force == in_force
    whose = PROVINCE if expected in inherited.sources else NATION
    assert told.set_by == whose
    if code != "unknown_parameter":
        named = {PROVINCE: "浙江省", NATION: "全国"}[whose]
        assert (named in told.refusal.detail_zh) == (code in {None, "fixed"})
    name = expected.removeprefix("overrides/").partition("/")[0]
    assert (told.parameter, told.direction) == (name, DIRECTION_OF.get(name))
    asked = value[next(iter(value))] if isinstance(value, dict) else value
    assert told.asked == (tuple(asked) if isinstance(asked, list) else asked)


def test_every_value_that_goes_the_wrong_way_is_told():
    """Also behind one that above leaves open and the region too."""
    own = {"price_cap_fen": None, "min_ft_teaching": None, "overrides": {"max_lessons": 61}}

    told = list(violations(own, inherit(COUNTY, [])))

    assert [one.setting for one in told] == ["overrides/max_lessons"]


def test_a_rule_from_above_is_not_taken_away_by_leaving_it_empty():
    above = inherit(COUNTY, [set_by(PROVINCE, min_ft_teaching=3)])

    (told,) = violations({"min_ft_teaching": None}, above)

    assert told.refusal.detail_zh == (
        "“专职教学人员最少人数”不能取消浙江省的规定：请删去该项以沿用上级的值。"
    )


@pytest.mark.parametrize(
    "own",
    [
        {"school_hours": {"primary": ["07:30", "15:00"]}, "vacations": [], "holidays": []},
        {"price_cap_fen": None, "price_float_bp": 2000},
        {"min_ft_teaching": None, "deposit_ratio_bp": None},
        {"overrides": {"restday_stages": ["primary", "junior"]}},
        {"overrides": {"restday_stages": ["primary", "junior", "senior", "vocational"]}},
    ],
)
def test_local_facts_and_the_named_relaxation_are_the_regions_own(own):
    above = inherit(COUNTY, [set_by(PROVINCE, price_cap_fen={"online": 1500}, price_float_bp=500)])

    assert list(violations(own, above)) == []
