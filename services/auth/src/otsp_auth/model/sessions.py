"""Sessions in use, and what stands between a password and one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base
from otsp_chassis.pii import Sealed


class LoginSession(Base):
    """A session in use; ended ones are deleted. Of the token only its SHA-256 is here.

    Device (what the browser said of itself) and address are personal data: encrypted.
    """

    __tablename__ = "login_session"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.account_id"), index=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    device: Mapped[Sealed | None]
    address: Mapped[Sealed | None]
    started_at: Mapped[datetime]
    last_activity_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SecondStep(Base):
    """A login whose password was right and whose second factor is asked for.

    Its token is good for nothing but that; it is hashed like a session's, and deleted when used.
    """

    __tablename__ = "second_step"

    second_step_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.account_id"), index=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)

    def is_over(self, now: datetime, *, tries: int) -> bool:
        return now >= self.expires_at or self.tries >= tries


class LoginFailure(Base):
    """That a password for a login name was wrong, whether anybody has the name or not."""

    __tablename__ = "login_failure"
    __table_args__ = (Index("ix_login_failure_name_index_at", "name_index", "at"),)

    failure_id: Mapped[UUID] = mapped_column(primary_key=True)
    name_index: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(index=True)
