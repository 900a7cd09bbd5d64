"""What others told of their things; fed by events, never by requests."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.reveals import KeptCase
from otsp_chassis.workcalendar import KeptYear
from otsp_courses.model.schema import Base


class InstitutionProfile(Base):
    """The institution, as its owner last told."""

    __tablename__ = "institution_ref"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    region_code: Mapped[str]
    categories: Mapped[list[str]]
    nonsubject_types: Mapped[list[str]]
    delivery_modes: Mapped[list[str]]
    stages: Mapped[list[str]]
    registration_status: Mapped[str]
    compliance_status: Mapped[str]


class StaffRef(Base):
    """Whether somebody works at an institution, and as what."""

    __tablename__ = "staff_ref"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str]
    staff_type: Mapped[str | None]
    removed: Mapped[bool]


class MaterialRef(Base):
    """A version of a material, and whether it may be taught from."""

    __tablename__ = "material_ref"

    material_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str | None]
    status: Mapped[str]
    category: Mapped[str | None]
    stage: Mapped[str | None]
    removed: Mapped[bool]


class FeeItemRef(Base):
    """A charge, and whether it is published."""

    __tablename__ = "fee_item_ref"

    fee_item_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str | None]
    charge_mode: Mapped[str | None]
    publicized: Mapped[bool]
    removed: Mapped[bool]


class RectificationRef(Base):
    """What the institution was told to put right; over ones stay, or what comes late opens them."""

    __tablename__ = "rectification_ref"

    rectification_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    is_over: Mapped[bool]


class CalendarRef(KeptYear, Base):
    """Which days of a year are not what their weekday would make them."""


class CaseRef(KeptCase, Base):
    """Which case of an institution lies with which authority; says who sees persons in clear."""


EXAMINED_IN = frozenset({"compliance", "change", "deregistration"})
"""Kinds of cases in which an authority looks at where and what an institution teaches."""


class SectionCount(Base):
    """How many sections of an institution were sent: the version of the next is one more."""

    __tablename__ = "section_count"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
