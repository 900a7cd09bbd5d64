"""NET: systems through which is taught online (线上系统)."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Fault, need
from otsp_compliance.rules.registry import Severity, each_system, rule
from otsp_compliance.rules.scopes import ONLINE, SUBJECT_ONLINE
from otsp_compliance.rules.sources import (
    CYBERSECURITY_LAW,
    INTERNET_SERVICES,
    MINORS_LAW,
    ONLINE_2019,
    ONLINE_APPROVAL,
    PERSONAL_INFORMATION_LAW,
    local,
)
from otsp_contracts.snapshots import SystemFacts

_APPROVAL_FROM: Final = date(2021, 9, 18)
_MLPS_LEVEL: Final = 3
_CONTENT_DAYS: Final = 365
_VIDEO_DAYS: Final = 180
_LOG_DAYS: Final = 180
_MANY_PERSONS: Final = 1_000_000


@rule(
    id="NET-001",
    severity=Severity.BLOCKING,
    message_zh="业务系统网络安全等级保护未达到三级",
    remedy_zh="完成三级等保测评和备案，填写级别和备案证明编号",
    basis=(ONLINE_APPROVAL.at("统一设置要求1(7)"),),
    effective_from=_APPROVAL_FROM,
    applies=SUBJECT_ONLINE,
)
@each_system
def system_is_protected_at_level_three(_: Facts, system: SystemFacts) -> Iterator[Fault]:
    if (system.mlps_level or 0) < _MLPS_LEVEL:
        yield Fault("mlps_level", found=system.mlps_level, required={"at_least": _MLPS_LEVEL})
    if not system.mlps_no:
        yield Fault("mlps_no", found=None, required={"present": True})


@rule(
    id="NET-002",
    severity=Severity.BLOCKING,
    message_zh="服务器须设置在中国内地",
    remedy_zh="将服务器迁至中国内地后更新填报",
    basis=(ONLINE_APPROVAL.at("统一设置要求1(5)"),),
    effective_from=_APPROVAL_FROM,
    applies=ONLINE,
)
@each_system
def server_stands_in_the_mainland(_: Facts, system: SystemFacts) -> Iterator[Fault]:
    if not system.server_in_mainland:
        yield Fault("server_in_mainland", found=system.server_in_mainland, required=True)


@rule(
    id="NET-003",
    severity=Severity.BLOCKING,
    message_zh="ICP备案号缺失或格式错误",
    remedy_zh="办理ICP备案并按备案证明填写备案号",
    basis=(INTERNET_SERVICES.at("第4条、第8条"),),
    effective_from=date(2000, 9, 25),
    applies=ONLINE,
    parameters=("icp_re",),
)
@each_system
def system_is_on_the_icp_record(facts: Facts, system: SystemFacts) -> Iterator[Fault]:
    pattern = facts.parameters.icp_re
    if not re.fullmatch(pattern, system.icp_no or ""):
        yield Fault("icp_no", found=system.icp_no, required={"pattern": pattern})


@rule(
    id="NET-004",
    severity=Severity.OVERRIDABLE,
    message_zh="未取得增值电信业务经营许可证",
    remedy_zh="取得增值电信业务经营许可证并填写编号；无需取得的，可申请例外并说明理由",
    basis=(INTERNET_SERVICES.at("第7条"), local("原线上备案平台材料清单")),
    effective_from=date(2021, 10, 8),
    applies=ONLINE,
)
@each_system
def system_has_a_telecom_licence(_: Facts, system: SystemFacts) -> Iterator[Fault]:
    if not system.vat_licence_no:
        yield Fault("vat_licence_no", found=None, required={"present": True})


@rule(
    id="NET-005",
    severity=Severity.BLOCKING,
    message_zh="培训内容和数据须留存1年以上，直播影像须留存6个月以上",
    remedy_zh="延长留存期限：培训内容和数据不少于365日，直播影像不少于180日",
    basis=(ONLINE_APPROVAL.at(),),
    effective_from=_APPROVAL_FROM,
    applies=ONLINE,
)
@each_system
def content_is_kept(_: Facts, system: SystemFacts) -> Iterator[Fault]:
    for field, days, least in (
        ("content_retention_days", system.content_retention_days, _CONTENT_DAYS),
        ("live_video_retention_days", system.live_video_retention_days, _VIDEO_DAYS),
    ):
        if need(days, field) < least:
            yield Fault(field, found=days, required={"at_least": least})


@rule(
    id="NET-006",
    severity=Severity.BLOCKING,
    message_zh="网络日志留存不得少于六个月",
    remedy_zh="将网络日志留存期限延长至180日以上",
    basis=(CYBERSECURITY_LAW.at("第21条第(三)项"),),
    effective_from=date(2017, 6, 1),
    applies=ONLINE,
)
@each_system
def logs_are_kept(_: Facts, system: SystemFacts) -> Iterator[Fault]:
    days = need(system.log_retention_days, "log_retention_days")
    if days < _LOG_DAYS:
        yield Fault("log_retention_days", found=days, required={"at_least": _LOG_DAYS})


@rule(
    id="NET-007",
    severity=Severity.BLOCKING,
    message_zh="平台须具备护眼功能和家长监管功能",
    remedy_zh="上线护眼功能和家长监管功能后更新填报",
    basis=(ONLINE_APPROVAL.at(), ONLINE_2019.at()),
    effective_from=date(2019, 7, 15),
    applies=ONLINE,
)
@each_system
def eyes_and_parents_are_cared_for(_: Facts, system: SystemFacts) -> Iterator[Fault]:
    if not system.eye_protection:
        yield Fault("eye_protection", found=system.eye_protection, required=True)
    if not system.parental_control:
        yield Fault("parental_control", found=system.parental_control, required=True)


@rule(
    id="NET-008",
    severity=Severity.BLOCKING,
    message_zh="储存100万人以上个人信息的平台须通过影响评估、认证或合规审计",
    remedy_zh="完成个人信息保护影响评估、认证或合规审计并上传报告",
    basis=(ONLINE_APPROVAL.at("统一设置要求1(8)"), PERSONAL_INFORMATION_LAW.at("第55条")),
    effective_from=_APPROVAL_FROM,
    applies=ONLINE,
)
@each_system
def large_stores_are_assessed(_: Facts, system: SystemFacts) -> Iterator[Fault]:
    persons = need(system.stored_persons, "stored_persons")
    if persons > _MANY_PERSONS and not system.pia_done:
        yield Fault("pia_done", found=system.pia_done, required=True)


@rule(
    id="NET-009",
    severity=Severity.BLOCKING,
    message_zh="处理不满14周岁未成年人信息须取得监护人同意并有专门规则",
    remedy_zh="建立监护人同意机制并制定专门的个人信息处理规则",
    basis=(PERSONAL_INFORMATION_LAW.at("第31条"), MINORS_LAW.at("第72条")),
    effective_from=date(2021, 11, 1),
    applies=ONLINE,
)
@each_system
def guardians_consent(_: Facts, system: SystemFacts) -> Iterator[Fault]:
    if not system.guardian_consent:
        yield Fault("guardian_consent", found=system.guardian_consent, required=True)


@rule(
    id="NET-010",
    severity=Severity.BLOCKING,
    message_zh="在线教育产品不得插入网络游戏链接或推送广告",
    remedy_zh="移除网络游戏链接和广告后更新填报",
    basis=(MINORS_LAW.at("第74条"),),
    effective_from=date(2021, 6, 1),
    applies=ONLINE,
)
@each_system
def nothing_but_teaching_is_shown(_: Facts, system: SystemFacts) -> Iterator[Fault]:
    if need(system.ads_or_games, "ads_or_games"):
        yield Fault("ads_or_games", found=True, required=False)
