"""What regions configure. A region may only be stricter than what it would inherit (D14)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import flag_modified

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, require_version, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Conflict, Invalid, OutsideJurisdiction, StaleVersion
from otsp_compliance.model import (
    ConfigurationChange,
    Document,
    RegionConfiguration,
    RegionParameterSet,
)
from otsp_compliance.model.region import PARAMETERS
from otsp_compliance.queries.configuration import require_region
from otsp_compliance.queries.region import (
    ParametersInForce,
    find_filed_cases,
    inherited_from_above,
    own_sets,
    tell_parameters,
)
from otsp_compliance.queries.visibility import NATIONAL_ADMIN, require_authority
from otsp_compliance.rules.inheritance import Inherited, ParameterSet, violations
from otsp_compliance.rules.periods import Period, changed_days, find_conflict
from otsp_contracts.values import FieldError

_CREATED_MEANWHILE = {"pk_region_configuration": StaleVersion}


class ParametersNotStricter(Invalid):
    slug: ClassVar[str] = "parameters-not-stricter"
    title: ClassVar[str] = "A region may only be stricter"
    detail_zh: ClassVar[str] = "地区参数只能比上级更严格，请按 errors 中的说明修改。"


class ParameterPeriodsOverlap(Conflict):
    slug: ClassVar[str] = "parameter-periods-overlap"
    title: ClassVar[str] = "The period runs into another one of the region"
    detail_zh: ClassVar[str] = "生效期间与本地区已有的参数期间重叠，请调整起止日期。"


class ParametersWouldChangeFiledCases(Conflict):
    slug: ClassVar[str] = "parameters-would-change-filed-cases"
    title: ClassVar[str] = "Cases were filed under the parameters of these days"
    detail_zh: ClassVar[str] = "所涉日期已有受理的申请，参数不能追溯修改，请改用之后的生效日期。"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParameters:
    """The values that a region sets of its own from a day on; what is absent is inherited."""

    effective_from: date
    effective_to: date | None = None
    parameters: Document
    basis_doc: str | None
    reason: str | None = None

    @property
    def period(self) -> Period:
        return Period(self.effective_from, self.effective_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the history keeps of a change beside who made it and when."""

    region_code: str
    topic: str
    period: Period | None
    before: Document | None
    after: Document
    reason: str | None


def set_region_parameters(
    principal: Principal, region_code: str, new: NewParameters, *, if_match: int | None
) -> ParametersInForce:
    """Replaces the set of that day. `if_match` is 0 or absent for a region's first set."""
    require_configurer(principal, region_code)
    with transaction(conflicts=_CREATED_MEANWHILE) as tx:
        take_up(tx, (region_code, PARAMETERS), if_match=if_match, by=principal.account_id)
        _require_stricter(new, inherited_from_above(tx, region_code, new.effective_from))
        known = own_sets(tx, region_code)
        replaced = next((one for one in known if one.effective_from == new.effective_from), None)
        _require_free(known, new)
        _require_unfiled(tx, region_code, known, new=new)
        values = {
            "effective_to": new.effective_to,
            "parameters": new.parameters,
            "basis_doc": new.basis_doc,
        }
        row = insert(RegionParameterSet).values(
            region_code=region_code, effective_from=new.effective_from, **values
        )
        tx.execute(
            row.on_conflict_do_update(index_elements=["region_code", "effective_from"], set_=values)
        )
        change = Change(
            region_code=region_code,
            topic=PARAMETERS,
            period=new.period,
            before=None if replaced is None else _document(replaced),
            after=_document(_as_set(region_code, new)),
            reason=new.reason,
        )
        record_change(tx, principal, change)
        return tell_parameters(tx, region_code, new.effective_from)


def require_configurer(principal: Principal, region_code: str) -> None:
    """The education authority's administrator of that very region, or the nation's."""
    require_region(region_code)
    if principal.role == NATIONAL_ADMIN:
        return
    authority = require_authority(principal)
    if authority.region_code != region_code or authority.department != "education":
        raise OutsideJurisdiction("只能由本地区教育部门的区域管理员或国家级管理员设定。")


def take_up(tx: Tx, key: tuple[str, str], *, if_match: int | None, by: UUID) -> None:
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


def record_change(tx: Tx, principal: Principal, change: Change) -> None:
    """Into the region's history, and into the audit trail."""
    authority = principal.authority
    tx.add(
        ConfigurationChange(
            change_id=new_id(),
            region_code=change.region_code,
            topic=change.topic,
            changed_at=clock.business_now(),
            changed_by=principal.account_id,
            role=principal.role,
            authority_id=authority.authority_id if authority else None,
            effective_from=change.period.effective_from if change.period else None,
            effective_to=change.period.effective_to if change.period else None,
            before=change.before,
            after=change.after,
            reason=change.reason,
        )
    )
    audit.record(
        tx,
        f"compliance.region_{change.topic}_set",
        object_type="region_configuration",
        object_id=change.region_code,
        before=change.before,
        after=change.after,
        reason=change.reason,
    )


def _require_stricter(new: NewParameters, above: Inherited) -> None:
    found = list(violations(new.parameters, above))
    if not found:
        return
    raise ParametersNotStricter(
        errors=[
            FieldError(f"/{one.setting}", one.refusal.code, one.refusal.detail_zh) for one in found
        ],
        refused=[
            {
                "parameter": one.parameter,
                "stricter": one.direction.value if one.direction else None,
                "in_force": one.in_force,
                "set_by": one.set_by,
                "asked": one.asked,
            }
            for one in found
        ],
    )


def _require_free(known: list[ParameterSet], new: NewParameters) -> None:
    conflict = find_conflict([_period(one) for one in known], new.period)
    if conflict is None:
        return
    until = f"至 {conflict.effective_to} 前" if conflict.effective_to else "起"
    raise ParameterPeriodsOverlap(
        f"生效期间与本地区已有的参数期间（{conflict.effective_from} {until}）重叠："
        "请调整起止日期，或先缩短该期间。",
        conflict={
            "effective_from": conflict.effective_from,
            "effective_to": conflict.effective_to,
        },
    )


def _require_unfiled(
    tx: Tx, region_code: str, known: list[ParameterSet], *, new: NewParameters
) -> None:
    """Whoever filed was judged, and will be decided on, by what held on the day of filing."""
    replaced = next((one for one in known if one.effective_from == new.effective_from), None)
    is_same = replaced is not None and replaced.values == new.parameters
    days = changed_days([_period(one) for one in known], new.period, is_same=is_same)
    cases = None if days is None else find_filed_cases(tx, region_code, days)
    if cases is None:
        return
    possible = cases.last + timedelta(days=1)
    raise ParametersWouldChangeFiledCases(
        f"{cases.first} 至 {cases.last} 已有 {cases.count} 件申请按当时的参数受理，"
        f"不能追溯修改：请将改动的生效日期定在 {possible} 或之后。",
        filed_cases=cases.count,
        first_as_of=cases.first,
        last_as_of=cases.last,
        possible_from=possible,
    )


def _as_set(region_code: str, new: NewParameters) -> ParameterSet:
    return ParameterSet(
        region_code, new.effective_from, new.effective_to, new.parameters, new.basis_doc
    )


def _period(one: ParameterSet) -> Period:
    return Period(one.effective_from, one.effective_to)


def _document(one: ParameterSet) -> dict[str, Any]:
    values: Mapping[str, Any] = one.values
    return {
        "effective_from": one.effective_from.isoformat(),
        "effective_to": one.effective_to.isoformat() if one.effective_to else None,
        "parameters": dict(values),
        "basis_doc": one.basis_doc,
    }
