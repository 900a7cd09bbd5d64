"""Passwords that an account had before."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base


class FormerPassword(Base):
    """The argon2id hash of a password that was replaced; as many an account as the policy asks."""

    __tablename__ = "former_password"

    former_password_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.account_id"), index=True)
    password_hash: Mapped[str]
    replaced_at: Mapped[datetime]
