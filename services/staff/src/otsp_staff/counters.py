"""What is counted of an institution's people for the statistics: numbers, never a person."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from otsp_chassis.counters import Counting
from otsp_chassis.db import Reader
from otsp_contracts.counters import StaffCounters
from otsp_contracts.staff import StaffCountersChanged
from otsp_staff.model import BlacklistEntry, CountersTold, Staff
from otsp_staff.rules.codes import STAFF_TYPES_ZH
from otsp_staff.rules.rows import INSTRUCTING

_CHECK_LASTS = timedelta(days=366)
"""As in STF-009, which looks at those who were hired more than a year ago."""
_YEAR = timedelta(days=365)
_LISTED = (
    select(BlacklistEntry.entry_id)
    .where(BlacklistEntry.id_index == Staff.id_index, BlacklistEntry.revoked_on.is_(None))
    .exists()
)


def count_people(
    tx: Reader, institution_ids: Sequence[UUID], today: date
) -> Mapping[UUID, StaffCounters]:
    counted = {name: func.count().filter(*tests) for name, tests in _tests(today).items()}
    columns = [column.label(name) for name, column in counted.items()]
    query = (
        select(Staff.institution_id, *columns)
        .where(
            Staff.institution_id.in_(institution_ids),
            Staff.status == "employed",
            Staff.deleted_at.is_(None),
        )
        .group_by(Staff.institution_id)
    )
    return {
        row["institution_id"]: StaffCounters.model_validate(row)
        for row in tx.execute(query).mappings()
    }


def _tests(today: date) -> dict[str, list[ColumnElement[bool]]]:
    """Of which of the employed each counter is."""
    full_time = Staff.employment == "full_time"
    certified: Any = [{"type": "teacher_cert"}]
    return {
        "employed": [],
        **{kind: [Staff.staff_type == kind] for kind in STAFF_TYPES_ZH},
        "untyped": [Staff.staff_type.is_(None)],
        "full_time": [full_time],
        "instructors_full_time": [full_time, Staff.staff_type.in_(INSTRUCTING)],
        "teachers_certified": [Staff.staff_type == "teaching", Staff.quals.contains(certified)],
        "foreign": [Staff.nationality != "CN"],
        "checks_overdue": [_is_overdue(today)],
        "blacklisted": [_LISTED],
    }


def _is_overdue(today: date) -> ColumnElement[bool]:
    """Never checked before hiring, or hired for more than a year and not checked in the last."""
    yearly = Staff.annual_check_on.is_(None) | (Staff.annual_check_on < today - _CHECK_LASTS)
    return or_(Staff.precheck_on.is_(None), (Staff.hired_on < today - _YEAR) & yearly)


COUNTING = Counting(
    event=StaffCountersChanged,
    nothing=StaffCounters(),
    told=CountersTold,
    watched=(Staff,),
    count=count_people,
)
