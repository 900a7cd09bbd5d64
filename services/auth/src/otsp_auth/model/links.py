"""Links by which somebody sets a password that nobody else ever knows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base


class PasswordLink(Base):
    """The one link of an account that is good: a newer takes its place, a used one is deleted.

    Of the token only its SHA-256 is here.
    """

    __tablename__ = "password_link"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.account_id"), primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
