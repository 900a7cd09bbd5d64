"""The declarative base, the counter of sections, what the statistics were told."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from otsp_chassis.counters import ToldCounters
from otsp_chassis.db import COLUMN_TYPES, service_metadata


class Base(DeclarativeBase):
    metadata = service_metadata()
    type_annotation_map = COLUMN_TYPES


class SectionVersion(Base):
    """Counts the sections sent for an institution; a reader ignores an older one."""

    __tablename__ = "section_version"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class CountersTold(ToldCounters, Base):
    """What the statistics were told last of each institution."""
