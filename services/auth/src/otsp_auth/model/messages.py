"""Texts and mails that were written down instead of being sent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base
from otsp_chassis.pii import Sealed


class DevelopmentMessage(Base):
    """What was written here instead of being sent. Never in production."""

    __tablename__ = "development_message"
    __table_args__ = (
        Index("ix_development_message_address_index_sent_at", "address_index", "sent_at"),
    )

    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    address_index: Mapped[bytes]
    text: Mapped[Sealed]
    sent_at: Mapped[datetime]
