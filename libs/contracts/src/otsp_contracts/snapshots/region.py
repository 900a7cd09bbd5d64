"""The parameters of a county that were in force on the day of judgement (owned by compliance)."""

from collections.abc import Mapping
from datetime import date

from otsp_contracts.snapshots.section import (
    BasisPoints,
    CentiM2,
    Facts,
    HourMinute,
    Money,
    WholeNumber,
)

ParameterValue = int | str | tuple[str, ...]


class OfflinePriceCap(Facts):
    """Per standard lesson, by class size: s under 10, m 10 to 35, l over 35."""

    s: Money | None = None
    m: Money | None = None
    l: Money | None = None  # noqa: E741 - the published name of the band


class PriceCap(Facts):
    """Government guide prices in fen per standard lesson (45 minutes offline, 30 online)."""

    offline: OfflinePriceCap | None = None
    online: Money | None = None


class RegionParameters(Facts):
    """Defaults are the national ones: no school hours, no vacations, no cap, 3 m² (sports 5).

    `overrides` holds stricter values of single rule parameters, by parameter name.
    """

    code: str
    school_hours: Mapping[str, tuple[HourMinute, HourMinute]] = {}
    vacations: tuple[tuple[date, date], ...] = ()
    holidays: tuple[date, ...] = ()
    price_cap_fen: PriceCap | None = None
    price_float_bp: BasisPoints = 0
    min_area_centi_m2: Mapping[str, CentiM2] = {"default": 300, "sports": 500}
    min_building_area_centi_m2: CentiM2 | None = None
    min_ft_teaching: WholeNumber | None = None
    deposit_ratio_bp: BasisPoints | None = None
    overrides: Mapping[str, ParameterValue] = {}
