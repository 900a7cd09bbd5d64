"""Copies of others' things, kept from events."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from otsp_materials.model.schema import Base


class InstitutionRef(Base):
    """Where an institution is, as its owner last told; says which auditors read of it."""

    __tablename__ = "institution_ref"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    region_code: Mapped[str]
