"""What holds in a region on a day: parameters with their inheritance, routing, authorities."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from otsp_chassis.db import Reader
from otsp_chassis.problems import NotFound
from otsp_compliance.model import (
    AuthorityRef,
    Document,
    RegionConfiguration,
    RegionParameterSet,
    RoutingRuleRow,
)
from otsp_compliance.rules.routing import NATION, Authority, Level, Mode, RoutingRule
from otsp_contracts import regions
from otsp_contracts.snapshots import RegionParameters

_BY_MEMBER = frozenset({"school_hours", "min_area_centi_m2", "overrides"})
"""Maps of which a region may set single members; the others come from above."""


@dataclass(frozen=True, slots=True)
class ParameterSetRow:
    """The values that a region set of its own."""

    effective_from: date
    parameters: Document
    basis_doc: str | None


@dataclass(frozen=True, slots=True)
class ParametersInForce:
    """`sources` tells for each field the region that set it; a field not in it is national."""

    region_code: str
    on: date
    version: int
    parameters: Document
    sources: Mapping[str, str]
    own: ParameterSetRow | None


@dataclass(frozen=True, slots=True)
class RoutingRuleView:
    """One routing rule as its region set it."""

    rule_id: UUID
    category: str
    delivery: str
    nonsubject_type: str | None
    mode: str
    level: str
    delegate_level: str | None
    effective_from: date
    effective_to: date | None
    basis_doc: str | None


@dataclass(frozen=True, slots=True)
class RoutingView:
    """The routing rules that one region set, past and future ones included."""

    region_code: str
    version: int
    rules: tuple[RoutingRuleView, ...]


def require_region(region_code: str) -> None:
    """Refuse a code that no division and not the nation has."""
    if region_code != NATION and regions.find_region(region_code) is None:
        raise NotFound


def lineage(region_code: str | None) -> tuple[str, ...]:
    """From the nation down to the region."""
    codes = [NATION]
    if region_code and region_code != NATION:
        above = regions.parent(region_code)
        codes = [*(lineage(above) if above else codes), region_code]
    return tuple(codes)


def parameters_in_force(tx: Reader, region_code: str | None, on: date) -> RegionParameters:
    """What a judgement on that day reads; without a region the national values."""
    code = region_code or NATION
    values, _ = _inherited(_sets_in_force(tx, lineage(region_code), on))
    return RegionParameters.model_validate({**values, "code": code})


def inherited_parameters(tx: Reader, region_code: str, on: date) -> RegionParameters:
    """What would hold in the region, had it set nothing of its own."""
    values, _ = _inherited(_sets_in_force(tx, lineage(region_code)[:-1], on))
    return RegionParameters.model_validate({**values, "code": region_code})


def tell_parameters(tx: Reader, region_code: str, on: date) -> ParametersInForce:
    """The same for people: with where each value comes from."""
    require_region(region_code)
    sets = _sets_in_force(tx, lineage(region_code), on)
    values, sources = _inherited(sets)
    told = RegionParameters.model_validate({**values, "code": region_code})
    return ParametersInForce(
        region_code=region_code,
        on=on,
        version=configuration_version(tx, region_code, "parameters"),
        parameters=told.model_dump(mode="json", exclude={"code"}),
        sources=sources,
        own=next((row for code, row in sets if code == region_code), None),
    )


def configuration_version(tx: Reader, region_code: str, topic: str) -> int:
    """0 while the region has configured nothing."""
    query = select(RegionConfiguration.version).where(
        RegionConfiguration.region_code == region_code, RegionConfiguration.topic == topic
    )
    return tx.execute(query).scalar() or 0


def tell_routing(tx: Reader, region_code: str) -> RoutingView:
    """The rules that the region itself set; the national ones hold beside them."""
    require_region(region_code)
    query = select(*_RULE_COLUMNS).where(RoutingRuleRow.region_code == region_code)
    rows = tx.execute(query.order_by(RoutingRuleRow.effective_from, RoutingRuleRow.rule_id))
    return RoutingView(
        region_code=region_code,
        version=configuration_version(tx, region_code, "routing"),
        rules=tuple(RoutingRuleView(**row._asdict()) for row in rows),
    )


def routing_rules(tx: Reader, region_code: str | None) -> list[RoutingRule]:
    """The rules of the region and of those above it, for the resolver."""
    query = select(RoutingRuleRow.region_code, *_RULE_COLUMNS).where(
        RoutingRuleRow.region_code.in_(lineage(region_code))
    )
    return [
        RoutingRule(
            rule_id=str(row.rule_id),
            region_code=row.region_code,
            category=row.category,
            delivery=row.delivery,
            nonsubject_type=row.nonsubject_type,
            mode=Mode(row.mode),
            level=Level(row.level),
            delegate_level=Level(row.delegate_level) if row.delegate_level else None,
            effective_from=row.effective_from,
            effective_to=row.effective_to,
            basis_doc=row.basis_doc,
        )
        for row in tx.execute(query)
    ]


def authorities_above(tx: Reader, region_code: str) -> list[Authority]:
    """The active authorities of the region and of those above it, for the resolver."""
    query = (
        select(
            AuthorityRef.authority_id,
            AuthorityRef.name,
            AuthorityRef.level,
            AuthorityRef.department,
            AuthorityRef.region_code,
        )
        .where(AuthorityRef.region_code.in_(lineage(region_code)), AuthorityRef.is_active)
        .order_by(AuthorityRef.authority_id.desc())
    )
    return [
        Authority(
            authority_id=str(row.authority_id),
            name=row.name,
            level=row.level,
            department=row.department,
            region_code=row.region_code,
        )
        for row in tx.execute(query)
    ]


def _sets_in_force(tx: Reader, codes: Iterable[str], on: date) -> list[tuple[str, ParameterSetRow]]:
    """Each region's newest set of that day, from the nation down."""
    order = list(codes)
    query = (
        select(
            RegionParameterSet.region_code,
            RegionParameterSet.effective_from,
            RegionParameterSet.parameters,
            RegionParameterSet.basis_doc,
        )
        .where(RegionParameterSet.region_code.in_(order), RegionParameterSet.effective_from <= on)
        .ext(distinct_on(RegionParameterSet.region_code))
        .order_by(RegionParameterSet.region_code, RegionParameterSet.effective_from.desc())
    )
    sets = {
        row.region_code: ParameterSetRow(row.effective_from, row.parameters, row.basis_doc)
        for row in tx.execute(query)
    }
    return [(code, sets[code]) for code in order if code in sets]


def _inherited(
    sets: Iterable[tuple[str, ParameterSetRow]],
) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of the lowest region that set each, and which region that was."""
    values = RegionParameters(code=NATION).model_dump(mode="json")
    sources: dict[str, str] = {}
    for code, row in sets:
        for name, value in row.parameters.items():
            merges = name in _BY_MEMBER and value is not None
            values[name] = {**values[name], **value} if merges else value
            sources[name] = code
    return values, sources


_RULE_COLUMNS = (
    RoutingRuleRow.rule_id,
    RoutingRuleRow.category,
    RoutingRuleRow.delivery,
    RoutingRuleRow.nonsubject_type,
    RoutingRuleRow.mode,
    RoutingRuleRow.level,
    RoutingRuleRow.delegate_level,
    RoutingRuleRow.effective_from,
    RoutingRuleRow.effective_to,
    RoutingRuleRow.basis_doc,
)
