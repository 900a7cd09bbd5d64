"""What is counted of an institution's materials for the statistics."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from otsp_chassis.counters import Counting
from otsp_chassis.db import Reader
from otsp_contracts.counters import MaterialsCounters
from otsp_contracts.materials import MaterialsCountersChanged
from otsp_materials.model import CountersTold, Material
from otsp_materials.rules.states import STATUS_LABELS_ZH, last_purgeable


def count_materials(
    tx: Reader, institution_ids: Sequence[UUID], today: date
) -> Mapping[UUID, MaterialsCounters]:
    columns = [func.count().filter(*tests).label(name) for name, tests in _tests(today).items()]
    query = (
        select(Material.institution_id, *columns)
        .where(Material.institution_id.in_(institution_ids), Material.deleted_at.is_(None))
        .group_by(Material.institution_id)
    )
    return {
        row["institution_id"]: MaterialsCounters.model_validate(row)
        for row in tx.execute(query).mappings()
    }


def _tests(today: date) -> dict[str, list[ColumnElement[bool]]]:
    """Of which versions each counter is."""
    result = Material.external_result
    return {
        **{status: [Material.status == status] for status in STATUS_LABELS_ZH},
        "external_backlog": [result == "pending", Material.external_requested_on.is_not(None)],
        "external_pass": [result == "pass"],
        "external_fail": [result == "fail"],
        "retention_due": [
            Material.status == "archived",
            Material.retain_until <= last_purgeable(today),
        ],
    }


COUNTING = Counting(
    event=MaterialsCountersChanged,
    nothing=MaterialsCounters(),
    told=CountersTold,
    watched=(Material,),
    count=count_materials,
)
