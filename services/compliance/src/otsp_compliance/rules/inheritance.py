"""How parameters come down to a region: nation, province, city, county, each only stricter (D14).

What a region sets is a tree of at most two levels: a field, or one member of a field that is a map
(`overrides/max_lessons`). Each such setting is inherited, checked and told by itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from otsp_compliance.rules.parameters import OVERRIDABLE, Parameters, resolve
from otsp_compliance.rules.strictness import (
    DIRECTION_OF,
    LABELS_ZH,
    REGIONAL,
    Refusal,
    Stricter,
    find_refusal,
)
from otsp_contracts import regions
from otsp_contracts.snapshots import RegionParameters

NATION: Final = "000000"
_BY_MEMBER: Final = frozenset({"school_hours", "min_area_centi_m2", "overrides"})
"""Maps of which a region may set single members; the others come from above."""


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """What one region set of its own, in force while effective_from <= day < effective_to."""

    region_code: str
    effective_from: date
    effective_to: date | None
    values: Mapping[str, Any]
    basis_doc: str | None = None


@dataclass(frozen=True, slots=True)
class Inherited:
    """What holds in a region. `sources` maps a setting to the set that it comes from.

    What is not in `sources` is the national default that is built in.
    """

    parameters: RegionParameters
    sources: Mapping[str, ParameterSet]

    def source_of(self, setting: str) -> str:
        """The region whose word the setting is."""
        found = self.sources.get(setting)
        return found.region_code if found else NATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A value that goes the wrong way: what was asked, and what holds above by whose word."""

    setting: str
    parameter: str
    direction: Stricter | None
    asked: Any
    in_force: Any
    set_by: str
    refusal: Refusal


def lineage(region_code: str | None) -> tuple[str, ...]:
    """From the nation down to the region."""
    codes: tuple[str, ...] = (NATION,)
    if region_code and region_code != NATION:
        above = regions.parent(region_code)
        codes = (*(lineage(above) if above else codes), region_code)
    return codes


def inherit(region_code: str, sets: Iterable[ParameterSet]) -> Inherited:
    """What holds in the region when these are the sets in force, from the nation down.

    A value that is not stricter than what holds above it has no effect: above may have been
    tightened after the region configured.
    """
    values = RegionParameters(code=region_code).model_dump(mode="json")
    sources: dict[str, ParameterSet] = {}
    for each in sets:
        above = Inherited(RegionParameters.model_validate(values), sources)
        refused = {one.setting for one in violations(each.values, above)}
        sources = dict(sources)
        for setting, value in _settings(each.values):
            if setting not in refused:
                field, _, member = setting.partition("/")
                values[field] = {**values[field], member: value} if member else value
                sources[setting] = each
    return Inherited(RegionParameters.model_validate(values), sources)


def violations(values: Mapping[str, Any], above: Inherited) -> Iterator[Violation]:
    """The settings by which a region would be more lenient than what it inherits."""
    wanted = RegionParameters.model_validate({**values, "code": above.parameters.code})
    figures = resolve(above.parameters)
    for setting, _ in _settings(values):
        field, _, member = setting.partition("/")
        name = member if field == "overrides" else field
        asked = getattr(wanted, field)
        asked = asked[member] if member else asked
        if asked is None and getattr(above.parameters, field) is None:
            continue
        in_force = _in_force(field, member, above=above.parameters, figures=figures)
        set_by = above.source_of(setting)
        refusal = _refusal(name, asked, in_force, set_by=set_by)
        if refusal is not None:
            yield Violation(
                setting=setting,
                parameter=name,
                direction=DIRECTION_OF.get(name),
                asked=asked,
                in_force=in_force,
                set_by=set_by,
                refusal=refusal,
            )


def _settings(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for field, value in values.items():
        if field in _BY_MEMBER:
            yield from ((f"{field}/{member}", one) for member, one in value.items())
        else:
            yield field, value


def _in_force(field: str, member: str, *, above: RegionParameters, figures: Parameters) -> Any:  # noqa: ANN401 - of any parameter
    if field == "overrides":
        return getattr(figures, member) if member in OVERRIDABLE else None
    if field == "min_area_centi_m2":
        areas = figures.min_area_centi_m2
        return areas.get(member, areas["default"])
    if field == "deposit_ratio_bp":
        return figures.deposit_ratio_bp
    value = getattr(above, field)
    return value.get(member) if member else value


def _refusal(
    name: str,
    asked: Any,  # noqa: ANN401 - of any parameter
    in_force: Any,  # noqa: ANN401 - of any parameter
    *,
    set_by: str,
) -> Refusal | None:
    if DIRECTION_OF.get(name) is Stricter.LOCAL or (in_force is None and name in REGIONAL):
        return None
    above_zh = "全国" if set_by == NATION else regions.full_name(set_by)
    if asked is None:
        label = f"“{LABELS_ZH[name]}”"
        return Refusal(
            "not_stricter", f"{label}不能取消{above_zh}的规定：请删去该项以沿用上级的值。"
        )
    return find_refusal(name, asked, in_force, above_zh=above_zh)
