"""Who reviews: the matrix R1 to R7, the departments by mode, climbing, fallback, delegation."""

from dataclasses import replace
from datetime import date

import pytest

from otsp_compliance.rules.routing import (
    ROUTING_FALLBACK,
    Authority,
    RoutedInstitution,
    Unroutable,
    chain,
    delegated_levels,
    resolve,
)
from otsp_compliance.rules.routing_rules import (
    NATIONAL_RULES,
    Level,
    Mode,
    RoutingRule,
    national_level,
    objections,
    overlaps,
)
from otsp_compliance.rules.routing_wording import explain, ground_document
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
    exact_above = rule("510000", kind="culture_arts", **sector)
    assert steps(arts, [rule("510107"), exact_above])[0][0] == "武侯区教育局"
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


DELEGATION = rule(
    "410000",
    category="subject",
    delivery="online",
    level=Level.PROVINCE,
    delegate_level=Level.COUNTY,
)


@pytest.mark.parametrize(
    ("refused", "field", "code"),
    [
        # R2, configurable: "no"
        (rule("330106", category="subject"), "category", "not_configurable"),
        (rule("410000", category="subject", level=Level.CITY), "category", "not_configurable"),
        # of R1: "only delegation downwards by that province"
        (replace(DELEGATION, region_code="410100"), "category", "only_province_delegates"),
        (replace(DELEGATION, region_code="410105"), "category", "only_province_delegates"),
        (replace(DELEGATION, region_code="000000"), "category", "only_province_delegates"),
        (replace(DELEGATION, delegate_level=Level.PROVINCE), "delegate_level", "not_downward"),
        (rule("410000", delegate_level=Level.COUNTY), "delegate_level", "not_delegable"),
        # §1.5: "for subject only level = as in R1/R2 plus delegate_level for R1"
        (replace(DELEGATION, level=Level.COUNTY), "level", "fixed_level"),
        (replace(DELEGATION, mode=Mode.SECTOR_ONLY), "mode", "education_only"),
        (replace(DELEGATION, nonsubject_type="sports"), "nonsubject_type", "not_applicable"),
        (
            rule("000000", category="subject", level=Level.PROVINCE),
            "level",
            "fixed_level",
        ),
        # R5: it is step 2, the non-subject one, that may be dropped
        (replace(DELEGATION, drops_when_mixed=True), "drops_when_mixed", "not_applicable"),
        # §1.2: municipalities have no city reviewer
        (rule("110000", level=Level.CITY), "level", "no_city_level"),
        (
            replace(DELEGATION, region_code="110000", delegate_level=Level.CITY),
            "delegate_level",
            "no_city_level",
        ),
        (rule("410000", effective_to=date(2022, 1, 1)), "effective_to", "reversed"),
    ],
)
def test_a_region_may_not_configure_this(refused, field, code):
    (told,) = objections(refused)

    assert (told.field, told.code) == (field, code)
    assert told.detail_zh.endswith("。")


def test_a_region_may_configure_this():
    assert objections(rule("510107", mode=Mode.SECTOR_ONLY, level=Level.CITY)) == ()
    assert objections(rule("510107", effective_to=date(2022, 1, 2))) == ()
    assert objections(replace(DELEGATION, delegate_level=Level.CITY)) == ()
    assert objections(rule("510107", drops_when_mixed=True)) == ()
    assert all(objections(one) == () for one in NATIONAL_RULES)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, [(0, 1)]),
        ({"effective_from": date(2024, 1, 1)}, [(0, 1)]),
        ({"kind": "sports"}, []),
        ({"delivery": "online"}, []),
        ({"effective_to": date(2022, 1, 1), "effective_from": date(2021, 1, 1)}, []),
        ({"effective_to": date(2022, 1, 2), "effective_from": date(2021, 1, 1)}, [(0, 1)]),
    ],
)
def test_rules_on_the_same_training_may_not_share_a_day(other, expected):
    assert list(overlaps([rule("510107"), rule("510107", **other)])) == expected


@pytest.mark.parametrize(
    ("category", "delivery", "kind", "level"),
    [
        ("subject", "online", None, Level.PROVINCE),
        ("subject", "offline", None, Level.COUNTY),
        ("nonsubject", "offline", None, Level.COUNTY),
        ("nonsubject", "online", None, Level.PROVINCE),
        ("nonsubject", "online", "sports", Level.PROVINCE),
        ("nonsubject", "online", "other", Level.COUNTY),
    ],
)
def test_the_level_of_the_nation_is_that_of_the_matrix(category, delivery, kind, level):
    assert national_level(category, delivery, kind) is level


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


MIXED = institution("510107", "nonsubject subject", "offline", "culture_arts")
SECTOR_FIRST = rule(
    "510107",
    kind="culture_arts",
    mode=Mode.SECTOR_THEN_EDU,
    effective_from=date(2024, 1, 1),
    basis_doc="川教〔2024〕1号（示例）",
)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        # as R5 says: step 1 by the subject row, step 2 by R3/R4; "both must approve"
        ([], [("武侯区教育局", "subject"), ("武侯区教育局", "nonsubject")]),
        (
            [SECTOR_FIRST],
            [
                ("武侯区教育局", "subject"),
                ("武侯区文旅局", "nonsubject"),
                ("武侯区教育局", "nonsubject"),
            ],
        ),
        # as R5 says: configurable, "may drop step 2"
        ([rule("510107", drops_when_mixed=True)], [("武侯区教育局", "subject")]),
        ([rule("510000", drops_when_mixed=True)], [("武侯区教育局", "subject")]),
        # the more specific rule says otherwise
        (
            [rule("510000", drops_when_mixed=True), rule("510107")],
            [("武侯区教育局", "subject"), ("武侯区教育局", "nonsubject")],
        ),
        (
            [rule("510107", drops_when_mixed=True, kind="sports")],
            [("武侯区教育局", "subject"), ("武侯区教育局", "nonsubject")],
        ),
    ],
)
def test_the_non_subject_step_of_a_mixed_institution_may_be_dropped(rules, expected):
    """R5."""
    assert steps(MIXED, rules) == expected


def test_what_has_only_non_subject_training_keeps_its_step():
    """R5 speaks of subject + nonsubject."""
    arts = institution("510107", "nonsubject", "offline", "culture_arts")

    assert steps(arts, [rule("510107", drops_when_mixed=True)]) == [("武侯区教育局", "nonsubject")]


def test_a_dropped_part_is_told_with_the_step_that_covers_it():
    (step,) = resolve(MIXED, [rule("510107", drops_when_mixed=True)], AUTHORITIES, on_date=DAY)

    own, dropped = step.grounds
    assert (own.matrix, own.is_dropped) == (("R2", "R5"), False)
    assert (dropped.part.category, dropped.is_dropped) == ("nonsubject", True)
    assert "由学科类审核一并负责" in explain(dropped)


def test_a_decision_tells_its_rule_its_level_and_its_alternatives():
    arts = institution("510107", "nonsubject", "offline", "culture_arts")
    others = [
        rule("510000", mode=Mode.SECTOR_ONLY),
        rule("510107", kind="sports"),
        rule("510107", effective_from=date(2025, 1, 1)),
        rule("510107", effective_to=date(2023, 1, 1)),
    ]

    sector, education = resolve(arts, [SECTOR_FIRST, *others], AUTHORITIES, on_date=DAY)

    told = ground_document(sector.grounds[0])
    assert (told["rule"]["region_name"], told["rule"]["set_at"]) == ("四川省成都市武侯区", "county")
    assert (told["matrix"], told["department"], told["level"]) == (
        ["R3"],
        "culture_tourism",
        "county",
    )
    assert [(one["rule"]["region_code"], one["why_not"]) for one in told["alternatives"]] == [
        ("510107", "other_type"),
        ("510107", "no_longer_in_force"),
        ("510107", "not_yet_in_force"),
        ("510000", "wider_region"),
        ("000000", "wider_region"),
        ("000000", "other_type"),
    ]
    assert told["text_zh"] == (
        "线下非学科类（文化艺术类）：适用四川省成都市武侯区自 2024-01-01 起施行的规定，"
        "行业部门前置审核、教育部门终审，依据《川教〔2024〕1号（示例）》。"
        "应由区县文化和旅游部门审核。由武侯区文旅局办理。"
    )
    assert education.grounds[0].department == "education"


def test_climbing_and_standing_in_are_told_seat_by_seat():
    sports = institution("510107", "nonsubject", "offline", "sports")

    (step,) = resolve(sports, [rule("510107", mode=Mode.SECTOR_ONLY)], AUTHORITIES, on_date=DAY)

    told = ground_document(step.grounds[0])
    assert [(one["department"], one["level"], one["authority"]) for one in told["looked_at"]] == [
        ("sports", "county", None),
        ("sports", "city", None),
        ("sports", "province", None),
        ("education", "county", "武侯区教育局"),
    ]
    assert told["is_fallback"] is True
    assert "四川省成都市没有启用的体育部门" in told["text_zh"]
    assert "由教育部门代为审核（R7）" in told["text_zh"]


def test_a_national_default_is_told_as_such():
    (step,) = resolve(institution("330106", "subject", "offline"), (), AUTHORITIES, on_date=DAY)

    told = ground_document(step.grounds[0])
    assert (told["rule"]["rule_id"], told["rule"]["set_at"]) == ("R2", "national")
    assert (told["rule"]["effective_from"], told["alternatives"]) == (None, [])
    assert told["text_zh"] == (
        "线下学科类：适用全国统一规定 R2，教育部门审核。应由区县教育部门审核。由西湖区教育局办理。"
    )
