"""A region may go the stricter way only."""

import dataclasses

import pytest

from otsp_compliance.rules.parameters import (
    DIRECTIONS,
    NATIONAL,
    Parameters,
    Stricter,
    item_type,
    refusal,
    resolve,
)
from otsp_contracts.snapshots import RegionParameters


def region(**differences):
    return RegionParameters(code="330106", **differences)


def test_every_parameter_has_a_direction():
    assert set(DIRECTIONS) == {field.name for field in dataclasses.fields(Parameters)}


@pytest.mark.parametrize(
    ("name", "stricter", "looser"),
    [
        ("ft_ratio_bp", 5001, 4999),
        ("ratio_k12_bp", 201, 199),
        ("ratio_pre_bp", 601, 599),
        ("end_offline", "20:29", "20:31"),
        ("end_online", "20:59", "21:01"),
        ("online_lesson_max", 29, 31),
        ("online_break_min", 11, 9),
        ("half_day_minutes", 179, 181),
        ("max_period_days", 91, 93),
        ("max_lessons", 59, 61),
        ("max_amount_fen", 499_999, 500_001),
        ("max_advance_days", 30, 32),
        ("deposit_ratio_bp", 10_001, 9_999),
        ("restday_stages", ("primary", "junior", "senior", "vocational"), ("primary",)),
        ("banned_premises", (*NATIONAL.banned_premises, "school"), ("residential",)),
        ("subject_codes", (*NATIONAL.subject_codes, "french"), ("math",)),
        ("disguise_words", (*NATIONAL.disguise_words, "小升初"), ("奥数",)),
    ],
)
def test_the_stricter_way_is_open_and_the_other_is_not(name, stricter, looser):
    assert refusal(name, stricter) is None
    assert refusal(name, getattr(NATIONAL, name)) is None
    assert refusal(name, looser) == "地区参数只能比全国默认值更严格"
    assert getattr(resolve(region(overrides={name: stricter})), name) == stricter
    assert getattr(resolve(region(overrides={name: looser})), name) == getattr(NATIONAL, name)


@pytest.mark.parametrize(
    "name", [name for name, way in DIRECTIONS.items() if way is Stricter.FIXED]
)
def test_what_is_fixed_stays(name):
    value = getattr(NATIONAL, name)
    other = ("x",) if isinstance(value, tuple) else "x"

    assert refusal(name, other) is not None
    assert getattr(resolve(region(overrides={name: other})), name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("unheard_of", 1),
        ("max_lessons", "59"),
        ("max_lessons", ("59",)),
        ("end_offline", 1229),
        ("end_offline", "8 pm"),
        ("min_area_centi_m2", 400),
    ],
)
def test_what_is_no_value_of_the_parameter_is_refused(name, value):
    assert refusal(name, value)
    assert resolve(region(overrides={name: value})) == NATIONAL


def test_a_region_may_free_the_senior_stage_of_rest_days():
    assert refusal("restday_stages", ("primary", "junior")) is None
    freed = resolve(region(overrides={"restday_stages": ("primary", "junior")}))
    assert freed.restday_stages == ("primary", "junior")


def test_delegation_adds_issuer_levels():
    delegated = resolve(region(), delegated_levels=("county",))

    assert delegated.online_subject_issuer_levels == ("province", "county")
    assert resolve(region()).online_subject_issuer_levels == ("province",)


def test_areas_and_deposit_only_grow():
    resolved = resolve(
        region(
            min_area_centi_m2={"default": 200, "dance": 500, "sports": 600},
            deposit_ratio_bp=5_000,
        )
    )

    assert resolved.min_area_centi_m2 == {"default": 300, "dance": 500, "sports": 600}
    assert resolved.deposit_ratio_bp == 10_000
    assert resolve(region(deposit_ratio_bp=12_000)).deposit_ratio_bp == 12_000


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ("dance", "culture_arts"),
        ("ball", "sports"),
        ("robotics", "science_tech"),
        ("math", None),
    ],
)
def test_items_have_a_type(item, kind):
    assert item_type(item) == kind
