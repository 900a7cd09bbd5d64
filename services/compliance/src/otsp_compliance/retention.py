"""How long the service keeps what institutions sent to be judged (domain specification §5.4)."""

from datetime import date

from otsp_chassis.db import Reader, Tx
from otsp_chassis.retention import keeps, since
from otsp_compliance.commands import letting_go
from otsp_compliance.queries.retention import count_snapshots

_YEARS = 10


def _due(tx: Reader, today: date) -> int:
    return count_snapshots(tx, since(today, _YEARS))


@keeps(
    years=_YEARS,
    after="they were gathered, but for what an approval stands on or an application is open over",
    basis="domain specification §5.4",
    due=_due,
)
def snapshots(tx: Tx, today: date, limit: int) -> int:
    return letting_go.let_go_of_snapshots(tx, since(today, _YEARS), limit=limit)
