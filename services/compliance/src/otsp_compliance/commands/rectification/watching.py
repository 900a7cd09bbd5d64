"""What days bring about: reminders, and that a task is overdue."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from sqlalchemy import ColumnElement, select

from otsp_chassis.db import Tx, transaction
from otsp_chassis.outbox import publish
from otsp_compliance.commands.rectification.moves import SYSTEM, move
from otsp_compliance.model import Rectification
from otsp_compliance.rules.rectification import REMIND_AT, Action, Status, reminder_at
from otsp_contracts.compliance.rectification import RectificationDue

_WAITING = (Status.OPEN, Status.IN_PROGRESS, Status.RETURNED)
_AT_ONCE = 200


def mark_overdue(today: date) -> None:
    """Tasks whose day has passed; they stay answerable."""
    while _on_each(Rectification.due_on < today, _become_overdue):
        pass


def remind_of_due_days(today: date) -> None:
    """Once for each of REMIND_AT; a night that was missed is made up for."""
    near = Rectification.due_on.between(today, today + timedelta(days=REMIND_AT[0]))
    is_last_day = (Rectification.due_on == today) & (Rectification.reminded_at != REMIND_AT[-1])
    unsaid = Rectification.reminded_at.is_(None) | is_last_day
    while _on_each(near & unsaid, partial(_remind, today=today)):
        pass


def _on_each(wanted: ColumnElement[bool], act: Callable[[Tx, Rectification], None]) -> bool:
    """So many in one transaction; whether there may be more. What somebody works on right now has
    its turn at the next run.
    """
    query = select(Rectification).where(Rectification.status.in_(_WAITING), wanted)
    query = query.order_by(Rectification.rectification_id).limit(_AT_ONCE)
    with transaction() as tx:
        tasks = tx.scalars(query.with_for_update(skip_locked=True)).all()
        for task in tasks:
            act(tx, task)
    return len(tasks) == _AT_ONCE


def _become_overdue(tx: Tx, task: Rectification) -> None:
    move(tx, task, Action.MARK_OVERDUE, by=SYSTEM)


def _remind(tx: Tx, task: Rectification, *, today: date) -> None:
    days_left = (task.due_on - today).days
    task.reminded_at = reminder_at(days_left)
    publish(
        tx,
        RectificationDue(
            rectification_id=task.rectification_id,
            institution_id=task.institution_id,
            kind=task.kind,
            due_on=task.due_on,
            days_left=days_left,
        ),
    )
