"""Which way a region may move each parameter, and why a value is refused (decision D14)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

Value = int | str | tuple[str, ...]

_SPAN: Final = "至"
_SIZE_BANDS_ZH: Final[Mapping[str, str]] = {"s": "10人以下 ", "m": "10至35人 ", "l": "35人以上 "}
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Stricter(StrEnum):
    """Which way a region may move a parameter. What is LOCAL is the region's own to say."""

    LOWER = "lower"
    HIGHER = "higher"
    SUPERSET = "superset"
    FIXED = "fixed"
    LOCAL = "local"


DIRECTIONS: Final[Mapping[str, Stricter]] = {
    "licence_no_re": Stricter.FIXED,
    "icp_re": Stricter.FIXED,
    "uscc_prefixes_nonprofit": Stricter.FIXED,
    "uscc_prefixes_forprofit": Stricter.FIXED,
    "online_subject_issuer_levels": Stricter.FIXED,
    "ft_ratio_bp": Stricter.HIGHER,
    "ratio_k12_bp": Stricter.HIGHER,
    "ratio_pre_bp": Stricter.HIGHER,
    "sports_certs": Stricter.FIXED,
    "end_offline": Stricter.LOWER,
    "end_online": Stricter.LOWER,
    "online_lesson_max": Stricter.LOWER,
    "online_break_min": Stricter.HIGHER,
    "restday_stages": Stricter.SUPERSET,
    "half_day_minutes": Stricter.LOWER,
    "subject_codes": Stricter.SUPERSET,
    "disguise_words": Stricter.SUPERSET,
    "max_period_days": Stricter.LOWER,
    "max_lessons": Stricter.LOWER,
    "max_amount_fen": Stricter.LOWER,
    "max_advance_days": Stricter.LOWER,
    "deposit_ratio_bp": Stricter.HIGHER,
    "contract_code": Stricter.FIXED,
    "banned_premises": Stricter.SUPERSET,
    "min_area_centi_m2": Stricter.HIGHER,
}
"""Every parameter of the rules has one. The named relaxations: `restday_stages` may lose `senior`;
`online_subject_issuer_levels` follows the province's delegation (R1), no override."""

REGIONAL: Final[Mapping[str, Stricter]] = {
    "min_building_area_centi_m2": Stricter.HIGHER,
    "min_ft_teaching": Stricter.HIGHER,
    "school_hours": Stricter.LOCAL,
    "vacations": Stricter.LOCAL,
    "holidays": Stricter.LOCAL,
    "price_cap_fen": Stricter.LOCAL,
    "price_float_bp": Stricter.LOCAL,
}
"""What only regions set: there is no national value, or it is none."""

DIRECTION_OF: Final[Mapping[str, Stricter]] = {**DIRECTIONS, **REGIONAL}

LABELS_ZH: Final[Mapping[str, str]] = {
    "licence_no_re": "办学许可证编号格式",
    "icp_re": "ICP 备案号格式",
    "uscc_prefixes_nonprofit": "非营利性机构统一社会信用代码前缀",
    "uscc_prefixes_forprofit": "营利性机构统一社会信用代码前缀",
    "online_subject_issuer_levels": "线上学科类许可证的发证层级",
    "ft_ratio_bp": "专职教学教研人员占从业人员的最低比例",
    "ratio_k12_bp": "中小学生班专职教学人员与学生的最低比例",
    "ratio_pre_bp": "学龄前班专职教学人员与学生的最低比例",
    "sports_certs": "体育类专业能力证明种类",
    "end_offline": "线下培训最晚结束时间",
    "end_online": "线上培训最晚结束时间",
    "online_lesson_max": "线上每课时最长分钟数",
    "online_break_min": "线上课间最短休息分钟数",
    "restday_stages": "休息日不得开展学科类培训的学段",
    "half_day_minutes": "学龄前半日制认定分钟数",
    "subject_codes": "学科目录",
    "disguise_words": "隐形变异提示词",
    "max_period_days": "一次收费最长跨度天数",
    "max_lessons": "一次收费最多课时数",
    "max_amount_fen": "非学科类一次收费最高金额",
    "max_advance_days": "提前收费最长天数",
    "deposit_ratio_bp": "风险保证金比例",
    "contract_code": "培训服务合同示范文本编号",
    "banned_premises": "禁止用作办学场所的房屋类型",
    "min_area_centi_m2": "同一时段生均最小面积",
    "min_building_area_centi_m2": "办学场所最小建筑面积",
    "min_ft_teaching": "专职教学人员最少人数",
    "school_hours": "在校时间",
    "vacations": "寒暑假",
    "holidays": "本地假日",
    "price_cap_fen": "政府指导价",
    "price_float_bp": "政府指导价上浮幅度",
}

_COMPARISONS: Final[Mapping[Stricter, Callable[[Any, Any], bool]]] = {
    Stricter.LOWER: lambda new, old: new <= old,
    Stricter.HIGHER: lambda new, old: new >= old,
    Stricter.SUPERSET: lambda new, old: set(new) >= set(old),
    Stricter.FIXED: lambda new, old: new == old,
    Stricter.LOCAL: lambda _new, _old: True,
}
_DEMANDS_ZH: Final[Mapping[Stricter, str]] = {
    Stricter.LOWER: "只能等于或低于上级的规定",
    Stricter.HIGHER: "只能等于或高于上级的规定",
    Stricter.SUPERSET: "只能在上级规定的基础上增加，不能减少",
    Stricter.FIXED: "由全国统一规定，地区不能另行设定",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a value may not be set.

    `code` is unknown_parameter, wrong_type, bad_value, not_stricter or fixed.
    """

    code: str
    detail_zh: str


def is_stricter(name: str, value: Any, in_force: Any) -> bool:  # noqa: ANN401 - of any parameter
    """Whether the value keeps to the direction; what is in force keeps to it too."""
    if name == "restday_stages":
        return set(value) >= set(in_force) - {"senior"}
    return _COMPARISONS[DIRECTION_OF[name]](value, in_force)


def find_refusal(
    name: str,
    value: Any,  # noqa: ANN401 - of any parameter
    in_force: Any,  # noqa: ANN401 - of any parameter
    *,
    above_zh: str = "全国",
) -> Refusal | None:
    """Why a region below may not set this value; None when it may.

    `in_force` is what holds above it, `above_zh` the region whose word that is.
    """
    direction = DIRECTION_OF.get(name)
    if direction is None:
        return Refusal("unknown_parameter", f"没有名为“{name}”的参数。")
    label = f"“{LABELS_ZH[name]}”"
    if type(value) is not type(in_force):
        return Refusal("wrong_type", f"{label}的值类型不正确：上级的值为 {say(name, in_force)}。")
    if isinstance(value, str) and direction is Stricter.LOWER and not _CLOCK.fullmatch(value):
        return Refusal("bad_value", f"{label}的时间格式应为“20:30”。")
    if is_stricter(name, value, in_force):
        return None
    told = f"{above_zh}规定为 {say(name, in_force)}，您填写的是 {say(name, value)}"
    if direction is Stricter.SUPERSET:
        missing = [one for one in in_force if one not in value]
        told += f"，缺少 {say(name, missing)}"
    code = "fixed" if direction is Stricter.FIXED else "not_stricter"
    return Refusal(code, f"{label}{_DEMANDS_ZH[direction]}：{told}。")


def say(name: str, value: Any) -> str:  # noqa: ANN401 - of any parameter
    """A value as people read it: percent, yuan, square metres."""
    if value is None:
        return "未设定"
    if isinstance(value, int):
        hundredths = f"{value // 100}.{value % 100:02d}".rstrip("0").rstrip(".")
        for ending, unit in (("_bp", "%"), ("_fen", " 元"), ("_centi_m2", " 平方米")):
            if name.endswith(ending):
                return hundredths + unit
    if isinstance(value, Mapping):
        return _say_prices(value) if name == "price_cap_fen" else _say_members(name, value)
    if isinstance(value, tuple | list):
        return _say_list(name, value)
    return str(value)


def _say_list(name: str, values: Sequence[Any]) -> str:
    """The hours of a stage are one span; vacations are spans of days."""
    if name == "school_hours":
        return _SPAN.join(values)
    spans = (_SPAN.join(one) if isinstance(one, tuple | list) else str(one) for one in values)
    return "、".join(spans) or "无"


def _say_members(name: str, values: Mapping[str, Any]) -> str:
    told = (f"{key}：{say(name, value)}" for key, value in values.items() if value is not None)
    return "；".join(told) or "未设定"


def _say_prices(caps: Mapping[str, Any]) -> str:
    """Guide prices by delivery and size band; what has no price is left out."""
    by_size = caps.get("offline") or {}
    offline = "、".join(
        f"{label}{say('price_cap_fen', by_size[size])}"
        for size, label in _SIZE_BANDS_ZH.items()
        if by_size.get(size) is not None
    )
    told = [f"线下按班型，{offline}"] if offline else []
    if caps.get("online") is not None:
        told.append(f"线上 {say('price_cap_fen', caps['online'])}")
    return f"每标准课时：{'；'.join(told)}" if told else "未设定"
