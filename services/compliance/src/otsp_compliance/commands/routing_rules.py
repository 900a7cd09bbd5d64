"""The routing rules that a region sets."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import delete

from otsp_chassis.db import transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Invalid, StaleVersion
from otsp_compliance.commands.configuration import (
    Change,
    record_change,
    require_configurer,
    take_up,
)
from otsp_compliance.model import Document, RoutingRuleRow
from otsp_compliance.model.region import ROUTING
from otsp_compliance.queries.routing_rules import RoutingRuleView, RoutingView, tell_routing
from otsp_compliance.rules.routing_rules import (
    Level,
    Mode,
    RoutingRule,
    national_level,
    objections,
    overlaps,
)
from otsp_contracts.values import FieldError

_CREATED_MEANWHILE = {"pk_region_configuration": StaleVersion}


class RoutingNotAllowed(Invalid):
    slug: ClassVar[str] = "routing-not-allowed"
    title: ClassVar[str] = "A region may not route reviews like this"
    detail_zh: ClassVar[str] = "审核路由设置不符合全国统一规定，请按 errors 中的说明修改。"


def set_routing_rules(
    principal: Principal,
    region_code: str,
    rules: list[Document],
    *,
    reason: str | None,
    if_match: int | None,
) -> RoutingView:
    """Replaces all rules of the region; pending cases keep the steps they have."""
    require_configurer(principal, region_code)
    parsed = read_rules(region_code, rules)
    with transaction(conflicts=_CREATED_MEANWHILE) as tx:
        take_up(tx, (region_code, ROUTING), if_match=if_match, by=principal.account_id)
        before = tell_routing(tx, region_code)  # of version 1: just taken up, there was nothing
        tx.execute(delete(RoutingRuleRow).where(RoutingRuleRow.region_code == region_code))
        tx.add_all(_routing_row(rule) for rule in parsed)
        tx.flush()
        told = tell_routing(tx, region_code)
        change = Change(
            region_code=region_code,
            topic=ROUTING,
            period=None,
            before={"rules": _documents(before.rules)} if before.version > 1 else None,
            after={"rules": _documents(told.rules)},
            reason=reason,
        )
        record_change(tx, principal, change)
        return told


def read_rules(region_code: str, rules: Sequence[Document]) -> list[RoutingRule]:
    """The rules as the resolver knows them; refuses all that the region may not have at once."""
    parsed = [_routing_rule(region_code, fields) for fields in rules]
    errors = [*_objected(parsed), *_overlapping(parsed)]
    if errors:
        raise RoutingNotAllowed(errors=errors)
    return parsed


def _objected(rules: Sequence[RoutingRule]) -> Iterator[FieldError]:
    for place, rule in enumerate(rules):
        for one in objections(rule):
            yield FieldError(f"/rules/{place}/{one.field}", one.code, one.detail_zh)


def _overlapping(rules: Sequence[RoutingRule]) -> Iterator[FieldError]:
    for before, place in overlaps(rules):
        other = rules[before]
        until = f"至 {other.effective_to} 前" if other.effective_to else "起"
        yield FieldError(
            f"/rules/{place}/effective_from",
            "overlapping",
            f"与第 {before + 1} 条规则（同一培训类型，{other.effective_from} {until}）的期间重叠。",
        )


def _routing_rule(region_code: str, fields: dict[str, Any]) -> RoutingRule:
    """Without a level, that of the national rule for this kind of training."""
    category, delivery = fields["category"], fields["delivery"]
    kind = fields.get("nonsubject_type")
    delegate, until = fields.get("delegate_level"), fields.get("effective_to")
    return RoutingRule(
        rule_id=str(new_id()),
        region_code=region_code,
        category=category,
        delivery=delivery,
        nonsubject_type=kind,
        mode=Mode(fields["mode"]),
        level=Level(fields.get("level") or national_level(category, delivery, kind)),
        delegate_level=Level(delegate) if delegate else None,
        drops_when_mixed=bool(fields.get("drops_when_mixed")),
        effective_from=date.fromisoformat(fields["effective_from"]),
        effective_to=date.fromisoformat(until) if until else None,
        basis_doc=fields.get("basis_doc"),
    )


def _routing_row(rule: RoutingRule) -> RoutingRuleRow:
    return RoutingRuleRow(
        rule_id=UUID(rule.rule_id),
        region_code=rule.region_code,
        category=rule.category,
        delivery=rule.delivery,
        nonsubject_type=rule.nonsubject_type,
        mode=rule.mode.value,
        level=rule.level.value,
        delegate_level=rule.delegate_level.value if rule.delegate_level else None,
        drops_when_mixed=rule.drops_when_mixed,
        effective_from=rule.effective_from,
        effective_to=rule.effective_to,
        basis_doc=rule.basis_doc,
    )


def _documents(rules: Sequence[RoutingRuleView]) -> list[Document]:
    return [
        {
            "rule_id": str(one.rule_id),
            "category": one.category,
            "delivery": one.delivery,
            "nonsubject_type": one.nonsubject_type,
            "mode": one.mode,
            "level": one.level,
            "delegate_level": one.delegate_level,
            "drops_when_mixed": one.drops_when_mixed,
            "effective_from": one.effective_from.isoformat(),
            "effective_to": one.effective_to.isoformat() if one.effective_to else None,
            "basis_doc": one.basis_doc,
        }
        for one in rules
    ]
