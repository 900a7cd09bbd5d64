"""Accounts of the two legacy platforms (原平台账号): names that still log in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base
from otsp_chassis.pii import Sealed


class LegacyAccount(Base):
    """A login name of a legacy platform, an alias (别名) of `account_id`, and whose it was there.

    Once a merge has joined two accounts, several names stand for one. The password is the
    account's; see `Account.legacy_hash`. The name is often somebody's mobile, hence encrypted and
    found by blind index; name and number of an institution are public.
    """

    __tablename__ = "legacy_account"
    __table_args__ = (
        Index("ix_legacy_account_username_index", "username_index"),
        Index("ix_legacy_account_uscc", "uscc"),
        Index("ix_legacy_account_region_code", "region_code"),
    )

    source: Mapped[str] = mapped_column(primary_key=True)
    username_index: Mapped[bytes] = mapped_column(primary_key=True)
    username: Mapped[Sealed]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.account_id"), index=True)
    institution_name: Mapped[str]
    uscc: Mapped[str]
    licence_no: Mapped[str | None]
    region_code: Mapped[str]
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    mobile: Mapped[Sealed | None]
    imported_at: Mapped[datetime] = mapped_column(index=True)
