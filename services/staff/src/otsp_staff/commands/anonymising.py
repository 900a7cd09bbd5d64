"""Letting go of people when they have been kept for as long as they may be."""

from datetime import date
from typing import cast

from sqlalchemy import Table, delete, select, update

from otsp_chassis import audit, clock, history
from otsp_chassis.db import Tx
from otsp_chassis.outbox import publish
from otsp_staff.commands.writing import as_told
from otsp_staff.model import CorrectionRequest, EmploymentPeriod, Staff
from otsp_staff.queries.retention import people_before, requests_before

_REQUESTS = cast("Table", CorrectionRequest.__table__)
_PERIODS = cast("Table", EmploymentPeriod.__table__)
_FORGET_CONTRACTS = update(_PERIODS).values(contract_no=None, contract_file_id=None)


def anonymise_people(tx: Tx, before: date, *, today: date, limit: int) -> int:
    """Somebody worked there as this from then till then: that stays, with the blind index.

    By the index a standing blacklist entry still finds whoever comes back. The history keeps who
    changed what and when; requests of the person go.
    """
    due = select(Staff).where(people_before(before)).order_by(Staff.staff_id).limit(limit)
    people = list(tx.scalars(due.with_for_update(skip_locked=True)))
    for person in people:
        was_known = person.deleted_at is None
        person.anonymise(today, at=clock.now())
        tx.flush()
        if was_known:
            publish(tx, as_told(person, person.institution_id))
        tx.execute(delete(_REQUESTS).where(_REQUESTS.c.staff_id == person.staff_id))
        tx.execute(_FORGET_CONTRACTS.where(_PERIODS.c.staff_id == person.staff_id))
        history.conceal(tx, person.staff_id)
        _record(tx, "staff.anonymised", person)
    return len(people)


def erase_requests(tx: Tx, before: date, *, limit: int) -> int:
    """Requests whose answer the person has had for long."""
    due = select(CorrectionRequest).where(requests_before(before)).limit(limit)
    requests = list(tx.scalars(due.with_for_update(skip_locked=True)))
    for request in requests:
        tx.delete(request)
        _record(tx, "staff.correction_erased", request)
    return len(requests)


def _record(tx: Tx, action: str, about: Staff | CorrectionRequest) -> None:
    audit.record(
        tx,
        action,
        object_type="staff",
        object_id=about.staff_id,
        institution_id=about.institution_id,
    )
