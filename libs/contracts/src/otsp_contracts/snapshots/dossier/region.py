"""The county's configuration in a dossier: what its region administrator sets."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, field_validator

from otsp_contracts.snapshots.dossier.entry import (
    BasisPoints,
    Category,
    CentiM2,
    ClockTime,
    Count,
    Day,
    DeliveryMode,
    Entry,
    Level,
    NonsubjectType,
    RegionCode,
    Stage,
    Text,
)
from otsp_contracts.snapshots.region import ParameterValue
from otsp_contracts.values import InvalidValue

AreaUse = Literal["default", "sports", "dance"]


class DossierOfflinePriceCap(Entry):
    """In fen per standard lesson, by class size."""

    s: Count | None = None
    m: Count | None = None
    l: Count | None = None  # noqa: E741 - the published name of the band


class DossierPriceCap(Entry):
    """Government guide prices."""

    offline: DossierOfflinePriceCap | None = None
    online: Count | None = None


class DossierRouting(Entry):
    """Who reviews non-subject training there."""

    category: Category = "nonsubject"
    delivery: DeliveryMode
    nonsubject_type: NonsubjectType | None = None
    mode: Literal["edu_only", "sector_only", "sector_then_edu", "edu_with_optional_opinion"]
    level: Level | None = None
    delegate_level: Level | None = None
    effective_from: Day | None = None
    effective_to: Day | None = None
    basis_doc: Text | None = None


class DossierRegion(Entry):
    """Parameters that count on the day of judgement. Ratios become basis points, areas 1/100 m²."""

    code: RegionCode
    school_hours: Mapping[Stage, tuple[ClockTime, ClockTime]] | None = None
    vacations: tuple[tuple[Day, Day], ...] | None = None
    holidays: tuple[Day, ...] | None = None
    price_cap_fen: DossierPriceCap | None = None
    price_float_bp: BasisPoints = Field(default=None, alias="price_float")
    min_area_centi_m2: Mapping[AreaUse, CentiM2] | None = Field(default=None, alias="min_area_m2")
    min_building_area_centi_m2: CentiM2 = Field(default=None, alias="min_building_area_m2")
    min_ft_teaching: Count | None = None
    deposit_ratio_bp: BasisPoints = Field(default=None, alias="deposit_ratio")
    routing: tuple[DossierRouting, ...] | None = None
    overrides: Mapping[str, ParameterValue] | None = None

    @field_validator("overrides", mode="before")
    @classmethod
    def _overrides_are_plain(cls, value: object) -> object:
        if value is None:
            return None
        if not isinstance(value, dict) or not all(
            isinstance(name, str) and _is_parameter_value(one) for name, one in value.items()
        ):
            raise InvalidValue("wrong_type", "参数值应为整数、文字或文字列表")
        return value


def _is_parameter_value(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, int | str) and not isinstance(value, bool)
