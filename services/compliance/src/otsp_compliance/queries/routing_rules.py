"""The routing rules that regions set, and the authorities that may be routed to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, select

from otsp_chassis.db import Reader
from otsp_chassis.statements import Read
from otsp_compliance.model import AuthorityRef, RoutingRuleRow
from otsp_compliance.model.region import ROUTING
from otsp_compliance.queries.configuration import configuration_version, require_region
from otsp_compliance.rules.inheritance import lineage
from otsp_compliance.rules.routing import Authority
from otsp_compliance.rules.routing_rules import Level, Mode, RoutingRule


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
    drops_when_mixed: bool
    effective_from: date
    effective_to: date | None
    basis_doc: str | None


@dataclass(frozen=True, slots=True)
class RoutingView:
    """The routing rules that one region set, past and future ones included."""

    region_code: str
    version: int
    rules: tuple[RoutingRuleView, ...]


def tell_routing(tx: Reader, region_code: str) -> RoutingView:
    """The rules that the region itself set; the national ones hold beside them."""
    require_region(region_code)
    query = select(*_COLUMNS).where(RoutingRuleRow.region_code == region_code)
    rows = tx.execute(query.order_by(RoutingRuleRow.effective_from, RoutingRuleRow.rule_id))
    return RoutingView(
        region_code=region_code,
        version=configuration_version(tx, region_code, ROUTING),
        rules=tuple(RoutingRuleView(**row._asdict()) for row in rows),
    )


def routing_rules(tx: Reader, region_code: str | None) -> list[RoutingRule]:
    """The rules of the region and of those above it, for the resolver."""
    return [_rule(*row) for row in _RULES.rows(tx, {"codes": list(lineage(region_code))})]


def all_routing_rules(tx: Reader) -> list[RoutingRule]:
    """Those of every region, for many institutions at once."""
    return [_rule(*row) for row in tx.execute(select(RoutingRuleRow.region_code, *_COLUMNS))]


def authorities_above(tx: Reader, region_code: str) -> list[Authority]:
    """The active authorities of the region and of those above it, for the resolver."""
    return _authorities(_ABOVE.rows(tx, {"codes": list(lineage(region_code))}))


def all_authorities(tx: Reader) -> list[Authority]:
    """The active authorities of every region, for many institutions at once."""
    return _authorities(tx.execute(_ACTIVE))


def _authorities(rows: Iterable[Any]) -> list[Authority]:
    return [
        Authority(
            authority_id=str(row.authority_id),
            name=row.name,
            level=row.level,
            department=row.department,
            region_code=row.region_code,
        )
        for row in rows
    ]


def _rule(region_code: str, *columns: Any) -> RoutingRule:  # noqa: ANN401 - of a row
    row = RoutingRuleView(*columns)
    return RoutingRule(
        rule_id=str(row.rule_id),
        region_code=region_code,
        category=row.category,
        delivery=row.delivery,
        nonsubject_type=row.nonsubject_type,
        mode=Mode(row.mode),
        level=Level(row.level),
        delegate_level=Level(row.delegate_level) if row.delegate_level else None,
        drops_when_mixed=row.drops_when_mixed,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        basis_doc=row.basis_doc,
    )


_COLUMNS = (
    RoutingRuleRow.rule_id,
    RoutingRuleRow.category,
    RoutingRuleRow.delivery,
    RoutingRuleRow.nonsubject_type,
    RoutingRuleRow.mode,
    RoutingRuleRow.level,
    RoutingRuleRow.delegate_level,
    RoutingRuleRow.drops_when_mixed,
    RoutingRuleRow.effective_from,
    RoutingRuleRow.effective_to,
    RoutingRuleRow.basis_doc,
)
_CODES = any_(bindparam("codes", type_=ARRAY(Text)))
_RULES = Read(
    select(RoutingRuleRow.region_code, *_COLUMNS).where(RoutingRuleRow.region_code == _CODES)
)
_ACTIVE = (
    select(
        AuthorityRef.authority_id,
        AuthorityRef.name,
        AuthorityRef.level,
        AuthorityRef.department,
        AuthorityRef.region_code,
    )
    .where(AuthorityRef.is_active)
    .order_by(AuthorityRef.authority_id.desc())
)
_ABOVE = Read(_ACTIVE.where(AuthorityRef.region_code == _CODES))
