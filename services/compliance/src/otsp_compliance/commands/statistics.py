"""Keeps what the statistics are made of."""

from otsp_chassis.copies import keep_newer
from otsp_chassis.db import Tx
from otsp_compliance.model import (
    Base,
    CoursesCountersRef,
    InstitutionCountersRef,
    MaterialsCountersRef,
    StaffCountersRef,
)
from otsp_contracts.counters import CountersChanged
from otsp_contracts.courses import CoursesCountersChanged
from otsp_contracts.institution import InstitutionCountersChanged
from otsp_contracts.materials import MaterialsCountersChanged
from otsp_contracts.staff import StaffCountersChanged

_KEPT: dict[type[CountersChanged], type[Base]] = {
    InstitutionCountersChanged: InstitutionCountersRef,
    StaffCountersChanged: StaffCountersRef,
    MaterialsCountersChanged: MaterialsCountersRef,
    CoursesCountersChanged: CoursesCountersRef,
}


def keep_counters(tx: Tx, told: CountersChanged) -> None:
    keep_newer(tx, _KEPT[type(told)], key="institution_id", values=told.model_dump())
