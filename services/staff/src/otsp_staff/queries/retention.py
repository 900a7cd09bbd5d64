"""What has been kept for as long as it may be."""

from datetime import date, datetime, time

from sqlalchemy import ColumnElement, func, or_, select

from otsp_chassis.clock import SHANGHAI
from otsp_chassis.db import Reader
from otsp_staff.model import CorrectionRequest, Staff


def people_before(day: date) -> ColumnElement[bool]:
    """Who left, or whose entry was deleted, before that day, and is still known by name."""
    return Staff.anonymised_on.is_(None) & or_(
        (Staff.status == "departed") & (Staff.departed_on < day), Staff.deleted_at < _begin(day)
    )


def requests_before(day: date) -> ColumnElement[bool]:
    return CorrectionRequest.answered_at < _begin(day)


def count_people(tx: Reader, day: date) -> int:
    return tx.execute(select(func.count()).where(people_before(day))).scalar_one()


def count_requests(tx: Reader, day: date) -> int:
    return tx.execute(select(func.count()).where(requests_before(day))).scalar_one()


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=SHANGHAI)
