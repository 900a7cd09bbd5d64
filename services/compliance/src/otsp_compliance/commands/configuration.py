"""What regions configure. A region may only be stricter than what it would inherit (D14)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import flag_modified

from otsp_chassis import audit
from otsp_chassis.db import Tx, require_version, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Invalid, OutsideJurisdiction, StaleVersion
from otsp_compliance.model import (
    Document,
    RegionConfiguration,
    RegionParameterSet,
    RoutingRuleRow,
)
from otsp_compliance.model.region import PARAMETERS, ROUTING
from otsp_compliance.queries.region import (
    ParametersInForce,
    RoutingView,
    inherited_parameters,
    require_region,
    tell_parameters,
    tell_routing,
)
from otsp_compliance.queries.visibility import NATIONAL_ADMIN, require_authority
from otsp_compliance.rules.parameters import Parameters, refusal, resolve
from otsp_compliance.rules.routing import NATIONAL_RULES, Level, Mode, RoutingRule, refusals
from otsp_contracts.snapshots import RegionParameters
from otsp_contracts.values import FieldError

_CREATED_MEANWHILE = {"pk_region_configuration": StaleVersion}


class ParametersNotStricter(Invalid):
    slug: ClassVar[str] = "parameters-not-stricter"
    title: ClassVar[str] = "A region may only be stricter"
    detail_zh: ClassVar[str] = "地区参数只能比上级更严格，请按 errors 中的说明修改。"


class RoutingNotAllowed(Invalid):
    slug: ClassVar[str] = "routing-not-allowed"
    title: ClassVar[str] = "A region may not route reviews like this"
    detail_zh: ClassVar[str] = "审核路由设置不符合全国统一规定，请按 errors 中的说明修改。"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParameters:
    """The values that a region sets of its own from a day on; what is absent is inherited."""

    effective_from: date
    parameters: Document
    basis_doc: str | None


def set_region_parameters(
    principal: Principal, region_code: str, new: NewParameters, *, if_match: int | None
) -> ParametersInForce:
    """Replaces the set of that day. `if_match` is 0 or absent for a region's first set."""
    _require_configurer(principal, region_code)
    with transaction(conflicts=_CREATED_MEANWHILE) as tx:
        _take_up(tx, (region_code, PARAMETERS), if_match=if_match, by=principal.account_id)
        above = inherited_parameters(tx, region_code, new.effective_from)
        _require_stricter(region_code, new.parameters, above)
        values = {"parameters": new.parameters, "basis_doc": new.basis_doc}
        row = insert(RegionParameterSet).values(
            region_code=region_code, effective_from=new.effective_from, **values
        )
        tx.execute(
            row.on_conflict_do_update(index_elements=["region_code", "effective_from"], set_=values)
        )
        _record(tx, "compliance.region_parameters_set", region_code, after=new.parameters)
        return tell_parameters(tx, region_code, new.effective_from)


def set_routing_rules(
    principal: Principal, region_code: str, rules: list[Document], *, if_match: int | None
) -> RoutingView:
    """Replaces all rules of the region; pending cases keep the steps they have."""
    _require_configurer(principal, region_code)
    parsed = [_routing_rule(region_code, fields) for fields in rules]
    errors = [
        FieldError(f"/rules/{place}", "not_allowed", f"{reason}。")
        for place, rule in enumerate(parsed)
        for reason in refusals(rule)
    ]
    if errors:
        raise RoutingNotAllowed(errors=errors)
    with transaction(conflicts=_CREATED_MEANWHILE) as tx:
        _take_up(tx, (region_code, ROUTING), if_match=if_match, by=principal.account_id)
        tx.execute(delete(RoutingRuleRow).where(RoutingRuleRow.region_code == region_code))
        tx.add_all(_routing_row(rule) for rule in parsed)
        _record(tx, "compliance.routing_rules_set", region_code, after={"rules": rules})
        tx.flush()
        return tell_routing(tx, region_code)


def _require_configurer(principal: Principal, region_code: str) -> None:
    """The education authority's administrator of that very region, or the nation's."""
    require_region(region_code)
    if principal.role == NATIONAL_ADMIN:
        return
    authority = require_authority(principal)
    if authority.region_code != region_code or authority.department != "education":
        raise OutsideJurisdiction


def _take_up(tx: Tx, key: tuple[str, str], *, if_match: int | None, by: UUID) -> None:
    """Locks the root of the configuration and moves its version on."""
    root = tx.get(RegionConfiguration, key, with_for_update=True)
    if root is None:
        if if_match:
            raise StaleVersion(current_version=0)
        region_code, topic = key
        tx.add(RegionConfiguration(region_code=region_code, topic=topic, changed_by=by))
    else:
        require_version(root.version, if_match)
        root.changed_by = by
        flag_modified(root, "changed_by")  # the same person's next change is one too
    tx.flush()  # of two that create the root at once, one is refused here


def _require_stricter(region_code: str, parameters: Document, above: RegionParameters) -> None:
    wanted = RegionParameters.model_validate({**parameters, "code": region_code})
    errors = list(_looser(wanted, parameters, resolve(above)))
    if errors:
        raise ParametersNotStricter(errors=errors)


def _looser(wanted: RegionParameters, given: Document, above: Parameters) -> Iterator[FieldError]:
    for name, value in wanted.overrides.items():
        reason = refusal(name, value, above)
        if reason is not None:
            yield FieldError(f"/overrides/{name}", "not_stricter", f"{reason}。")
    for kind, area in given.get("min_area_centi_m2", {}).items():
        least = above.min_area_centi_m2.get(kind, 0)
        if area < least:
            yield _below(f"/min_area_centi_m2/{kind}", least)
    ratio = given.get("deposit_ratio_bp")
    if ratio is not None and ratio < above.deposit_ratio_bp:
        yield _below("/deposit_ratio_bp", above.deposit_ratio_bp)


def _below(pointer: str, least: int) -> FieldError:
    return FieldError(pointer, "not_stricter", f"不能低于上级规定的 {least}。")


def _routing_rule(region_code: str, fields: dict[str, Any]) -> RoutingRule:
    """Without a level, that of the national rule for this kind of training."""
    delegate, until = fields.get("delegate_level"), fields.get("effective_to")
    level = fields.get("level") or next(
        rule.level
        for rule in NATIONAL_RULES
        if (rule.category, rule.delivery) == (fields["category"], fields["delivery"])
    )
    return RoutingRule(
        rule_id=str(new_id()),
        region_code=region_code,
        category=fields["category"],
        delivery=fields["delivery"],
        nonsubject_type=fields.get("nonsubject_type"),
        mode=Mode(fields["mode"]),
        level=Level(level),
        delegate_level=Level(delegate) if delegate else None,
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
        effective_from=rule.effective_from,
        effective_to=rule.effective_to,
        basis_doc=rule.basis_doc,
    )


def _record(tx: Tx, action: str, region_code: str, *, after: Document) -> None:
    audit.record(tx, action, object_type="region_configuration", object_id=region_code, after=after)
