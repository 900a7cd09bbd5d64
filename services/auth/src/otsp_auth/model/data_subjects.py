"""Identities of persons of whom the platform holds data, and who have no account (decision D34)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base


class DataSubjectSession(Base):
    """A few minutes for the holder of a mobile. Of number and token only digests are here."""

    __tablename__ = "data_subject_session"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    mobile_index: Mapped[bytes]
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
