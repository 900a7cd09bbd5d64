"""What people are told of, in which words, and by which ways beside the inbox.

The inbox takes everything. A text or a mail repeats the title and says where to read on: it
carries no reasons, no names of people and no numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class Channel(StrEnum):
    """A way to a person beside the inbox."""

    SMS = "sms"
    EMAIL = "email"


class Group(StrEnum):
    """What a person chooses channels for."""

    REVIEW = "review"
    RECTIFICATION = "rectification"
    LICENCE = "licence"
    STAFF = "staff"
    MATERIALS = "materials"
    CASEWORK = "casework"


GROUPS_ZH: Final[Mapping[Group, str]] = {
    Group.REVIEW: "申请与审核",
    Group.RECTIFICATION: "整改",
    Group.LICENCE: "办学许可证到期",
    Group.STAFF: "从业人员",
    Group.MATERIALS: "培训材料",
    Group.CASEWORK: "待办事项",
}
DEFAULTS: Final[Mapping[Group, frozenset[Channel]]] = {
    Group.REVIEW: frozenset({Channel.SMS}),
    Group.RECTIFICATION: frozenset({Channel.SMS}),
    Group.LICENCE: frozenset({Channel.SMS}),
    Group.STAFF: frozenset({Channel.EMAIL}),
    Group.MATERIALS: frozenset({Channel.EMAIL}),
    Group.CASEWORK: frozenset({Channel.EMAIL}),
}
"""What holds for whoever has chosen nothing."""


@dataclass(frozen=True, slots=True)
class News:
    """One thing that people are told of; `text` has its parts in braces."""

    group: Group
    title: str
    text: str


NEWS: Final[Mapping[str, News]] = {
    "registration_decided": News(
        Group.REVIEW, "机构注册审核结果", "机构注册{outcome}，请登录平台查看。"
    ),
    "application_accepted": News(
        Group.REVIEW, "申请已受理", "您的申请已于{day}受理，主管部门将在法定期限内作出决定。"
    ),
    "application_deemed_accepted": News(
        Group.REVIEW,
        "申请视为受理",
        "主管部门未在五个工作日内答复，您的申请自{day}起视为受理（行政许可法第三十二条）。",
    ),
    "precheck_failed": News(
        Group.REVIEW,
        "申请未通过规则检查",
        "您的申请有{count}项规则未通过，信息已解锁。请按检查结果逐项修改后重新提交。",
    ),
    "gathering_failed": News(
        Group.REVIEW,
        "申请汇集未完成",
        "平台未能及时汇集申请所需的信息，信息已解锁，请重新提交申请。",
    ),
    "application_decided": News(
        Group.REVIEW,
        "申请审核结果",
        "您的{kind}{outcome}，决定编号 {doc_no}。请登录平台查看决定、理由和回执。",
    ),
    "application_lapsed": News(
        Group.REVIEW, "申请逾期失效", "您的申请因逾期未补正已失效，信息已解锁，可重新提交申请。"
    ),
    "decision_set_aside": News(
        Group.REVIEW,
        "原审核决定已被撤销",
        "您的{kind}原决定已被撤销，现决定为：{outcome}，决定编号 {doc_no}。请登录平台查看。",
    ),
    "review_clock_changed": News(
        Group.REVIEW, "办理期限有变化", "您的申请的办理期限有变化，请登录平台查看原因和新的期限。"
    ),
    "supplement_requested": News(
        Group.REVIEW,
        "申请需要补正",
        "主管部门已一次性告知需要补正的内容，请于{day}前逐项答复并重新提交，逾期申请失效。",
    ),
    "supplement_answered": News(
        Group.CASEWORK, "机构已提交补正", "一件合规申请的补正材料已提交，请继续审核。"
    ),
    "rectification_opened": News(
        Group.RECTIFICATION,
        "新的整改任务",
        "主管部门要求整改（{kind}），请于{day}前完成并提交证明材料。",
    ),
    "rectification_closed": News(
        Group.RECTIFICATION, "整改任务已办结", "整改任务（{kind}）已于{day}办结。"
    ),
    "rectification_due": News(
        Group.RECTIFICATION,
        "整改任务即将到期",
        "整改任务（{kind}）应于{day}前完成，请及时提交证明材料。",
    ),
    "rectification_returned": News(
        Group.RECTIFICATION,
        "整改核验未通过",
        "整改任务（{kind}）核验未通过，请查看原因，并于{day}前继续整改。",
    ),
    "listed": News(
        Group.REVIEW, "机构被列入名单", "主管部门已将机构列入{list}，请登录平台查看原因并及时整改。"
    ),
    "listing_ended": News(Group.REVIEW, "机构移出名单", "机构已移出{list}。"),
    "training_suspended": News(
        Group.REVIEW,
        "机构被责令暂停培训",
        "主管部门自{day}起责令机构暂停培训：不得开课、开班。请登录平台查看原因并整改。",
    ),
    "training_resumed": News(
        Group.REVIEW, "机构恢复培训", "主管部门自{day}起同意机构恢复培训，请登录平台查看。"
    ),
    "deregistered": News(
        Group.REVIEW, "注销已办结", "机构已注销。账户在{day}前可以查看和下载资料，之后停用。"
    ),
    "licence_expiring": News(
        Group.LICENCE,
        "办学许可证即将到期",
        "办学许可证将于{day}到期（还有{days}天）。请及时办理延续，并在平台提交申请。",
    ),
    "licence_expired": News(
        Group.LICENCE,
        "办学许可证已到期",
        "办学许可证已于{day}到期，合规审核结论失效，请停止招生并办理延续。",
    ),
    "check_due": News(
        Group.STAFF,
        "从业人员有事项到期",
        "有从业人员的{kind}将于{day}到期，请及时办理并更新平台信息。",
    ),
    "blacklist_matched": News(
        Group.STAFF, "从业人员限制名单提醒", "有在职人员在从业限制名单内，须于{day}前办理离职。"
    ),
    "blacklist_matched_here": News(
        Group.CASEWORK,
        "辖区机构聘用了限制从业人员",
        "辖区内有机构聘用限制名单内人员，该人员须于{day}前离职。",
    ),
    "correction_requested": News(
        Group.STAFF, "从业人员申请更正信息", "有从业人员申请更正其个人信息，请于{day}前核实并答复。"
    ),
    "material_reviewed": News(
        Group.MATERIALS,
        "培训材料外审结果",
        "一份培训材料的外部审核结果：{outcome}。请登录平台查看。",
    ),
    "material_suspended": News(
        Group.MATERIALS,
        "培训材料被停用",
        "主管部门检查后停用了一份培训材料，请登录平台查看原因并整改。",
    ),
    "purge_due": News(
        Group.MATERIALS,
        "培训材料保管期将满",
        "一份已停用培训材料的保管期将于{day}届满，届满后可以销毁。",
    ),
    "case_routed": News(
        Group.CASEWORK, "新的待办事项", "有一件{kind}转到本部门办理，请在法定期限内处理。"
    ),
    "case_withdrawn": News(Group.CASEWORK, "待办事项已撤回", "一件{kind}已由机构撤回，无需办理。"),
    "case_taken_over": News(
        Group.CASEWORK, "办理中的事项已被接办", "您办理的一件{kind}已由{who}接办。理由：{reason}"
    ),
    "case_reassigned": News(
        Group.CASEWORK,
        "办理中的事项已改派",
        "您办理的一件{kind}已由{who}改派给{to}办理。理由：{reason}",
    ),
    "review_overdue": News(
        Group.CASEWORK,
        "待办事项临近或超过期限",
        "一件{kind}的办理期限为{day}，当前状态：{light}。请尽快办理。",
    ),
    "review_escalated": News(
        Group.CASEWORK,
        "下级部门事项超期",
        "下级部门一件{kind}已超过办理期限（{day}），请督促办理。",
    ),
}


APPLICATIONS_ZH: Final[Mapping[str, str]] = {
    "initial": "首次合规申请",
    "change": "变更申请",
    "renewal": "延续申请",
    "recheck": "复核申请",
    "deregistration": "注销申请",
}
CASES_ZH: Final[Mapping[str, str]] = {
    "registration": "机构注册审核",
    "external_review": "培训材料外部审核",
    "compliance": "合规申请",
    "deregistration": "注销申请",
}
OUTCOMES_ZH: Final[Mapping[str, str]] = {
    "approved": "审核通过",
    "returned": "退回整改",
    "rejected": "审核不通过",
}
RECTIFICATIONS_ZH: Final[Mapping[str, str]] = {
    "for_profit_to_nonprofit": "营转非",
    "filing_to_approval": "备案转审批",
    "other": "其他整改",
}
CHECKS_ZH: Final[Mapping[str, str]] = {
    "precheck": "入职前查询",
    "annual_check": "年度核查",
    "contract": "劳动合同",
    "work_permit": "工作许可",
    "residence_permit": "居留许可",
}
LISTS_ZH: Final[Mapping[str, str]] = {"grey": "灰名单（预警）", "black": "黑名单"}
LIGHTS_ZH: Final[Mapping[str, str]] = {"amber": "临近期限", "red": "已到期限"}


def day_of(day: date) -> str:
    """As a letter writes it."""
    return f"{day.year}年{day.month}月{day.day}日"


def text_of(code: str, words: Mapping[str, object]) -> str:
    """The text with its parts filled in; raises KeyError when one is missing."""
    return NEWS[code].text.format(**words)


Choice = Mapping[Channel, frozenset[str]]
"""The groups that somebody wants to be told of by each channel."""


def is_allowed(group: Group, channel: Channel, chosen: Choice | None) -> bool:
    """Whether a group goes by that channel; None is whoever has not chosen."""
    if chosen is None:
        return channel in DEFAULTS[group]
    return group in chosen[channel]


BACK_OFF_MINUTES: Final = (1, 5, 30, 120)
"""How long a message that was not sent waits before it is tried again."""


def wait_after(attempts: int) -> int | None:
    """Minutes until the next try; None when it is given up."""
    return BACK_OFF_MINUTES[attempts - 1] if attempts <= len(BACK_OFF_MINUTES) else None
