"""Copies of compliance's cases, rectifications and register, and who reviewed an institution."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.public_pictures import KeptPictures
from otsp_chassis.reveals import KeptCase
from otsp_institution.model.schema import Base

EXAMINED_IN = frozenset({"registration", "compliance", "change", "deregistration"})
"""Kinds of cases in which an authority looks at who is behind an institution."""


class CaseRef(KeptCase, Base):
    """Which case of an institution lies with which authority; says who sees data in clear."""


class RectificationRef(Base):
    """What the institution was told to put right; over ones stay, or what comes late opens them."""

    __tablename__ = "rectification_ref"

    rectification_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    issued_on: Mapped[date | None]
    is_over: Mapped[bool]


class ReviewSeat(Base):
    """A department and level that reviewed the institution when it was approved last."""

    __tablename__ = "review_seat"

    institution_id: Mapped[UUID] = mapped_column(
        ForeignKey("institution.institution_id"), primary_key=True
    )
    department: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]


class PublicPictureRef(KeptPictures, Base):
    """Whose logo the public register shows, and which one."""
