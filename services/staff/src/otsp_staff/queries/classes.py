"""Reads: the classes that somebody leads, by the courses service's news."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import array

from otsp_chassis.db import Reader
from otsp_staff.model import ClassRef

_OVER = ("finished", "cancelled")
_MOST = 20


def open_classes_of(tx: Reader, institution_id: UUID, staff_id: UUID) -> list[UUID]:
    """Those that are not over; of very many the first."""
    led = select(ClassRef.class_id).where(
        ClassRef.lead_teacher_ids.op("@>")(array([staff_id])),
        ClassRef.institution_id == institution_id,
        ClassRef.status.not_in(_OVER),
        ~ClassRef.removed,
    )
    return [row.class_id for row in tx.execute(led.order_by(ClassRef.class_id).limit(_MOST))]
