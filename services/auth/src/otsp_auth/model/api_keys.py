"""Keys of an institution's own systems (系统接入)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base
from otsp_chassis.pii import Sealed


class ApiKey(Base):
    """A key with scopes of its own; one that has ended stays, so that the trail's actor has a name.

    Of the key itself only its SHA-256 is here. The address of its last use is encrypted.
    """

    __tablename__ = "api_key"

    api_key_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(index=True)
    name: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    key_sha256: Mapped[bytes] = mapped_column(unique=True)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("account.account_id"))
    created_at: Mapped[datetime]
    expires_on: Mapped[date]
    last_used_at: Mapped[datetime | None]
    last_address: Mapped[Sealed | None]
    revoked_at: Mapped[datetime | None]

    def revoke(self, now: datetime) -> bool:
        """False when it was revoked before."""
        if self.revoked_at is not None:
            return False
        self.revoked_at = now
        return True


class ApiKeyUse(Base):
    """That a key was used on a day (Asia/Shanghai) from an address, which is only an index here."""

    __tablename__ = "api_key_use"

    api_key_id: Mapped[UUID] = mapped_column(ForeignKey("api_key.api_key_id"), primary_key=True)
    used_on: Mapped[date] = mapped_column(primary_key=True, index=True)
    address_index: Mapped[bytes] = mapped_column(primary_key=True)
