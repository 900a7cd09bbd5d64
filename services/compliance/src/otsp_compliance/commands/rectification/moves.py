"""What every move of a task brings along: its history, the trail, the news for others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm.attributes import flag_modified

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.problems import NotFound
from otsp_compliance.model import Decision, Rectification, RectificationMove, RectificationStep
from otsp_compliance.rules.rectification import Action, Status, Step
from otsp_contracts.compliance.rectification import (
    RectificationClosed,
    RectificationOpened,
    RectificationReturned,
)


@dataclass(frozen=True, slots=True)
class By:
    """Who acts; `actor` is null for the platform."""

    actor: UUID | None
    role: str

    @classmethod
    def principal(cls, principal: Principal) -> "By":
        return cls(principal.account_id, principal.role)

    @classmethod
    def decision(cls, decision: Decision) -> "By":
        return cls(decision.decided_by, "reviewer")


SYSTEM = By(None, "system")


def hold(tx: Tx, rectification_id: UUID) -> Rectification:
    task = tx.get(Rectification, rectification_id, with_for_update=True)
    if task is None:
        raise NotFound
    return task


def begin(tx: Tx, task: Rectification, steps: Iterable[Step], *, by: By) -> None:
    """A new task with its steps; others hear of it."""
    tx.add(task)
    tx.flush()  # steps and history refer to it; the event carries the first version
    for position, step in enumerate(steps, start=1):
        tx.add(
            RectificationStep(
                rectification_id=task.rectification_id,
                code=step.code,
                position=position,
                institution_id=task.institution_id,
                label_zh=step.label_zh,
            )
        )
    publish(tx, as_opened(task, actor=by.actor))
    action = Action.OPEN if by == SYSTEM else Action.ISSUE
    _note(tx, task, action, by=by, left=None)


def move(tx: Tx, task: Rectification, action: Action, *, by: By, step: str | None = None) -> None:
    """`task.note` is what is said of it. The version tells every move, of a step too."""
    left = task.perform(action)
    flag_modified(task, "status")
    tx.flush()  # the event carries the version that the change has given the row
    if task.status == Status.RETURNED:
        publish(tx, as_returned(task, actor=by.actor).model_copy(update={"from_state": left}))
    if task.closed_on is not None:
        told = as_closed(task, task.closed_on, actor=by.actor)
        publish(tx, told.model_copy(update={"from_state": left}))
    _note(tx, task, action, by=by, left=left, step=step)


def as_opened(task: Rectification, *, actor: UUID | None) -> RectificationOpened:
    return RectificationOpened(
        version=task.version,
        actor=actor,
        to_state=task.status,
        rectification_id=task.rectification_id,
        institution_id=task.institution_id,
        kind=task.kind,
        issued_on=task.issued_on,
        due_on=task.due_on,
    )


def as_returned(task: Rectification, *, actor: UUID | None) -> RectificationReturned:
    return RectificationReturned(
        version=task.version,
        actor=actor,
        to_state=task.status,
        rectification_id=task.rectification_id,
        institution_id=task.institution_id,
        kind=task.kind,
        due_on=task.due_on,
    )


def as_closed(task: Rectification, closed_on: date, *, actor: UUID | None) -> RectificationClosed:
    return RectificationClosed(
        version=task.version,
        actor=actor,
        to_state=task.status,
        rectification_id=task.rectification_id,
        institution_id=task.institution_id,
        kind=task.kind,
        issued_on=task.issued_on,
        closed_on=closed_on,
    )


def _note(
    tx: Tx,
    task: Rectification,
    action: Action,
    *,
    by: By,
    left: str | None,
    step: str | None = None,
) -> None:
    tx.add(
        RectificationMove(
            rectification_id=task.rectification_id,
            move_id=new_id(),
            at=clock.business_now(),
            actor=by.actor,
            role=by.role,
            action=action.value,
            from_status=left,
            to_status=task.status,
            step=step,
            note=None if by == SYSTEM else task.note,
        )
    )
    audit.record(
        tx,
        f"compliance.rectification_{_DONE[action]}",
        object_type="rectification",
        object_id=task.rectification_id,
        institution_id=task.institution_id,
        reason=task.note,
    )


_DONE = {
    Action.ISSUE: "opened",
    Action.OPEN: "opened",
    Action.RECORD_STEP: "step_recorded",
    Action.SUBMIT: "submitted",
    Action.TAKE_IN: "taken_in",
    Action.VERIFY: "closed",
    Action.SEND_BACK: "returned",
    Action.WAIVE: "waived",
    Action.MARK_OVERDUE: "overdue",
}
"""What the trail calls it."""
