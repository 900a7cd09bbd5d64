"""The authority's word on a task, by itself or by the decision on an application."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Conflict, Forbidden, Invalid
from otsp_compliance.commands.rectification.issuing import later_day, require_jurisdiction
from otsp_compliance.commands.rectification.moves import By, hold, move
from otsp_compliance.model import Decision, Rectification
from otsp_compliance.queries.rectifications import (
    RectificationView,
    profile_of,
    tell_rectification,
)
from otsp_compliance.queries.visibility import NATIONAL_ADMIN
from otsp_compliance.rules.rectification import (
    KINDS_ZH,
    OVER,
    Action,
    Status,
    condition_holds,
)
from otsp_contracts.values import FieldError


class ConditionHolds(Conflict):
    slug: ClassVar[str] = "rectification-condition-holds"
    title: ClassVar[str] = "What the task is about is still so"
    detail_zh: ClassVar[str] = (
        "机构现有信息仍符合该整改的情形，不能办结：请机构先更正信息，或说明理由后免于整改。"
    )


@dataclass(frozen=True, slots=True)
class Closure:
    """`status` is submitted (papers were taken in), closed, returned or waived; `note` says what
    was verified, what does not do, or why it is waived.
    """

    status: str
    note: str | None
    closed_on: date | None


_ACTIONS = {
    Status.SUBMITTED: Action.TAKE_IN,
    Status.CLOSED: Action.VERIFY,
    Status.RETURNED: Action.SEND_BACK,
    Status.WAIVED: Action.WAIVE,
}


def close_rectification(
    principal: Principal, rectification_id: UUID, closure: Closure
) -> RectificationView:
    """The authority's side: what was handed in on paper, verified, sent back, or waived."""
    if principal.role == NATIONAL_ADMIN:
        raise Forbidden
    closed_on = closure.closed_on or clock.today()
    if closed_on > clock.today():
        raise Invalid(errors=[FieldError("/closed_on", "in_future", "办结日期不能晚于今天。")])
    with transaction() as tx:
        task = hold(tx, rectification_id)
        institution = require_jurisdiction(tx, principal, task.institution_id)
        status = Status(closure.status)
        if status is Status.CLOSED and condition_holds(task.kind, profile_of(institution)):
            raise ConditionHolds(kind=task.kind, kind_zh=KINDS_ZH[task.kind])
        _conclude(
            tx,
            task,
            _ACTIONS[status],
            by=By.principal(principal),
            on=closed_on,
            note=closure.note,
        )
        return tell_rectification(tx, rectification_id)


def close_verified(tx: Tx, institution_id: UUID, decision: Decision) -> None:
    """The approval of an application verifies what was submitted: its snapshot proves it, whatever
    the copy of the profile still says. That of a deregistration leaves nothing to put right.
    """
    is_closing = decision.application_kind == "deregistration"
    said = "同意注销，不再要求整改" if is_closing else "随合规申请审核通过核验"
    for task in _unfinished(tx, institution_id):
        if is_closing or task.status == Status.SUBMITTED:
            _conclude(
                tx,
                task,
                Action.WAIVE if is_closing else Action.VERIFY,
                by=By.decision(decision),
                on=decision.decided_on,
                note=f"{said}（{decision.doc_no}）",
            )


def send_back(tx: Tx, institution_id: UUID, decision: Decision) -> None:
    """The return of an application sends back what was submitted; a deregistration's does not."""
    if decision.application_kind == "deregistration":
        return
    for task in _unfinished(tx, institution_id):
        if task.status == Status.SUBMITTED:
            _conclude(
                tx,
                task,
                Action.SEND_BACK,
                by=By.decision(decision),
                on=decision.decided_on,
                note=decision.reason,
            )


def _conclude(
    tx: Tx, task: Rectification, action: Action, *, by: By, on: date, note: str | None
) -> None:
    task.note = note
    if action in (Action.VERIFY, Action.WAIVE):
        task.verified_by = by.actor
        task.closed_on = on
    if action is Action.SEND_BACK:
        task.due_on = later_day(task.due_on, on)
        task.reminded_at = None
    move(tx, task, action, by=by)


def _unfinished(tx: Tx, institution_id: UUID) -> list[Rectification]:
    query = select(Rectification).where(
        Rectification.institution_id == institution_id, Rectification.status.not_in(OVER)
    )
    return list(tx.scalars(query.order_by(Rectification.rectification_id).with_for_update()))
