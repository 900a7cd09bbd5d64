"""How long the service keeps the contents of materials (domain specification §5.4)."""

from datetime import date

from otsp_chassis.db import Reader, Tx
from otsp_chassis.retention import keeps
from otsp_materials.commands import retention
from otsp_materials.queries.retention import count_purgeable
from otsp_materials.rules.states import KEPT_YEARS


def _due(tx: Reader, today: date) -> int:
    return count_purgeable(tx, today)


@keeps(
    years=KEPT_YEARS,
    after="the last day of its use",
    basis="domain specification §5.4; 教监管厅函〔2021〕6号",
    due=_due,
)
def archived_materials(tx: Tx, today: date, limit: int) -> int:
    return retention.purge_due_materials(tx, today, limit)
