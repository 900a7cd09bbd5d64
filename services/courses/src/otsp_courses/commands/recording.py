"""What every change of a row leaves behind: the audit trail, the history, news for who keeps it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import audit, history
from otsp_chassis.copies import tell_change
from otsp_chassis.db import Tx
from otsp_chassis.history import Concealed, Subject
from otsp_contracts.courses import ClassChanged
from otsp_courses.model import Course, Site, StaffRef, System, TrainingClass
from otsp_courses.queries.persons import PERSONAL

Row = Site | System | Course | TrainingClass
_BOOKKEEPING = {"institution_id", "version", "created_at", "updated_at", "deleted_at"}
_BOOKKEEPING |= {"search_text", "search_terms"}


@contextmanager
def recorded(tx: Tx, row: Row, action: str, *, reason: str | None = None) -> Iterator[None]:
    """Whatever happens to the row inside is one change: entering, altering, removing it."""
    was_there = row in tx and row.deleted_at is None
    before = _values(row) if was_there else None
    known = _as_told(tx, row) if was_there else None
    yield
    row.be_found()
    tx.flush()
    after = None if row.deleted_at is not None else _values(row)
    history.record(
        tx,
        Subject(row.institution_id, row.__tablename__, _key(row)),
        version=row.version,
        before=_concealed(before),
        after=_concealed(after),
    )
    audit.record(
        tx,
        action,
        object_type=row.__tablename__,
        object_id=_key(row),
        institution_id=row.institution_id,
        before=before,
        after=after,
        reason=reason,
    )
    told = _as_told(tx, row)
    if told is not None:
        tell_change(tx, before=known, after=told)


def as_told(tx: Tx, a_class: TrainingClass) -> ClassChanged:
    """A teacher of whom nothing is known yet may well lead: the news of a new one may be late."""
    others = select(StaffRef.staff_id).where(
        StaffRef.staff_id.in_(a_class.teacher_ids),
        (StaffRef.institution_id != a_class.institution_id)
        | (StaffRef.status != "employed")
        | StaffRef.staff_type.is_distinct_from("teaching")
        | StaffRef.removed,
    )
    cannot = set(tx.scalars(others)) if a_class.teacher_ids else set()
    return ClassChanged(
        class_id=a_class.class_id,
        course_id=a_class.course_id,
        institution_id=a_class.institution_id,
        version=a_class.version,
        status=a_class.status,
        teacher_ids=tuple(a_class.teacher_ids),
        lead_teacher_ids=tuple(each for each in a_class.teacher_ids if each not in cannot),
        removed=a_class.deleted_at is not None,
    )


def _as_told(tx: Tx, row: Row) -> ClassChanged | None:
    return as_told(tx, row) if isinstance(row, TrainingClass) else None


def _key(row: Row) -> UUID:
    key: UUID = getattr(row, f"{row.__tablename__}_id")
    return key


def _values(row: Row) -> dict[str, Any]:
    """By the names of the answer: the columns but those that count and find."""
    return {
        column.name: getattr(row, column.name)
        for column in row.__table__.columns
        if column.name not in _BOOKKEEPING and not column.primary_key
    }


def _concealed(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {
        name: Concealed(value, PERSONAL[name](value)) if value and name in PERSONAL else value
        for name, value in values.items()
    }
