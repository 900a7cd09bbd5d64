"""Whose people have been kept for as long as they may be."""

from datetime import date

from sqlalchemy import ColumnElement, func, select

from otsp_chassis.db import Reader
from otsp_institution.model import Institution


def deregistered_before(day: date) -> ColumnElement[bool]:
    """And still known with the people behind it."""
    return (Institution.deregistered_on < day) & Institution.anonymised_on.is_(None)


def count_institutions(tx: Reader, day: date) -> int:
    return tx.execute(select(func.count()).where(deregistered_before(day))).scalar_one()
