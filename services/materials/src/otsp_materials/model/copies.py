"""Copies of others' things, kept from events."""

from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.reveals import KeptCase
from otsp_materials.model.schema import Base


class InstitutionRef(Base):
    """Where an institution is, as its owner last told; says which authorities read of it."""

    __tablename__ = "institution_ref"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    region_code: Mapped[str]
    registration_status: Mapped[str]


class CaseRef(KeptCase, Base):
    """Which case lies with which authority; says who sees persons by their names."""

    __table_args__ = (Index("ix_case_ref_institution_id", "institution_id"),)

    subject_id: Mapped[UUID]


EXAMINED_IN = frozenset({"compliance", "change", "deregistration"})
"""Kinds of cases in which an authority looks at all materials of an institution."""
