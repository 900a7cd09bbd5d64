"""Accounts, authorities, sessions, and what proves that a mobile is somebody's."""

import hmac
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from otsp_chassis.db import COLUMN_TYPES, Stamped, service_metadata
from otsp_chassis.problems import RuleBroken

WORKING = frozenset({"pending_profile", "active"})
"""Statuses in which an account may log in; locking is a moment, not a status."""


class WrongCode(RuleBroken):
    slug: ClassVar[str] = "wrong-code"
    title: ClassVar[str] = "The code is wrong or no longer good"
    detail_zh: ClassVar[str] = "验证码不正确或已失效，请核对后重新输入，或重新获取验证码。"


class Base(DeclarativeBase):
    metadata = service_metadata()
    type_annotation_map = COLUMN_TYPES


class Authority(Stamped, Base):
    """A supervising department (主管部门): one a department and region.

    Its superior is whoever has the same department in `parent_region_code`; no pointer is kept,
    so that the order in which authorities are entered does not matter.
    """

    __tablename__ = "authority"
    __table_args__ = (UniqueConstraint("department", "region_code"),)

    authority_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[str]
    department: Mapped[str]
    region_code: Mapped[str]
    parent_region_code: Mapped[str | None]
    is_active: Mapped[bool]


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


class LoginSession(Base):
    """A session in use; ended ones are deleted. Of the token only its SHA-256 is here."""

    __tablename__ = "login_session"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.account_id"), index=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    started_at: Mapped[datetime]
    last_activity_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Verification(Base):
    """A mobile number to be proven by the code texted to it.

    The digest is keyed, since a million codes are soon tried; it is random when the text carried
    no code, so that no code fits.
    """

    __tablename__ = "verification"
    __table_args__ = (Index("ix_verification_mobile_index_sent_at", "mobile_index", "sent_at"),)

    verification_id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    mobile: Mapped[bytes]
    mobile_index: Mapped[bytes]
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


class DevelopmentMessage(Base):
    """A text that was written here instead of being sent. Never in production."""

    __tablename__ = "development_message"
    __table_args__ = (
        Index("ix_development_message_mobile_index_sent_at", "mobile_index", "sent_at"),
    )

    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    mobile_index: Mapped[bytes]
    text: Mapped[bytes]
    sent_at: Mapped[datetime]
