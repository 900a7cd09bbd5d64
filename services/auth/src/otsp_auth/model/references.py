"""What auth keeps of others, told by their events."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base


class InstitutionRef(Base):
    """An institution as its owner last told: whose account is it, and who is in charge of it?"""

    __tablename__ = "institution_ref"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    uscc: Mapped[str | None] = mapped_column(index=True)
    region_code: Mapped[str]
    registration_status: Mapped[str]
    compliance_status: Mapped[str]
