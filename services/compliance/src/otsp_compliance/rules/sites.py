"""SIT: places of teaching and their safety (场所安全)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Breach, Fault, Outcome, need
from otsp_compliance.rules.registry import Severity, each_site, rule
from otsp_compliance.rules.scopes import OFFLINE, SUBJECT_ONLINE, WITH_LEAST_AREA
from otsp_compliance.rules.sources import (
    FIRE_CODE,
    FIRE_SAFETY,
    INSTITUTIONS_2018,
    ONLINE_APPROVAL,
    OWN,
    SPORTS_CONDUCT,
    Standing,
    local,
)
from otsp_contracts.snapshots import SiteFacts

_BASELINE: Final = date(2021, 10, 8)
_FIRE_SAFETY_FROM: Final = date(2022, 6, 6)
_SAFE_FLOOR: Final = 3
_SMALL_CHILDREN: Final = frozenset({"preschool", "primary"})
_FIRE_CHECK_EVERY: Final = timedelta(days=31)


def _crowding(facts: Facts, site: SiteFacts) -> Iterator[Fault]:
    peak = facts.peak(site.site_id)
    if not peak:
        return
    area = need(site.teaching_area_centi_m2, "teaching_area_centi_m2")
    least = facts.min_area(site.site_id)
    if area < peak * least:
        yield Fault(
            "teaching_area_centi_m2",
            found={"teaching_area_centi_m2": area, "peak": peak},
            required={"centi_m2_each": least, "teaching_area_centi_m2": peak * least},
        )


@rule(
    id="SIT-001",
    version=1,
    severity=Severity.BLOCKING,
    message_zh="同一培训时段内生均面积不足3平方米",
    remedy_zh="减少同一时段的学员人数，或扩大场所面积",
    basis=(INSTITUTIONS_2018.at(standing=Standing.RECALLED),),
    effective_from=date(2018, 8, 22),
    effective_to=_FIRE_SAFETY_FROM,
    applies=OFFLINE,
    parameters=("min_area_centi_m2",),
)
@each_site
def pupils_have_room_since_2018(facts: Facts, site: SiteFacts) -> Iterator[Fault]:
    yield from _crowding(facts, site)


@rule(
    id="SIT-001",
    version=2,
    severity=Severity.BLOCKING,
    message_zh="同一培训时段内生均培训用房面积不足3平方米",
    remedy_zh="减少同一时段的学员人数，或扩大培训用房面积（体育类生均不低于5平方米）",
    basis=(
        FIRE_SAFETY.at(),
        SPORTS_CONDUCT.at(),
        INSTITUTIONS_2018.at(standing=Standing.RECALLED),
    ),
    effective_from=_FIRE_SAFETY_FROM,
    applies=OFFLINE,
    parameters=("min_area_centi_m2",),
)
@each_site
def pupils_have_room(facts: Facts, site: SiteFacts) -> Iterator[Fault]:
    yield from _crowding(facts, site)


@rule(
    id="SIT-002",
    severity=Severity.BLOCKING,
    message_zh="办学点未提供消防合格证明",
    remedy_zh="上传该办学点的消防验收（检查）合格证明",
    basis=(FIRE_SAFETY.at("符合安全条件的固定场所"), OWN),
    effective_from=_FIRE_SAFETY_FROM,
    applies=OFFLINE,
)
@each_site
def site_has_fire_proof(_: Facts, site: SiteFacts) -> Iterator[Fault]:
    if not site.fire_proof_file_id:
        yield Fault("fire_proof_file_id", found=None, required={"present": True})


@rule(
    id="SIT-003",
    severity=Severity.OVERRIDABLE,
    message_zh="不得使用居民住宅、地下室等场所办学",
    remedy_zh="迁至符合条件的场所；当地另有规定的，可申请例外并说明理由",
    basis=(local("辽宁省文化艺术类校外培训机构设置标准"), local("北京市校外培训机构办学标准")),
    effective_from=_BASELINE,
    applies=OFFLINE,
    parameters=("banned_premises",),
)
@each_site
def premises_are_permitted(facts: Facts, site: SiteFacts) -> Iterator[Fault]:
    banned = facts.parameters.banned_premises
    if need(site.premises_type, "premises_type") in banned:
        yield Fault("premises_type", found=site.premises_type, required={"not": banned})


@rule(
    id="SIT-004",
    severity=Severity.WARNING,
    message_zh="面向儿童的培训场所宜设在三层及以下",
    remedy_zh="将面向学龄前和小学生的培训安排在三层及以下",
    basis=(FIRE_CODE.at(), FIRE_SAFETY.at()),
    effective_from=_FIRE_SAFETY_FROM,
    applies=OFFLINE,
)
@each_site
def children_are_taught_low(facts: Facts, site: SiteFacts) -> Iterator[Fault]:
    if _SMALL_CHILDREN.isdisjoint(facts.institution.stages):
        return
    floor = need(site.floor, "floor")
    if floor > _SAFE_FLOOR:
        yield Fault("floor", found=floor, required={"at_most": _SAFE_FLOOR})


@rule(
    id="SIT-005",
    severity=Severity.WARNING,
    message_zh="办学场所租期早于许可证有效期",
    remedy_zh="续签租赁合同后更新租期，或说明到期后的场所安排",
    basis=(OWN,),
    effective_from=_BASELINE,
    applies=OFFLINE,
)
@each_site
def lease_outlasts_the_licence(facts: Facts, site: SiteFacts) -> Iterator[Fault]:
    if site.lease_to is None:
        return
    valid_to = need(facts.licence.valid_to, "/licence/valid_to")
    if site.lease_to < valid_to:
        yield Fault("lease_to", found=site.lease_to, required={"not_before": valid_to})


@rule(
    id="SIT-006",
    severity=Severity.WARNING,
    message_zh="每月至少组织1次防火检查，记录已超期",
    remedy_zh="组织防火检查并登记检查日期",
    basis=(FIRE_SAFETY.at(),),
    effective_from=_FIRE_SAFETY_FROM,
)
@each_site
def fire_check_is_monthly(facts: Facts, site: SiteFacts) -> Iterator[Fault]:
    checked = site.fire_check_on
    if checked is None or facts.as_of - checked > _FIRE_CHECK_EVERY:
        least = {"not_before": facts.as_of - _FIRE_CHECK_EVERY}
        yield Fault("fire_check_on", found=checked, required=least)


@rule(
    id="SIT-007",
    severity=Severity.BLOCKING,
    message_zh="线上学科类机构须在注册地设固定线下实体培训场所",
    remedy_zh="登记注册地的固定实体场所",
    basis=(ONLINE_APPROVAL.at("统一设置要求1(2)"),),
    effective_from=date(2021, 9, 18),
    applies=SUBJECT_ONLINE,
)
def online_subject_institution_has_premises(facts: Facts) -> Iterator[Outcome]:
    if not facts.sites:
        yield Breach((), "/sites", found=0, required={"at_least": 1})


@rule(
    id="SIT-008",
    severity=Severity.OVERRIDABLE,
    message_zh="办学场所建筑面积低于本地设置标准",
    remedy_zh="更换或扩大场所；当地另有规定的，可申请例外并说明理由",
    basis=(local("广东省、厦门市校外培训机构设置标准"), OWN),
    effective_from=_BASELINE,
    applies=WITH_LEAST_AREA,
    parameters=("min_building_area_centi_m2",),
)
@each_site
def building_is_large_enough(facts: Facts, site: SiteFacts) -> Iterator[Fault]:
    least = facts.region.min_building_area_centi_m2 or 0
    area = site.building_area_centi_m2 or 0
    if area < least:
        yield Fault("building_area_centi_m2", found=area, required={"at_least": least})
