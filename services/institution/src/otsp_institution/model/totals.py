"""Copies of what others count of an institution: its people, and those whom it teaches."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from otsp_institution.model.schema import Base


class StaffCountersRef(Base):
    """How many people are employed, as staff counted last; without a row, none were entered."""

    __tablename__ = "staff_counters_ref"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    employed: Mapped[int]


class CoursesCountersRef(Base):
    """How many learn in open classes, as courses counted last; without a row, nobody."""

    __tablename__ = "courses_counters_ref"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    enrolled: Mapped[int] = mapped_column(BigInteger)
