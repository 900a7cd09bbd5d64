"""How an institution stands: what its home page says (审核状态), and what it may file.

The guards of filing and the home page's buttons are these functions, so they cannot differ.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from otsp_compliance.rules.rectification import ANSWERED, KINDS_ZH
from otsp_compliance.rules.states import APPROVED, CHANGE, DEREGISTRATION

KINDS: Final = ("initial", CHANGE, "renewal", "recheck")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why something cannot be filed now, and what to do about it; `code` is the refusal's slug."""

    code: str
    reason_zh: str
    todo_zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`rectifications` are pairs of kind and status, `open_kind` the kind of the application that
    is not over.
    """

    registration_status: str
    compliance_status: str
    rectifications: Collection[tuple[str, str]]
    open_kind: str | None
    is_change_proposed: bool


REGISTRATION_NOT_APPROVED: Final = Obstacle(
    "registration-not-approved",
    "机构注册尚未审核通过",
    "机构注册尚未审核通过：请提交注册信息，待主管部门审核通过后再申请。",
)
INSTITUTION_DEREGISTERED: Final = Obstacle(
    "institution-deregistered", "机构已注销", "机构已注销，不能再提交申请。"
)
APPLICATION_OPEN: Final = Obstacle(
    "application-open",
    "已有正在办理的申请",
    "已有正在办理的申请：请等待其办结，或撤回后重新申请。",
)
WITHDRAWABLE: Final = Obstacle(
    "application-open",
    "请先撤回正在办理的合规申请",
    "机构正在办理合规申请，注销将终止该申请：请在提交注销申请时确认一并撤回，或先自行撤回。",
)
RECTIFICATION_OPEN: Final = Obstacle(
    "rectification-open",
    "存在未完成的整改任务",
    "存在未完成的整改任务：请完成整改并提交核验材料，或由主管部门办结、免于整改后再申请。",
)
DEREGISTRATION_OPEN: Final = Obstacle(
    "deregistration-open",
    "机构正在注销",
    "注销申请正在办理：请等待其办结，或撤回后重新申请。",
)
NO_APPROVAL_TO_CHANGE: Final = Obstacle(
    "no-approval-to-change",
    "目前没有生效的合规审核结论",
    "机构目前没有生效的合规审核结论，不能提交变更申请：请直接修改机构信息，再按其他类型提交申请。",
)
NO_PROPOSED_CHANGE: Final = Obstacle(
    "no-proposed-change",
    "没有拟变更事项",
    "没有拟变更事项：请先保存拟变更的内容（办学点迁址在课程管理中填写），再提交变更申请。"
    "刚刚保存的，请稍后再试。",
)
CHANGE_PROPOSED: Final = Obstacle(
    "change-proposed",
    "有尚未申请的拟变更事项",
    "有尚未申请的拟变更事项，其他类型的申请不包含这些内容："
    "请提交变更申请，或先放弃拟变更事项（含办学点迁址）后再提交本申请。",
)


def obstacles_to_applying(who: Standing) -> tuple[Obstacle, ...]:
    """Why the button 合规申请 is disabled (§3.2), the weightiest first; empty when it is not."""
    hindering = {
        INSTITUTION_DEREGISTERED: who.compliance_status == "deregistered",
        REGISTRATION_NOT_APPROVED: who.registration_status != "approved",
        APPLICATION_OPEN: who.open_kind is not None,
        RECTIFICATION_OPEN: any(status not in ANSWERED for _, status in who.rectifications),
    }
    return tuple(obstacle for obstacle, hinders in hindering.items() if hinders)


def obstacle_to_kind(kind: str, who: Standing) -> Obstacle | None:
    """A change application is judged with what is proposed, all others by the record (§3.2)."""
    if kind != CHANGE:
        return CHANGE_PROPOSED if who.is_change_proposed else None
    if who.compliance_status not in APPROVED:
        return NO_APPROVAL_TO_CHANGE
    return None if who.is_change_proposed else NO_PROPOSED_CHANGE


def obstacles_to_closing(who: Standing) -> tuple[Obstacle, ...]:
    """Why the button 注销申请 is disabled, the weightiest first; empty when it is not."""
    is_closing = who.open_kind == DEREGISTRATION or who.compliance_status == "deregistering"
    hindering = {
        INSTITUTION_DEREGISTERED: who.compliance_status == "deregistered",
        REGISTRATION_NOT_APPROVED: who.registration_status != "approved",
        DEREGISTRATION_OPEN: is_closing,
        WITHDRAWABLE: not is_closing and who.open_kind is not None,
    }
    return tuple(obstacle for obstacle, hinders in hindering.items() if hinders)


@dataclass(frozen=True, slots=True)
class ReviewStatus:
    """The label of the home page, as the institution and as its authority reads it."""

    code: str
    label_zh: str
    authority_label_zh: str


_REGISTRATION: Final[Mapping[str, tuple[str, str]]] = {
    "draft": ("待完善", "机构待完善"),
    "submitted": ("待审核", "待受理"),
    "reviewing": ("审核中", "审核中"),
    "returned": ("退回修改", "已退回，等机构修改"),
    "rejected": ("审核不通过", "已决定不予通过"),
}
_COMPLIANCE: Final[Mapping[str, tuple[str, str]]] = {
    "not_applied": ("未申请合规", "未申请合规"),
    "under_review": ("合规审核中", "合规审核中"),
    "compliant": ("合规", "合规"),
    "returned": ("退回整改", "已退回整改"),
    "non_compliant": ("审核不通过", "已决定不予通过"),
    "expired": ("合规失效", "合规失效"),
    "suspended": ("暂停培训", "已责令暂停培训"),
    "change_pending": ("变更审核中", "变更审核中"),
    "deregistering": ("注销审核中", "注销审核中"),
    "deregistered": ("已注销", "已注销"),
}


def review_status(who: Standing) -> ReviewStatus:
    """The first that matches, in the order of §3.2."""
    status = who.compliance_status
    if status in ("deregistered", "deregistering"):
        return ReviewStatus(status, *_COMPLIANCE[status])
    if who.registration_status != "approved":
        told = _REGISTRATION[who.registration_status]
        return ReviewStatus(f"registration_{who.registration_status}", *told)
    unanswered = {kind for kind, state in who.rectifications if state not in ANSWERED}
    for kind, kind_zh in KINDS_ZH.items():
        if kind in unanswered:
            return ReviewStatus(
                f"rectification_{kind}", f"待整改（{kind_zh}）", f"待机构整改（{kind_zh}）"
            )
    return ReviewStatus(status, *_COMPLIANCE[status])
