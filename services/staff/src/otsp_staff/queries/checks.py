"""Whose checks are due: `rules.checks` says it of one person, this finds them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, and_, func, or_, select

from otsp_chassis.db import Reader
from otsp_staff.model import ReminderRound, Staff
from otsp_staff.rules.checks import AHEAD, YEAR

_STAFF = cast("Table", Staff.__table__)
_DATED = (
    "hired_on",
    "precheck_on",
    "annual_check_on",
    "contract_to",
    "work_permit_to",
    "residence_permit_to",
)
_EMPLOYED = and_(_STAFF.c.status == "employed", _STAFF.c.deleted_at.is_(None))

DUE: Final[Mapping[str, Callable[[date], ColumnElement[bool]]]] = {
    "precheck": lambda _: _STAFF.c.precheck_on.is_(None),
    "annual_check": lambda today: (
        func.greatest(_STAFF.c.hired_on, _STAFF.c.annual_check_on) <= today + AHEAD - YEAR
    ),
    "contract": lambda today: _STAFF.c.contract_to <= today + AHEAD,
    "work_permit": lambda today: _STAFF.c.work_permit_to <= today + AHEAD,
    "residence_permit": lambda today: _STAFF.c.residence_permit_to <= today + AHEAD,
}


def due(kinds: Sequence[str], today: date) -> ColumnElement[bool]:
    """One of these is due of an employed person."""
    return and_(_EMPLOYED, or_(*(DUE[kind](today) for kind in kinds)))


def people_due(tx: Reader, today: date, *, after: UUID | None, limit: int) -> Sequence[Row[Any]]:
    """In order of ids, over all institutions."""
    columns = (_STAFF.c[name] for name in ("staff_id", "institution_id", "version", *_DATED))
    query = select(*columns).where(due(list(DUE), today))
    if after is not None:
        query = query.where(_STAFF.c.staff_id > after)
    return tx.execute(query.order_by(_STAFF.c.staff_id).limit(limit)).all()


def is_round_done(tx: Reader, today: date) -> bool:
    return (
        tx.execute(select(ReminderRound.day).where(ReminderRound.day == today)).first() is not None
    )
