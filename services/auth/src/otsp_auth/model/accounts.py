"""Accounts and their states."""

from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base
from otsp_chassis.db import Stamped
from otsp_chassis.pii import Sealed
from otsp_chassis.problems import Conflict

WORKING = frozenset({"pending_profile", "migrated_inactive", "active"})
"""Statuses in which an account may log in; locking is a moment, not a status."""


class StatusForbids(Conflict):
    slug: ClassVar[str] = "account-status-forbids"
    title: ClassVar[str] = "The account's status does not allow it"
    detail_zh: ClassVar[str] = "账户当前状态不允许此操作，请刷新后查看账户状态。"


class Account(Stamped, Base):
    """One login in one role.

    An institution's account has no username: its mobile is its login name. The mobile is kept
    encrypted, with a blind index to find it by. A migrated account has the names in
    `legacy_account` too, and until its first login an encrypted `legacy_hash` (decision D37)
    beside a `password_hash` that nothing matches. Of an institution that closes it `is_read_only`;
    after `read_only_until`, a business day, it is cancelled.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(
            "(role = 'inst_admin') = (institution_id IS NOT NULL)"
            " AND (role NOT IN ('reviewer', 'region_admin') OR authority_id IS NOT NULL)"
            " AND (role IN ('reviewer', 'region_admin', 'auditor') OR authority_id IS NULL)",
            name="belongs_as_its_role_says",
        ),
        CheckConstraint(
            "username IS NOT NULL OR mobile_index IS NOT NULL OR legacy_source IS NOT NULL",
            name="has_a_login_name",
        ),
        Index(
            "ix_account_legacy_hash",
            "account_id",
            postgresql_where=text("legacy_hash IS NOT NULL"),
        ),
        Index(
            "uq_account_mobile_index",
            "mobile_index",
            unique=True,
            postgresql_where=text("status <> 'cancelled'"),
        ),
        Index(
            "uq_account_email_index",
            "email_index",
            unique=True,
            postgresql_where=text("status <> 'cancelled' AND email_verified_at IS NOT NULL"),
        ),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str]
    status: Mapped[str]
    username: Mapped[str | None] = mapped_column(unique=True)
    mobile: Mapped[Sealed | None]
    mobile_index: Mapped[bytes | None]
    mobile_verified_at: Mapped[datetime | None]
    email: Mapped[Sealed | None]
    email_index: Mapped[bytes | None]
    email_verified_at: Mapped[datetime | None]
    password_hash: Mapped[str]
    password_changed_at: Mapped[datetime]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    must_complete_information: Mapped[bool] = mapped_column(default=False)
    legacy_source: Mapped[str | None]
    legacy_hash: Mapped[Sealed | None]
    person_name: Mapped[str | None]
    contact_tel: Mapped[str | None]
    postcode: Mapped[str | None]
    contact_address: Mapped[str | None]
    institution_id: Mapped[UUID | None] = mapped_column(index=True)
    authority_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("authority.authority_id"), index=True
    )
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    is_read_only: Mapped[bool] = mapped_column(default=False)
    read_only_until: Mapped[date | None]

    @property
    def may_work(self) -> bool:
        return self.status in WORKING

    def is_locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until

    def note_failure(self, now: datetime, *, allowed: int, lock: timedelta) -> bool:
        """Count a wrong password; True when it was the one that locks."""
        self.failed_count += 1
        if self.failed_count < allowed:
            return False
        self.failed_count, self.locked_until = 0, now + lock
        return True

    def note_success(self) -> None:
        self.failed_count, self.locked_until = 0, None

    def suspend(self) -> None:
        """Out of use until somebody resumes it; its sessions are the caller's to end."""
        self._move("active", "suspended")

    def resume(self) -> None:
        self._move("suspended", "active")

    def unlock(self, now: datetime) -> None:
        if not self.is_locked(now):
            raise StatusForbids
        self.note_success()

    def recover(self, mobile: Sealed, mobile_index: bytes, *, nothing_matches: str) -> None:
        """Another mobile, and no login until a password was set through a link texted to it.

        What was never activated stays so, and its status would let the old password in: a hash
        that nothing matches takes its place. A mail address is to be verified anew: whoever has
        the account by now may have entered it.
        """
        if self.status not in {"active", "migrated_inactive", "recovering"}:
            raise StatusForbids
        if self.status == "active":
            self.status = "recovering"
        elif self.status == "migrated_inactive":
            self.take_password(nothing_matches)
        self.must_change_password = True
        self.mobile, self.mobile_index, self.mobile_verified_at = mobile, mobile_index, None
        self.email_verified_at = None

    def prove_mobile(self, now: datetime) -> None:
        """A link that was texted to it has been used: a recovery ends by that."""
        self.mobile_verified_at = now
        if self.status == "recovering":
            self.status = "active"

    def _move(self, before: str, after: str) -> None:
        if self.status != before:
            raise StatusForbids
        self.status = after

    def take_password(self, password_hash: str) -> None:
        """The one hash that is its password from now on; a legacy platform's is gone."""
        self.password_hash, self.legacy_hash = password_hash, None

    def activate(self) -> bool:
        """A migrated account whose duties are done is in full use; False for any other."""
        owes = self.must_change_password or self.must_complete_information
        if self.status != "migrated_inactive" or owes:
            return False
        self.status = "active"
        return True

    def make_read_only(self) -> bool:
        """Its institution closes; False when that was known or the account is cancelled."""
        if self.is_read_only or self.status == "cancelled":
            return False
        self.is_read_only = True
        return True

    def cancel(self) -> None:
        """For good: no name leads here any more, and no password opens it."""
        self.status, self.legacy_hash = "cancelled", None

    def complete_profile(self) -> bool:
        """The institution's first file was submitted; False when that was known."""
        if self.status != "pending_profile":
            return False
        self.status = "active"
        return True
