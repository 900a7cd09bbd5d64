"""How long the service keeps people: three years after they left (domain specification §5.4)."""

from datetime import date

from otsp_chassis.db import Reader, Tx
from otsp_chassis.retention import keeps, since
from otsp_staff.commands import anonymising
from otsp_staff.queries import retention as queries

_YEARS = 3


def _due_people(tx: Reader, today: date) -> int:
    return queries.count_people(tx, since(today, _YEARS))


def _due_requests(tx: Reader, today: date) -> int:
    return queries.count_requests(tx, since(today, _YEARS))


@keeps(
    years=_YEARS,
    after="the person left, or the entry was deleted",
    basis="domain specification §5.4; PIPL articles 19 and 47",
    due=_due_people,
)
def departed_people(tx: Tx, today: date, limit: int) -> int:
    return anonymising.anonymise_people(tx, since(today, _YEARS), today=today, limit=limit)


@keeps(
    years=_YEARS,
    after="the request was answered",
    basis="domain specification §5.4; PIPL articles 19 and 47",
    due=_due_requests,
)
def answered_correction_requests(tx: Tx, today: date, limit: int) -> int:
    return anonymising.erase_requests(tx, since(today, _YEARS), limit=limit)
