"""Who reviews: the matrix R1 to R7, the departments by mode, climbing, fallback, delegation."""

from dataclasses import replace
from datetime import date

import pytest

from otsp_compliance.rules.routing import (
    NATIONAL_RULES,
    ROUTING_FALLBACK,
    Authority,
    Level,
    Mode,
    RoutedInstitution,
    RoutingRule,
    Unroutable,
    chain,
    delegated_levels,
    refusals,
    resolve,
)
from otsp_contracts.snapshots import InstitutionFacts

DAY = date(2024, 10, 15)


def office(name, level, department, region_code, *, active=True):
    return Authority(
        authority_id=name,
        name=name,
        level=level,
        department=department,
        region_code=region_code,
        active=active,
    )


AUTHORITIES = [
    office("西湖区教育局", "county", "education", "330106"),
    office("北京市教委", "province", "education", "110000"),
    office("海淀区教委", "county", "education", "110108"),
    office("武侯区教育局", "county", "education", "510107"),
    office("武侯区文旅局", "county", "culture_tourism", "510107"),
    office("武侯区科技局", "county", "science_tech", "510107", active=False),
    office("成都市科技局", "city", "science_tech", "510100"),
    office("成都市体育局", "city", "sports", "510100", active=False),
    office("四川省教育厅", "province", "education", "510000"),
    office("郑州市教育局", "city", "education", "410100"),
    office("金水区教育局", "county", "education", "410105"),
    office("河南省教育厅", "province", "education", "410000"),
]


def rule(region_code, *, category="nonsubject", delivery="offline", kind=None, **differences):
    return replace(
        RoutingRule(
            rule_id=f"{region_code}-{delivery}",
            region_code=region_code,
            category=category,
            delivery=delivery,
            nonsubject_type=kind,
            level=Level.COUNTY,
            effective_from=date(2022, 1, 1),
        ),
        **differences,
    )


def institution(region_code, categories, deliveries, kind=None):
    return RoutedInstitution(
        region_code, frozenset(categories.split()), frozenset(deliveries.split()), kind
    )


def steps(an_institution, rules=(), authorities=AUTHORITIES, on_date=DAY):
    found = resolve(an_institution, rules, authorities, on_date=on_date)
    return [(step.authority_id, step.purpose) for step in found]


def test_offline_subject_goes_to_the_county():
    """Worked example (a)."""
    assert steps(institution("330106", "subject", "offline")) == [("西湖区教育局", "subject")]


def test_online_subject_goes_to_the_province():
    """Worked example (b); a municipality is its own province."""
    assert steps(institution("110108", "subject", "online")) == [("北京市教委", "subject")]


def test_a_configured_region_asks_the_sector_first():
    """Worked example (c)."""
    arts = institution("510107", "nonsubject", "offline", "culture_arts")
    configured = rule("510107", kind="culture_arts", mode=Mode.SECTOR_THEN_EDU)

    assert steps(arts, [configured]) == [
        ("武侯区文旅局", "nonsubject"),
        ("武侯区教育局", "nonsubject"),
    ]
    assert steps(arts) == [("武侯区教育局", "nonsubject")]


def test_a_province_may_delegate_online_subject_training():
    """Worked example (d)."""
    online = institution("410105", "subject", "online")
    delegation = rule(
        "410000",
        category="subject",
        delivery="online",
        level=Level.PROVINCE,
        delegate_level=Level.COUNTY,
    )

    assert steps(online) == [("河南省教育厅", "subject")]
    assert steps(online, [delegation]) == [("金水区教育局", "subject")]
    assert delegated_levels("410105", [delegation], on_date=DAY) == ("county",)
    assert delegated_levels("410105", [delegation], on_date=date(2021, 12, 31)) == ()
    assert delegated_levels("110108", [delegation], on_date=DAY) == ()


@pytest.mark.parametrize(
    ("kind", "mode", "expected"),
    [
        ("culture_arts", Mode.EDU_ONLY, ["武侯区教育局"]),
        ("culture_arts", Mode.SECTOR_ONLY, ["武侯区文旅局"]),
        ("culture_arts", Mode.SECTOR_THEN_EDU, ["武侯区文旅局", "武侯区教育局"]),
        ("culture_arts", Mode.EDU_WITH_OPTIONAL_OPINION, ["武侯区教育局"]),
        ("science_tech", Mode.SECTOR_ONLY, ["成都市科技局"]),
        ("science_tech", Mode.SECTOR_THEN_EDU, ["成都市科技局", "武侯区教育局"]),
        ("sports", Mode.SECTOR_ONLY, ["武侯区教育局"]),
        ("sports", Mode.SECTOR_THEN_EDU, ["武侯区教育局"]),
        ("sports", Mode.EDU_WITH_OPTIONAL_OPINION, ["武侯区教育局"]),
        ("other", Mode.SECTOR_ONLY, ["武侯区教育局"]),
        ("other", Mode.SECTOR_THEN_EDU, ["武侯区教育局"]),
        (None, Mode.SECTOR_ONLY, ["武侯区教育局"]),
    ],
)
def test_departments_by_type_and_mode(kind, mode, expected):
    found = steps(institution("510107", "nonsubject", "offline", kind), [rule("510107", mode=mode)])

    assert [authority for authority, _ in found] == expected


def test_education_standing_in_for_a_sector_is_flagged():
    sports = institution("510107", "nonsubject", "offline", "sports")
    arts = institution("510107", "nonsubject", "offline", "culture_arts")
    configured = [rule("510107", mode=Mode.SECTOR_ONLY)]

    (fallen,) = resolve(sports, configured, AUTHORITIES, on_date=DAY)
    (direct,) = resolve(arts, configured, AUTHORITIES, on_date=DAY)

    assert (fallen.fallback, direct.fallback) == (ROUTING_FALLBACK, None)
    assert (fallen.rule_id, direct.rule_id) == ("510107-offline", "510107-offline")


def test_an_opinion_may_be_asked_of_the_sector_authority():
    configured = [rule("510107", mode=Mode.EDU_WITH_OPTIONAL_OPINION)]

    def opinion(kind):
        asked = institution("510107", "nonsubject", "offline", kind)
        (step,) = resolve(asked, configured, AUTHORITIES, on_date=DAY)
        return step.opinion_from

    assert opinion("culture_arts") == "武侯区文旅局"
    assert opinion("sports") is None
    assert opinion("other") is None


@pytest.mark.parametrize(
    ("delivery", "kind", "expected"),
    [
        ("offline", "culture_arts", "武侯区教育局"),  # R3
        ("online", "culture_arts", "四川省教育厅"),  # R4
        ("offline", "other", "武侯区教育局"),  # R7
        ("online", "other", "武侯区教育局"),  # R7
    ],
)
def test_national_defaults_for_nonsubject_training(delivery, kind, expected):
    assert steps(institution("510107", "nonsubject", delivery, kind)) == [(expected, "nonsubject")]


def test_mixed_institutions_are_reviewed_subject_first_and_offline_first():
    """R5 and R6; one authority with two purposes reviews twice, with one purpose once."""
    mixed = institution("510107", "nonsubject subject", "online offline", "other")

    assert steps(mixed) == [
        ("武侯区教育局", "subject"),
        ("四川省教育厅", "subject"),
        ("武侯区教育局", "nonsubject"),
    ]


def test_the_more_specific_rule_wins():
    """County before city before province; exact type before any; later before earlier."""
    sector = {"mode": Mode.SECTOR_ONLY}
    arts = institution("510107", "nonsubject", "offline", "culture_arts")

    assert steps(arts, [rule("510000", **sector)])[0][0] == "武侯区文旅局"
    assert steps(arts, [rule("510100"), rule("510000", **sector)])[0][0] == "武侯区教育局"
    assert steps(arts, [rule("510107", **sector), rule("510100")])[0][0] == "武侯区文旅局"
    assert (
        steps(arts, [rule("510107", **sector), rule("510107", kind="culture_arts")])[0][0]
        == "武侯区教育局"
    )
    newer = rule("510107", effective_from=date(2024, 1, 1), **sector)
    assert steps(arts, [rule("510107"), newer])[0][0] == "武侯区文旅局"
    assert steps(arts, [rule("510700", **sector)])[0][0] == "武侯区教育局"


@pytest.mark.parametrize(
    ("on_date", "expected"),
    [
        (date(2023, 12, 31), "武侯区教育局"),
        (date(2024, 1, 1), "武侯区文旅局"),
        (date(2024, 6, 30), "武侯区文旅局"),
        (date(2024, 7, 1), "武侯区教育局"),
    ],
)
def test_a_rule_holds_from_its_first_day_to_before_its_last(on_date, expected):
    dated = rule(
        "510107",
        mode=Mode.SECTOR_ONLY,
        effective_from=date(2024, 1, 1),
        effective_to=date(2024, 7, 1),
    )

    arts = institution("510107", "nonsubject", "offline", "culture_arts")
    assert steps(arts, [dated], on_date=on_date)[0][0] == expected


def test_without_a_county_authority_the_case_climbs():
    without_county = [one for one in AUTHORITIES if one.authority_id != "金水区教育局"]
    without_city = [one for one in without_county if one.authority_id != "郑州市教育局"]
    offline = institution("410105", "subject", "offline")

    assert steps(offline, authorities=without_county) == [("郑州市教育局", "subject")]
    assert steps(offline, authorities=without_city) == [("河南省教育厅", "subject")]
    with pytest.raises(Unroutable) as none_left:
        steps(offline, authorities=[])
    assert (none_left.value.region_code, none_left.value.level) == ("410105", "county")


@pytest.mark.parametrize(
    ("region_code", "level", "expected"),
    [
        ("330106", Level.COUNTY, ["330106", "330100", "330000"]),
        ("330106", Level.CITY, ["330100", "330000"]),
        ("330106", Level.PROVINCE, ["330000"]),
        ("110108", Level.COUNTY, ["110108", "110000"]),
        ("120101", Level.CITY, ["120000"]),
        ("310115", Level.COUNTY, ["310115", "310000"]),
        ("500103", Level.COUNTY, ["500103", "500000"]),
        ("419001", Level.COUNTY, ["419001", "410000"]),
    ],
)
def test_municipalities_and_counties_under_a_province_have_no_city(region_code, level, expected):
    assert [code for _, code in chain(region_code, level)] == expected


@pytest.mark.parametrize(
    "refused",
    [
        rule("410000", category="subject", level=Level.CITY),
        rule("410000", category="subject", delivery="online", level=Level.COUNTY),
        rule("410000", category="subject", mode=Mode.SECTOR_ONLY),
        rule("410000", category="subject", kind="sports"),
        rule("410000", delegate_level=Level.COUNTY),
        rule("410000", category="subject", delegate_level=Level.COUNTY),
        rule(
            "410000",
            category="subject",
            delivery="online",
            level=Level.PROVINCE,
            delegate_level=Level.PROVINCE,
        ),
        rule("410000", effective_to=date(2022, 1, 1)),
    ],
)
def test_a_region_may_not_configure_this(refused):
    assert len(refusals(refused)) == 1


def test_a_region_may_configure_this():
    assert refusals(rule("510107", mode=Mode.SECTOR_ONLY, level=Level.CITY)) == ()
    assert refusals(rule("510107", effective_to=date(2022, 1, 2))) == ()
    delegation = rule("410000", category="subject", delivery="online", level=Level.PROVINCE)
    assert refusals(replace(delegation, delegate_level=Level.CITY)) == ()
    assert all(refusals(one) == () for one in NATIONAL_RULES)


def test_what_routing_knows_is_read_from_the_facts():
    facts = InstitutionFacts(
        institution_id="1",
        region_code="510107",
        categories=("nonsubject",),
        delivery_modes=("offline",),
        nonsubject_types=("culture_arts",),
    )

    only = RoutedInstitution.of(facts)
    both = RoutedInstitution.of(
        facts.model_copy(
            update={
                "nonsubject_types": ("culture_arts", "sports"),
                "primary_nonsubject_type": "sports",
            }
        )
    )

    assert only == institution("510107", "nonsubject", "offline", "culture_arts")
    assert both.primary_nonsubject_type == "sports"
