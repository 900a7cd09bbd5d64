"""What accounts were told: the inbox, the messages that repeated it, and what each chose."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base
from otsp_chassis.db import Stamped

QUEUED, SENT, PERHAPS_SENT, GIVEN_UP = "queued", "sent", "perhaps_sent", "given_up"


class Notification(Base):
    """One message in the inbox of one account. `about` names by ids what it is about."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_account_id_notification_id", "account_id", "notification_id"),
        Index("ix_notification_unread", "account_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notification_read_at", "read_at"),
    )

    notification_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.account_id"))
    kind: Mapped[str]
    news_group: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    about: Mapped[dict[str, str]] = mapped_column(JSONB)
    happened_at: Mapped[datetime]
    told_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class ToldNews(Base):
    """What has been told, whether or not anybody was there to hear it."""

    __tablename__ = "told_news"
    __table_args__ = (Index("ix_told_news_told_at", "told_at"),)

    once: Mapped[str] = mapped_column(primary_key=True)
    told_at: Mapped[datetime]


class Delivery(Base):
    """A text or a mail that repeats a message; the address is looked up when it goes out.

    `failure` is a class of failure, never what a carrier wrote.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("channel IN ('sms', 'email')", name="channel_is_known"),
        Index("ix_delivery_notification_id", "notification_id"),
        Index("ix_delivery_waiting", "next_at", postgresql_where=text("state = 'queued'")),
    )

    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    notification_id: Mapped[UUID] = mapped_column(
        ForeignKey("notification.notification_id", ondelete="CASCADE")
    )
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(default=QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime]
    next_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    failure: Mapped[str | None]

    def attempt(self, at: datetime, *, patience: timedelta) -> None:
        """Taken by a worker; should that one die, another tries again after `patience`."""
        self.attempts += 1
        self.next_at = at + patience

    def end(self, state: str, at: datetime, failure: str | None = None) -> None:
        self.state = state
        self.ended_at = at
        self.failure = failure


class NotificationPreference(Stamped, Base):
    """The groups of news that go by text, and by mail; without a row the defaults hold."""

    __tablename__ = "notification_preference"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.account_id"), primary_key=True)
    sms_groups: Mapped[list[str]] = mapped_column(ARRAY(Text))
    email_groups: Mapped[list[str]] = mapped_column(ARRAY(Text))
