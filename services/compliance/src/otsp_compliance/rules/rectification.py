"""The life of a rectification (整改) as a table; what opens the two that the law orders.

A transition not in the table is impossible. Guards are names: whoever performs the action answers
for them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from otsp_compliance.rules.states import Actor


class Status(StrEnum):
    """OVER ones are left by no action."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    CLOSED = "closed"
    RETURNED = "returned"
    OVERDUE = "overdue"
    WAIVED = "waived"


class Action(StrEnum):
    """What can happen to a task. TAKE_IN is what an authority does with papers brought to it."""

    ISSUE = "issue"
    OPEN = "open"
    RECORD_STEP = "record_step"
    SUBMIT = "submit"
    TAKE_IN = "take_in"
    VERIFY = "verify"
    SEND_BACK = "send_back"
    WAIVE = "waive"
    MARK_OVERDUE = "mark_overdue"


class Guard(StrEnum):
    """What must be true before the transition."""

    IN_JURISDICTION = "in_jurisdiction"
    CONDITION_HOLDS = "condition_holds"
    CONDITION_GONE = "condition_gone"
    EVERY_STEP_HAS_EVIDENCE = "every_step_has_evidence"
    REASON_GIVEN = "reason_given"
    DUE_DAY_PASSED = "due_day_passed"


@dataclass(frozen=True, slots=True)
class Transition:
    """Where an action leads, who may do it, and what must be true."""

    to: Status
    actors: frozenset[Actor]
    guards: tuple[Guard, ...] = ()


class ImpossibleTransition(Exception):
    """The action does not exist in that status."""


OVER: Final = frozenset({Status.CLOSED, Status.WAIVED})
ANSWERED: Final = frozenset({Status.SUBMITTED, *OVER})
"""With all tasks in one of these an institution may apply: what was submitted is verified inside
the application (manual 3, domain specification §3.3).
"""

_SYSTEM: Final = frozenset({Actor.SYSTEM})
_INSTITUTION: Final = frozenset({Actor.INSTITUTION})
_REVIEWERS: Final = frozenset({Actor.REVIEWER, Actor.REGION_ADMIN})
_ISSUERS: Final = _REVIEWERS | {Actor.NATIONAL_ADMIN}
_TO_DO: Final = (Status.OPEN, Status.IN_PROGRESS, Status.RETURNED, Status.OVERDUE)
_TAKEN_IN: Final = Transition(Status.SUBMITTED, _REVIEWERS, (Guard.IN_JURISDICTION,))
_VERIFIED: Final = Transition(
    Status.CLOSED, _REVIEWERS | _SYSTEM, (Guard.IN_JURISDICTION, Guard.CONDITION_GONE)
)
_WAIVED: Final = Transition(
    Status.WAIVED, _REVIEWERS | _SYSTEM, (Guard.IN_JURISDICTION, Guard.REASON_GIVEN)
)
_LATE: Final = Transition(Status.OVERDUE, _SYSTEM, (Guard.DUE_DAY_PASSED,))
_WORKED_ON: Final = Transition(Status.IN_PROGRESS, _INSTITUTION)
_HANDED_IN: Final = Transition(Status.SUBMITTED, _INSTITUTION, (Guard.EVERY_STEP_HAS_EVIDENCE,))

TRANSITIONS: Final[Mapping[tuple[Status | None, Action], Transition]] = {
    (None, Action.ISSUE): Transition(
        Status.OPEN, _ISSUERS, (Guard.IN_JURISDICTION, Guard.REASON_GIVEN)
    ),
    (None, Action.OPEN): Transition(Status.OPEN, _SYSTEM, (Guard.CONDITION_HOLDS,)),
    (Status.OPEN, Action.RECORD_STEP): _WORKED_ON,
    (Status.IN_PROGRESS, Action.RECORD_STEP): _WORKED_ON,
    (Status.RETURNED, Action.RECORD_STEP): _WORKED_ON,
    (Status.OVERDUE, Action.RECORD_STEP): Transition(Status.OVERDUE, _INSTITUTION),
    (Status.IN_PROGRESS, Action.SUBMIT): _HANDED_IN,
    (Status.OVERDUE, Action.SUBMIT): _HANDED_IN,
    (Status.OPEN, Action.MARK_OVERDUE): _LATE,
    (Status.IN_PROGRESS, Action.MARK_OVERDUE): _LATE,
    (Status.RETURNED, Action.MARK_OVERDUE): _LATE,
    **{(status, Action.TAKE_IN): _TAKEN_IN for status in _TO_DO},
    **{(status, Action.VERIFY): _VERIFIED for status in (*_TO_DO, Status.SUBMITTED)},
    (Status.SUBMITTED, Action.SEND_BACK): Transition(
        Status.RETURNED, _REVIEWERS | _SYSTEM, (Guard.IN_JURISDICTION, Guard.REASON_GIVEN)
    ),
    **{(status, Action.WAIVE): _WAIVED for status in (*_TO_DO, Status.SUBMITTED)},
}
"""Every transition. SYSTEM verifies, sends back and waives by the decision on an application, whose
snapshot proves what a copy of the institution's profile may not tell yet.
"""


def transition(status: Status | None, action: Action) -> Transition:
    """What the action does in that status; raises ImpossibleTransition."""
    try:
        return TRANSITIONS[status, action]
    except KeyError:
        raise ImpossibleTransition from None


FOR_PROFIT: Final = "for_profit_to_nonprofit"
FILING: Final = "filing_to_approval"
OTHER: Final = "other"
KINDS_ZH: Final[Mapping[str, str]] = {
    FOR_PROFIT: "营转非",
    FILING: "备案转审批",
    OTHER: "其他整改",
}
STATUS_ZH: Final[Mapping[Status, str]] = {
    Status.OPEN: "待整改",
    Status.IN_PROGRESS: "整改中",
    Status.SUBMITTED: "待核验",
    Status.CLOSED: "已完成",
    Status.RETURNED: "核验退回",
    Status.OVERDUE: "已逾期",
    Status.WAIVED: "免于整改",
}


@dataclass(frozen=True, slots=True)
class Step:
    """What has to be done, and shown to be done."""

    code: str
    label_zh: str


@dataclass(frozen=True, slots=True)
class LegalTask:
    """A rectification that the law orders: why, by which steps, until when."""

    kind: str
    steps: tuple[Step, ...]
    due_on: date
    reason_zh: str


LICENCE_REPLACED: Final = "licence_replaced"
BUSINESS_LICENCE_SETTLED: Final = "business_licence_settled"
SETTLED_WITHIN_WORKING_DAYS: Final = 7
"""S24: of the day on which the old licence was cancelled or changed."""

LEGAL_TASKS: Final[Mapping[str, LegalTask]] = {
    FOR_PROFIT: LegalTask(
        FOR_PROFIT,
        (
            Step(LICENCE_REPLACED, "换发办学许可证，交回原证"),
            Step("nonprofit_registered", "在民政部门办理民办非企业单位登记"),
            Step(
                BUSINESS_LICENCE_SETTLED,
                "原办学许可证注销或变更后7个工作日内，变更营业执照经营范围或注销营业执照",
            ),
            Step("charter_amended", "修订章程"),
        ),
        date(2021, 12, 31),
        "面向义务教育阶段学生的学科类校外培训机构须统一登记为非营利性机构"
        "（教育部办公厅等三部门关于将面向义务教育阶段学生的学科类校外培训机构统一登记为非营利性"
        "机构的通知）。完成前暂停招生及收费。也可以剥离义务教育阶段学科类培训（变更许可范围）"
        "或申请注销。",
    ),
    FILING: LegalTask(
        FILING,
        (
            Step("setup_met", "达到线上机构设置条件（场所、系统安全、数据与管理）"),
            Step(
                "licence_granted",
                "取得省级教育行政部门（或其授权部门）颁发、范围含线上的办学许可证",
            ),
            Step("legal_person_registered", "办理法人登记（义务教育阶段须登记为非营利性）"),
            Step("icp_updated", "更新ICP备案和增值电信业务经营许可证"),
        ),
        date(2021, 12, 31),
        "现有线上学科类培训机构由备案改为审批"
        "（教育部办公厅等六部门关于做好现有线上学科类培训机构由备案改为审批工作的通知）。"
        "完成前暂停招生及收费；未获批准的，注销原备案和ICP许可。",
    ),
}
"""In the order in which the home page names them (§3.2)."""

DAYS_GIVEN: Final = 30
REMIND_AT: Final = (7, 0)
"""Days before the due day."""

_COMPULSORY: Final = frozenset({"primary", "junior"})
_LEAVING: Final = frozenset({"deregistering", "closing", "deregistered"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known of an institution. `licence_delivery` is what its licence covers, empty without
    one, and None while nobody told.
    """

    registration_status: str
    compliance_status: str
    categories: Collection[str]
    delivery_modes: Collection[str]
    stages: Collection[str]
    legal_nature: str
    licence_delivery: Collection[str] | None


def condition_holds(kind: str, who: Profile) -> bool:
    """Whether the law asks this of a registered institution that goes on teaching (§3.3).

    A task of another kind has no condition: it is over when somebody says so.
    """
    is_subject = (
        who.registration_status == "approved"
        and who.compliance_status not in _LEAVING
        and "subject" in who.categories
    )
    if kind == FOR_PROFIT:
        is_compulsory = not _COMPULSORY.isdisjoint(who.stages)
        return is_subject and is_compulsory and who.legal_nature == "forprofit"
    if kind == FILING:
        is_uncovered = who.licence_delivery is not None and "online" not in who.licence_delivery
        return is_subject and "online" in who.delivery_modes and is_uncovered
    return False


def due_day(kind: str, issued_on: date) -> date:
    """The day of the law while it is to come. Whom it concerns only later has as long as others:
    a task that is overdue when it is read would tell nobody what is left to do.
    """
    given = issued_on + timedelta(days=DAYS_GIVEN)
    legal = LEGAL_TASKS.get(kind)
    return legal.due_on if legal and issued_on <= legal.due_on else given


def reminder_at(days_left: int) -> int:
    """Which reminder it is: the last one whose day has come."""
    return min(each for each in REMIND_AT if days_left <= each)


def without_evidence(steps: Sequence[tuple[str, date | None, Collection[object]]]) -> list[str]:
    """Codes of steps that are not done or not shown: code, day, files."""
    return [code for code, done_on, files in steps if done_on is None or not files]
