"""Matches of the blacklist: told once, with the day by which the institution must let go."""

from typing import cast

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis import clock, counters
from otsp_chassis.db import Tx
from otsp_chassis.outbox import publish
from otsp_chassis.workcalendar import kept_calendar
from otsp_contracts.staff import BlacklistMatched
from otsp_staff.model import BlacklistEntry, BlacklistMatch, CalendarRef, Staff

DAYS_TO_LET_GO = 3
"""Working days after the match (domain specification §3.6)."""

_MATCHES = cast("Table", BlacklistMatch.__table__)
_MATCHING = (
    select(Staff.staff_id, Staff.institution_id, BlacklistEntry.entry_id)
    .join(BlacklistEntry, BlacklistEntry.id_index == Staff.id_index)
    .where(
        Staff.status == "employed",
        Staff.deleted_at.is_(None),
        BlacklistEntry.revoked_on.is_(None),
        ~select(BlacklistMatch.staff_id)
        .where(
            BlacklistMatch.staff_id == Staff.staff_id,
            BlacklistMatch.entry_id == BlacklistEntry.entry_id,
        )
        .exists(),
    )
)


def note_matches(tx: Tx, *among: ColumnElement[bool]) -> None:
    """Those who are employed and on the list and were not told of; flush first.

    An entry and a person that are written at the same moment may not see each other: the job looks
    again without `among`.
    """
    today = clock.today()
    found = tx.execute(_MATCHING.where(*among)).all()
    if not found:
        return
    depart_by = kept_calendar(tx, CalendarRef).add_working_days(today, DAYS_TO_LET_GO)
    for staff_id, institution_id, entry_id in found:
        row = insert(_MATCHES).values(
            staff_id=staff_id, entry_id=entry_id, matched_on=today, depart_by=depart_by
        )
        if tx.execute(row.on_conflict_do_nothing().returning(_MATCHES.c.staff_id)).first():
            told = BlacklistMatched(
                staff_id=staff_id,
                institution_id=institution_id,
                entry_id=entry_id,
                matched_on=today,
                depart_by=depart_by,
            )
            publish(tx, told)
            counters.mark(tx, institution_id)
