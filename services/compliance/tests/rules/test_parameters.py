"""A region may go the stricter way only."""

import dataclasses

import pytest

from otsp_compliance.rules.parameters import NATIONAL, Parameters, item_type, resolve
from otsp_compliance.rules.strictness import (
    DIRECTION_OF,
    DIRECTIONS,
    LABELS_ZH,
    Stricter,
    find_refusal,
    say,
)
from otsp_contracts.snapshots import RegionParameters


def region(**differences):
    return RegionParameters(code="330106", **differences)


def test_every_parameter_has_a_direction():
    assert set(DIRECTIONS) == {field.name for field in dataclasses.fields(Parameters)}
    assert set(LABELS_ZH) == set(DIRECTION_OF)


def code_of(name, value):
    found = find_refusal(name, value, getattr(NATIONAL, name, None))
    return found and found.code


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
    assert code_of(name, stricter) is None
    assert code_of(name, getattr(NATIONAL, name)) is None
    assert code_of(name, looser) == "not_stricter"
    assert getattr(resolve(region(overrides={name: stricter})), name) == stricter
    assert getattr(resolve(region(overrides={name: looser})), name) == getattr(NATIONAL, name)


@pytest.mark.parametrize(
    "name", [name for name, way in DIRECTIONS.items() if way is Stricter.FIXED]
)
def test_what_is_fixed_stays(name):
    value = getattr(NATIONAL, name)
    other = ("x",) if isinstance(value, tuple) else "x"

    assert code_of(name, other) == "fixed"
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
    assert code_of(name, value) in {"unknown_parameter", "wrong_type", "bad_value"}
    assert resolve(region(overrides={name: value})) == NATIONAL


def test_a_region_may_free_the_senior_stage_of_rest_days():
    assert code_of("restday_stages", ("primary", "junior")) is None
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
    both = region(deposit_ratio_bp=11_000, overrides={"deposit_ratio_bp": 12_000})
    assert resolve(both).deposit_ratio_bp == 12_000


@pytest.mark.parametrize(
    ("name", "value", "in_force", "said"),
    [
        (
            "max_lessons",
            50,
            48,
            ("“一次收费最多课时数”只能等于或低于上级的规定：浙江省规定为 48，您填写的是 50。"),
        ),
        (
            "ft_ratio_bp",
            4950,
            5000,
            (
                "“专职教学教研人员占从业人员的最低比例”只能等于或高于上级的规定："
                "浙江省规定为 50%，您填写的是 49.5%。"
            ),
        ),
        (
            "max_amount_fen",
            500_001,
            500_000,
            (
                "“非学科类一次收费最高金额”只能等于或低于上级的规定："
                "浙江省规定为 5000 元，您填写的是 5000.01 元。"
            ),
        ),
        (
            "disguise_words",
            ("奥数",),
            ("奥数", "培优"),
            (
                "“隐形变异提示词”只能在上级规定的基础上增加，不能减少："
                "浙江省规定为 奥数、培优，您填写的是 奥数，缺少 培优。"
            ),
        ),
        ("unheard_of", 1, 1, "没有名为“unheard_of”的参数。"),
        (
            "max_amount_fen",
            "many",
            500_000,
            "“非学科类一次收费最高金额”的值类型不正确：上级的值为 5000 元。",
        ),
        (
            "end_offline",
            "8 pm",
            "20:30",
            "“线下培训最晚结束时间”的时间格式应为“20:30”。",
        ),
        (
            "contract_code",
            "GF-2020",
            "GF-2021-2604",
            (
                "“培训服务合同示范文本编号”由全国统一规定，地区不能另行设定："
                "浙江省规定为 GF-2021-2604，您填写的是 GF-2020。"
            ),
        ),
    ],
)
def test_a_refusal_names_parameter_direction_and_what_is_in_force(name, value, in_force, said):
    assert find_refusal(name, value, in_force, above_zh="浙江省").detail_zh == said


def test_who_set_what_is_above_is_the_nation_unless_told():
    assert "全国规定为 5000 元" in find_refusal("max_amount_fen", 500_001, 500_000).detail_zh


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


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "price_cap_fen",
            {"offline": {"s": 8000, "m": 6050, "l": 4000}, "online": 2000},
            "每标准课时：线下按班型，10人以下 80 元、10至35人 60.5 元、35人以上 40 元；线上 20 元",
        ),
        (
            "price_cap_fen",
            {"offline": {"s": None, "m": 6000, "l": None}, "online": None},
            "每标准课时：线下按班型，10至35人 60 元",
        ),
        ("price_cap_fen", {"offline": None, "online": 2000}, "每标准课时：线上 20 元"),
        ("price_cap_fen", {"offline": None, "online": None}, "未设定"),
        ("price_cap_fen", None, "未设定"),
        ("school_hours", ["08:00", "16:30"], "08:00至16:30"),
        ("school_hours", {}, "未设定"),
        ("vacations", [["2025-01-18", "2025-02-23"]], "2025-01-18至2025-02-23"),
        ("vacations", [], "无"),
        ("holidays", ["2025-03-03"], "2025-03-03"),
        ("school_hours", {"primary": ["08:00", "16:00"]}, "primary：08:00至16:00"),
        (
            "school_hours",
            {"primary": ["08:00", "16:00"], "junior": ["07:50", "17:10"], "senior": None},
            "primary：08:00至16:00；junior：07:50至17:10",
        ),
        ("min_area_centi_m2", 350, "3.5 平方米"),
        ("min_area_centi_m2", 1000, "10 平方米"),
        ("max_lessons", 60, "60"),
    ],
)
def test_maps_and_spans_are_said_in_prose(name, value, expected):
    assert say(name, value) == expected
