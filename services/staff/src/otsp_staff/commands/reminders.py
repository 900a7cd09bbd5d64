"""Reminders of checks: once for a person and a day on which something is due."""

from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Table
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.outbox import publish
from otsp_contracts.staff import CheckDueSoon
from otsp_staff.model import CheckReminder, ReminderRound
from otsp_staff.queries.checks import is_round_done, people_due
from otsp_staff.rules.checks import CheckDue, checks_due

_REMINDERS = cast("Table", CheckReminder.__table__)
_ROUNDS = cast("Table", ReminderRound.__table__)
_PAGE = 500


def remind_of_checks(today: date) -> None:
    """One round a business day; what a missed day would have told is told by the next one.

    A page is a transaction: whoever stops in between begins again and tells nobody twice.
    """
    with reading() as tx:
        if is_round_done(tx, today):
            return
    after: UUID | None = None
    while True:
        with transaction() as tx:
            people = people_due(tx, today, after=after, limit=_PAGE)
            for person in people:
                for check in checks_due(person, today):
                    _remind(tx, person, check)
        if len(people) < _PAGE:
            break
        after = people[-1].staff_id
    with transaction() as tx:
        tx.execute(insert(_ROUNDS).values(day=today).on_conflict_do_nothing())


def _remind(tx: Tx, person: Row[Any], check: CheckDue) -> None:
    """A check whose day nobody knows is shown in the list, and not reminded of."""
    if check.due_on is None:
        return
    row = insert(_REMINDERS).values(staff_id=person.staff_id, kind=check.kind, due_on=check.due_on)
    if tx.execute(row.on_conflict_do_nothing().returning(_REMINDERS.c.kind)).first() is None:
        return
    publish(
        tx,
        CheckDueSoon(
            staff_id=person.staff_id,
            institution_id=person.institution_id,
            kind=check.kind,
            due_on=check.due_on,
        ),
    )
