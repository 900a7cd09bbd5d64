"""The figures that rules compare with: the national defaults, and those of a region.

Whole numbers only: ratios in basis points, areas in hundredths of a square metre, money in fen.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from otsp_compliance.rules.strictness import find_refusal
from otsp_contracts.snapshots import RegionParameters


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
OVERRIDABLE: Final = frozenset(field.name for field in dataclasses.fields(Parameters)) - {
    "min_area_centi_m2"
}
"""The areas have a field of their own in a region's parameters."""


def item_type(item: str) -> str | None:
    """The non-subject type of an item code; None for a code that the list does not know."""
    return _TYPE_OF_ITEM.get(item)


def resolve(
    region: RegionParameters,
    *,
    delegated_levels: Iterable[str] = (),
    national: Parameters = NATIONAL,
) -> Parameters:
    """The figures that a region's parameters come to; `inherit` has seen to their direction.

    `delegated_levels` are the levels to which the province has handed online subject approvals on
    the day of judgement. An override of a snapshot that the present law no longer allows leaves
    the national value standing.
    """
    changes: dict[str, Any] = {
        name: value
        for name, value in region.overrides.items()
        if name in OVERRIDABLE and find_refusal(name, value, getattr(national, name)) is None
    }
    levels = (*national.online_subject_issuer_levels, *delegated_levels)
    changes["online_subject_issuer_levels"] = tuple(dict.fromkeys(levels))
    areas = dict(national.min_area_centi_m2)
    for kind, area in region.min_area_centi_m2.items():
        areas[kind] = max(area, areas.get(kind, areas["default"]))
    changes["min_area_centi_m2"] = areas
    ratio = changes.get("deposit_ratio_bp", national.deposit_ratio_bp)
    changes["deposit_ratio_bp"] = max(ratio, region.deposit_ratio_bp or 0)
    return dataclasses.replace(national, **changes)
