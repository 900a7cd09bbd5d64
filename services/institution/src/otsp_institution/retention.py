"""How long the service keeps the people behind an institution that is no more (§5.4)."""

from datetime import date

from otsp_chassis.db import Reader, Tx
from otsp_chassis.retention import keeps, since
from otsp_institution.commands import anonymising
from otsp_institution.queries.retention import count_institutions

_YEARS = 3


def _due(tx: Reader, today: date) -> int:
    return count_institutions(tx, since(today, _YEARS))


@keeps(
    years=_YEARS,
    after="the institution was deregistered",
    basis="domain specification §5.4; PIPL articles 19 and 47",
    due=_due,
)
def deregistered_institutions(tx: Tx, today: date, limit: int) -> int:
    return anonymising.let_go_of_people(tx, since(today, _YEARS), today=today, limit=limit)
