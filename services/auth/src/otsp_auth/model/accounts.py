"""Accounts and their states."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base
from otsp_chassis.db import Stamped

WORKING = frozenset({"pending_profile", "active"})
"""Statuses in which an account may log in; locking is a moment, not a status."""


class Account(Stamped, Base):
    """One login in one role.

    An institution's account has no username: its mobile is its login name. The mobile is kept
    encrypted, with a blind index to find it by.
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
            "username IS NOT NULL OR mobile_index IS NOT NULL", name="has_a_login_name"
        ),
        Index(
            "uq_account_mobile_index",
            "mobile_index",
            unique=True,
            postgresql_where=text("status <> 'cancelled'"),
        ),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str]
    status: Mapped[str]
    username: Mapped[str | None] = mapped_column(unique=True)
    mobile: Mapped[bytes | None]
    mobile_index: Mapped[bytes | None]
    mobile_verified_at: Mapped[datetime | None]
    password_hash: Mapped[str]
    password_changed_at: Mapped[datetime]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    person_name: Mapped[str | None]
    institution_id: Mapped[UUID | None] = mapped_column(index=True)
    authority_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("authority.authority_id"), index=True
    )
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]

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

    def complete_profile(self) -> bool:
        """The institution's first file was submitted; False when that was known."""
        if self.status != "pending_profile":
            return False
        self.status = "active"
        return True
