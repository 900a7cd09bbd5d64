"""What the statistics are made of beside compliance's own tables: counters that owners told."""

from uuid import UUID

from sqlalchemy import BigInteger
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
