"""What an account's owner has beside the password."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base
from otsp_chassis.pii import Sealed


class SecondFactor(Base):
    """An authenticator app (`totp`) or the account's mobile (`sms`); it counts once confirmed.

    `last_step` is the time step of the latest code that was used: none up to it is good again
    (RFC 6238 §5.2).
    """

    __tablename__ = "second_factor"

    factor_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.account_id"), index=True)
    kind: Mapped[str]
    secret: Mapped[Sealed | None]
    last_step: Mapped[int | None]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One of ten that stand in for a lost factor, as a keyed digest; deleted when used."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "code_digest"),)

    recovery_code_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.account_id"))
    code_digest: Mapped[bytes]
