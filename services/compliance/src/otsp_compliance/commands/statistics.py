"""Keeps what the statistics are made of, and the months that are over as they were."""

from datetime import date

from sqlalchemy import func, insert, literal, select, text

from otsp_chassis import audit
from otsp_chassis.copies import keep_newer
from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.workcalendar import load_calendar
from otsp_compliance.model import (
    Base,
    CoursesCountersRef,
    FrozenFigure,
    InstitutionCountersRef,
    MaterialsCountersRef,
    StaffCountersRef,
    StatisticMonth,
)
from otsp_compliance.queries.statistics.cells import HEAD, lines_to_freeze
from otsp_compliance.rules.statistics.catalogue import FIGURES
from otsp_compliance.rules.statistics.span import (
    last_of,
    month_before,
    month_of,
    months_between,
    span_of,
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


_UNHURRIED = text("SET LOCAL statement_timeout = '10min'")
"""A nation's lines of one figure take longer to write than a request may."""


def keep_counters(tx: Tx, told: CountersChanged) -> None:
    keep_newer(tx, _KEPT[type(told)], key="institution_id", values=told.model_dump())


def freeze_months(today: date) -> None:
    """Every month that is over and not frozen, the oldest first, each in one transaction.

    What happened in a month that was missed is known by its days; the states in it are those of
    today, which is told by its `frozen_on`. A frozen month is never counted again.
    """
    with reading() as tx:
        newest = tx.execute(select(func.max(StatisticMonth.month))).scalar()
    over = month_before(month_of(today))
    first = over if newest is None else month_of(_next_day(newest))
    for month in months_between(first, over):
        with transaction() as tx:
            _freeze(tx, month, today)


def _next_day(month: str) -> date:
    return date.fromordinal(last_of(month).toordinal() + 1)


def _freeze(tx: Tx, month: str, today: date) -> None:
    tx.execute(_UNHURRIED)
    tx.add(StatisticMonth(month=month, frozen_on=today))
    tx.flush()
    span = span_of(last_of(month), load_calendar(tx))
    for figure in FIGURES.values():
        lines = lines_to_freeze(figure, span).subquery()
        told = select(literal(month), literal(figure.name), *lines.c)
        columns = ("month", "figure", *HEAD, "sums")
        tx.execute(insert(FrozenFigure).from_select(columns, told))
    audit.record(tx, "statistics.frozen", object_type="statistic_month", object_id=month)
