"""Texts that a worker sends, so that nobody tells from an answer whether one went out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base
from otsp_chassis.pii import Sealed


class WaitingText(Base):
    """Encrypted both; without a mobile it is dropped instead of being sent."""

    __tablename__ = "waiting_text"

    waiting_text_id: Mapped[UUID] = mapped_column(primary_key=True)
    mobile: Mapped[Sealed | None]
    text: Mapped[Sealed]
    wanted_at: Mapped[datetime]
