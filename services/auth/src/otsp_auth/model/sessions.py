"""Sessions in use."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base


class LoginSession(Base):
    """A session in use; ended ones are deleted. Of the token only its SHA-256 is here."""

    __tablename__ = "login_session"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.account_id"), index=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    started_at: Mapped[datetime]
    last_activity_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
