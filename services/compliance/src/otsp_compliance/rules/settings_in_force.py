"""Every single parameter that holds in a region, with the level whose word it is."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from otsp_compliance.rules.inheritance import NATION, Inherited
from otsp_compliance.rules.parameters import NATIONAL, OVERRIDABLE, Parameters, resolve
from otsp_compliance.rules.routing_rules import RoutingRule
from otsp_compliance.rules.strictness import DIRECTION_OF, LABELS_ZH, REGIONAL, say
from otsp_contracts import regions

_DELEGATED: Final = "online_subject_issuer_levels"
_DEPOSIT: Final = "deposit_ratio_bp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One value in force. `setting` is where a region sets it; `level` is national, province,
    city or county; without a first day it is built in.
    """

    setting: str
    parameter: str
    label_zh: str
    stricter: str
    value: Any
    value_zh: str
    national_value: Any
    region_code: str
    region_name: str
    level: str
    effective_from: date | None
    effective_to: date | None
    basis_doc: str | None


@dataclass(frozen=True, slots=True)
class _Source:
    region_code: str
    effective_from: date | None = None
    effective_to: date | None = None
    basis_doc: str | None = None


_BUILT_IN: Final = _Source(NATION)


def tell_settings(inherited: Inherited, delegated_by: RoutingRule | None) -> tuple[Setting, ...]:
    """Of the rules first, then what regions set; `delegated_by` is the province's routing rule."""
    levels = (delegated_by.reviews_at.value,) if delegated_by else ()
    figures = resolve(inherited.parameters, delegated_levels=levels)
    return (
        *_figures(inherited, figures, delegated_by),
        *_areas(inherited, figures),
        *_own(inherited),
    )


def _figures(
    inherited: Inherited, figures: Parameters, delegated_by: RoutingRule | None
) -> Iterator[Setting]:
    for field in dataclasses.fields(Parameters):
        name = field.name
        if name not in OVERRIDABLE:
            continue
        setting, source = f"overrides/{name}", _source(inherited, f"overrides/{name}")
        if name == _DELEGATED and delegated_by is not None:
            setting, source = "routing", _delegation_of(delegated_by)
        if name == _DEPOSIT and inherited.parameters.deposit_ratio_bp == figures.deposit_ratio_bp:
            setting, source = _DEPOSIT, _source(inherited, _DEPOSIT)
        yield _setting(
            setting, name, getattr(figures, name), national=getattr(NATIONAL, name), source=source
        )


def _areas(inherited: Inherited, figures: Parameters) -> Iterator[Setting]:
    name = "min_area_centi_m2"
    for kind, area in figures.min_area_centi_m2.items():
        setting = f"{name}/{kind}"
        yield _setting(
            setting,
            name,
            area,
            national=NATIONAL.min_area_centi_m2.get(kind),
            source=_source(inherited, setting),
        )


def _own(inherited: Inherited) -> Iterator[Setting]:
    told: Mapping[str, Any] = inherited.parameters.model_dump(mode="json")
    for name in REGIONAL:
        value = told[name]
        if name == "school_hours" and value:
            for stage, hours in value.items():
                setting = f"{name}/{stage}"
                yield _setting(
                    setting, name, hours, national=None, source=_source(inherited, setting)
                )
            continue
        none = 0 if name == "price_float_bp" else None
        yield _setting(name, name, value, national=none, source=_source(inherited, name))


def _setting(
    setting: str,
    name: str,
    value: Any,  # noqa: ANN401 - of any parameter
    *,
    national: Any,  # noqa: ANN401 - of any parameter
    source: _Source,
) -> Setting:
    code = source.region_code
    return Setting(
        setting=setting,
        parameter=name,
        label_zh=LABELS_ZH[name],
        stricter=DIRECTION_OF[name].value,
        value=value,
        value_zh=say(name, value),
        national_value=national,
        region_code=code,
        region_name="全国" if code == NATION else regions.full_name(code),
        level="national" if code == NATION else regions.level(code),
        effective_from=source.effective_from,
        effective_to=source.effective_to,
        basis_doc=source.basis_doc,
    )


def _source(inherited: Inherited, setting: str) -> _Source:
    found = inherited.sources.get(setting)
    if found is None:
        return _BUILT_IN
    return _Source(found.region_code, found.effective_from, found.effective_to, found.basis_doc)


def _delegation_of(rule: RoutingRule) -> _Source:
    return _Source(rule.region_code, rule.effective_from, rule.effective_to, rule.basis_doc)
