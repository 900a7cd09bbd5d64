"""What proves that an address is somebody's, and what is counted of tries."""

import hmac
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base
from otsp_chassis.pii import Sealed
from otsp_chassis.problems import RuleBroken


class WrongCode(RuleBroken):
    slug: ClassVar[str] = "wrong-code"
    title: ClassVar[str] = "The code is wrong or no longer good"
    detail_zh: ClassVar[str] = "验证码不正确或已失效，请核对后重新输入，或重新获取验证码。"


class Verification(Base):
    """An address (mobile or mail) to be proven by the code sent to it.

    The digest is keyed, since a million codes are soon tried; it is random when the text carried
    no code, so that no code fits. A companion is another address that is proven together with it.
    """

    __tablename__ = "verification"
    __table_args__ = (Index("ix_verification_address_index_sent_at", "address_index", "sent_at"),)

    verification_id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    channel: Mapped[str]
    address: Mapped[Sealed]
    address_index: Mapped[bytes]
    account_id: Mapped[UUID | None]
    companion_id: Mapped[UUID | None]
    code_digest: Mapped[bytes]
    sent_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]

    def admits(self, digest: bytes, now: datetime, *, tries: int) -> bool:
        """Whether this code may be used now; a wrong one is counted."""
        if self.used_at is not None or now >= self.expires_at or self.tries >= tries:
            return False
        if hmac.compare_digest(self.code_digest, digest):
            return True
        self.tries += 1
        return False

    def use(self, now: datetime) -> None:
        """Once only."""
        if self.used_at is not None:
            raise WrongCode
        self.used_at = now


class AddressAttempt(Base):
    """That a network address tried something; the address itself is only an index here."""

    __tablename__ = "address_attempt"
    __table_args__ = (
        Index("ix_address_attempt_kind_address_index_at", "kind", "address_index", "at"),
    )

    attempt_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    address_index: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(index=True)
