"""What the statistics are made of beside compliance's own tables, and the months that are over."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from otsp_compliance.model.schema import Base


class _CountersRef:
    """Of each institution what one owner told last; every counter adds up."""

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    counters: Mapped[dict[str, int]]


class InstitutionCountersRef(_CountersRef, Base):
    """Supervision of fees, licences."""

    __tablename__ = "institution_counters_ref"


class StaffCountersRef(_CountersRef, Base):
    """People."""

    __tablename__ = "staff_counters_ref"


class MaterialsCountersRef(_CountersRef, Base):
    """Materials and their reviews."""

    __tablename__ = "materials_counters_ref"


class CoursesCountersRef(_CountersRef, Base):
    """Courses, classes, sites, systems."""

    __tablename__ = "courses_counters_ref"


class StatisticMonth(Base):
    """A month that is over (2026-10). `frozen_on` later than its next day was caught up."""

    __tablename__ = "statistic_month"

    month: Mapped[str] = mapped_column(primary_key=True)
    frozen_on: Mapped[date]


class MonthPublication(Base):
    """The figures that one province, or the nation, had of a month are there for others to see.

    Who is outside a jurisdiction sees its figures of published months only. The application role
    may only insert and read.
    """

    __tablename__ = "month_publication"

    month: Mapped[str] = mapped_column(ForeignKey("statistic_month.month"), primary_key=True)
    region_code: Mapped[str] = mapped_column(primary_key=True)
    published_on: Mapped[date]
    published_by: Mapped[UUID]


class FrozenFigure(Base):
    """What one figure had of one institution at the end of a month, and what it was then.

    `item` is what the line is about beside, where there is something: a rule, an authority, which
    has no institution. The application role may only insert and read.
    """

    __tablename__ = "frozen_figure"
    __table_args__ = (
        Index("ix_frozen_figure_figure_month_region_code", "figure", "month", "region_code"),
        Index("ix_frozen_figure_institution_id", "institution_id", "figure", "month"),
    )

    line: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    month: Mapped[str] = mapped_column(ForeignKey("statistic_month.month"))
    figure: Mapped[str]
    institution_id: Mapped[UUID | None]
    region_code: Mapped[str]
    categories: Mapped[list[str]]
    delivery_modes: Mapped[list[str]]
    nonsubject_types: Mapped[list[str]]
    stages: Mapped[list[str]]
    legal_nature: Mapped[str | None]
    item: Mapped[str | None]
    days: Mapped[dict[str, int] | None] = mapped_column(JSONB(none_as_null=True))
    sums: Mapped[dict[str, int]]
