"""The figures that rules compare with: national defaults, and how a region may tighten them.

Whole numbers only: ratios in basis points, areas in hundredths of a square metre, money in fen.
"""

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from otsp_contracts.snapshots import RegionParameters

Value = int | str | tuple[str, ...]

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Stricter(StrEnum):
    """Which way a region may move a parameter."""

    LOWER = "lower"
    HIGHER = "higher"
    SUPERSET = "superset"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Parameters:
    """The national defaults. `resolve` gives those in force in one region."""

    licence_no_re: str = r"教民\d{13}(\d{2})?号"
    icp_re: str = r"[\u4e00-\u9fa5]ICP[备证]\d{6,10}号(-\d{1,3}[A-Z]?)?"
    uscc_prefixes_nonprofit: tuple[str, ...] = ("52", "12")
    uscc_prefixes_forprofit: tuple[str, ...] = ("91",)
    online_subject_issuer_levels: tuple[str, ...] = ("province",)
    ft_ratio_bp: int = 5000
    ratio_k12_bp: int = 200
    ratio_pre_bp: int = 600
    sports_certs: tuple[str, ...] = (
        "coach_title",
        "social_sport_instructor",
        "sport_skill_level",
        "pe_teacher_cert",
        "vocational_skill_level",
        "provincial_recognised",
    )
    end_offline: str = "20:30"
    end_online: str = "21:00"
    online_lesson_max: int = 30
    online_break_min: int = 10
    restday_stages: tuple[str, ...] = ("primary", "junior", "senior")
    half_day_minutes: int = 180
    subject_codes: tuple[str, ...] = (
        "morality_law",
        "chinese",
        "history",
        "geography",
        "math",
        "english",
        "japanese",
        "russian",
        "physics",
        "chemistry",
        "biology",
    )
    disguise_words: tuple[str, ...] = (
        "思维训练",
        "幼小衔接",
        "学前班",
        "国学素养",
        "大语文",
        "奥数",
        "培优",
        "提分",
        "同步",
        "中考",
        "高考",
    )
    max_period_days: int = 92
    max_lessons: int = 60
    max_amount_fen: int = 500_000
    max_advance_days: int = 31
    deposit_ratio_bp: int = 10_000
    contract_code: str = "GF-2021-2604"
    banned_premises: tuple[str, ...] = ("residential", "basement", "illegal", "self_built")
    min_area_centi_m2: Mapping[str, int] = field(
        default_factory=lambda: {"default": 300, "sports": 500}
    )


NATIONAL: Final = Parameters()

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
"""Every parameter has one. `restday_stages` may also lose `senior`: the one named relaxation."""

STAGE_RANK: Final[Mapping[str, int]] = {
    "preschool": 0,
    "adult": 0,
    "primary": 1,
    "junior": 2,
    "senior": 3,
    "vocational": 3,
}
CERT_RANK: Final[Mapping[str, int]] = {
    "kindergarten": 0,
    "primary": 1,
    "junior": 2,
    "senior": 3,
    "vocational_secondary": 3,
    "higher": 4,
}
"""A teacher certificate is good for its own stage and those below (教师资格条例 §5)."""

_ITEMS: Final[Mapping[str, str]] = {
    "culture_arts": "music dance fine_arts calligraphy drama quyi design broadcast other_art",
    "sports": (
        "fitness ball swim_water gymnastics martial_arts winter chess model climb other_sport"
    ),
    "science_tech": "robotics programming maker science_lab other_tech",
}
_TYPE_OF_ITEM: Final = {item: kind for kind, items in _ITEMS.items() for item in items.split()}

_COMPARISONS: Final[Mapping[Stricter, Callable[[Any, Any], bool]]] = {
    Stricter.LOWER: lambda new, old: new <= old,
    Stricter.HIGHER: lambda new, old: new >= old,
    Stricter.SUPERSET: lambda new, old: set(new) >= set(old),
    Stricter.FIXED: lambda new, old: new == old,
}


def item_type(item: str) -> str | None:
    """The non-subject type of an item code; None for a code that the list does not know."""
    return _TYPE_OF_ITEM.get(item)


def refusal(name: str, value: Value, national: Parameters = NATIONAL) -> str | None:
    """Why a region may not set this value, in Chinese; None when it may.

    Called when a region configures, so that what is stored can be shown as in force.
    """
    if name not in DIRECTIONS or name == "min_area_centi_m2":
        return "没有可由地区设定的同名参数"
    default = getattr(national, name)
    if type(value) is not type(default):
        return "参数值的类型与全国默认值不同"
    is_clock = isinstance(default, str) and DIRECTIONS[name] is Stricter.LOWER
    if is_clock and not _CLOCK.fullmatch(str(value)):
        return "时间格式应为“20:30”"
    if name == "restday_stages" and set(value) >= set(default) - {"senior"}:  # type: ignore[arg-type]
        return None
    if not _COMPARISONS[DIRECTIONS[name]](value, default):
        return "地区参数只能比全国默认值更严格"
    return None


def resolve(
    region: RegionParameters,
    *,
    delegated_levels: Iterable[str] = (),
    national: Parameters = NATIONAL,
) -> Parameters:
    """The parameters in force in a region.

    An override that is not stricter than the national value leaves that value standing: the
    national one may have been tightened after the region configured. `delegated_levels` are the
    levels to which the province has handed online subject approvals on the day of judgement.
    """
    changes: dict[str, Any] = {
        name: value
        for name, value in region.overrides.items()
        if refusal(name, value, national) is None
    }
    levels = (*national.online_subject_issuer_levels, *delegated_levels)
    changes["online_subject_issuer_levels"] = tuple(dict.fromkeys(levels))
    areas = dict(national.min_area_centi_m2)
    for kind, area in region.min_area_centi_m2.items():
        areas[kind] = max(area, national.min_area_centi_m2.get(kind, 0))
    changes["min_area_centi_m2"] = areas
    if region.deposit_ratio_bp is not None:
        changes["deposit_ratio_bp"] = max(region.deposit_ratio_bp, national.deposit_ratio_bp)
    return dataclasses.replace(national, **changes)
