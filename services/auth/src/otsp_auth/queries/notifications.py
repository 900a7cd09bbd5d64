"""Reads of the own inbox, of what went out, and of what the account has chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from otsp_auth.model import Delivery, Notification, NotificationPreference
from otsp_auth.model.notifications import QUEUED
from otsp_auth.rules.news import DEFAULTS, GROUPS_ZH, Channel
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_id, make_page


@dataclass(frozen=True, slots=True)
class NotificationView:
    """`about` names by ids what it is about."""

    notification_id: UUID
    kind: str
    group: str
    title: str
    text: str
    about: Mapping[str, str]
    happened_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class InboxSummary:
    unread: int


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """`state` is queued, sent, perhaps_sent or given_up."""

    delivery_id: UUID
    channel: str
    state: str
    attempts: int
    queued_at: datetime
    ended_at: datetime | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """Whether a group of news goes by text, and by mail; the inbox takes everything."""

    group: str
    label_zh: str
    sms: bool
    email: bool


@dataclass(frozen=True, slots=True)
class Preferences:
    """`version` is 0 while nothing was chosen and the defaults hold."""

    version: int
    groups: Sequence[GroupChoice]


def list_notifications(
    tx: Reader, principal: Principal, *, unread: bool, cursor: str | None, limit: int
) -> Page[NotificationView]:
    """Newest first."""
    query = select(*_COLUMNS).where(Notification.account_id == principal.account_id)
    if unread:
        query = query.where(Notification.read_at.is_(None))
    if cursor is not None:
        query = query.where(Notification.notification_id < decode_id(cursor))
    rows = tx.execute(query.order_by(Notification.notification_id.desc()).limit(limit + 1))
    items = [NotificationView(*row) for row in rows]
    return make_page(items, limit, key=lambda one: [one.notification_id])


def summarise(tx: Reader, principal: Principal) -> InboxSummary:
    query = select(func.count()).where(
        Notification.account_id == principal.account_id, Notification.read_at.is_(None)
    )
    return InboxSummary(tx.execute(query).scalar_one())


def list_deliveries(tx: Reader, principal: Principal, notification_id: UUID) -> Page[DeliveryView]:
    """Of one of the own notifications, they are few; of somebody else's none."""
    query = (
        select(
            Delivery.delivery_id,
            Delivery.channel,
            Delivery.state,
            Delivery.attempts,
            Delivery.queued_at,
            Delivery.ended_at,
            Delivery.failure,
        )
        .join(Notification, Notification.notification_id == Delivery.notification_id)
        .where(
            Delivery.notification_id == notification_id,
            Notification.account_id == principal.account_id,
        )
        .order_by(Delivery.delivery_id)
    )
    return Page([DeliveryView(*row) for row in tx.execute(query)], None)


def get_preferences(tx: Reader, principal: Principal) -> Preferences:
    query = select(
        NotificationPreference.version,
        NotificationPreference.sms_groups,
        NotificationPreference.email_groups,
    ).where(NotificationPreference.account_id == principal.account_id)
    row = tx.execute(query).first()
    version, sms, email = row or (0, *_defaults())
    return Preferences(
        version,
        [
            GroupChoice(group.value, label, group.value in sms, group.value in email)
            for group, label in GROUPS_ZH.items()
        ],
    )


def oldest_queued(tx: Reader) -> datetime | None:
    """Since when the longest waiting text or mail waits."""
    query = select(func.min(Delivery.queued_at)).where(Delivery.state == QUEUED)
    oldest: datetime | None = tx.execute(query).scalar()
    return oldest


def _defaults() -> tuple[list[str], list[str]]:
    sms, email = (
        [group.value for group, channels in DEFAULTS.items() if channel in channels]
        for channel in (Channel.SMS, Channel.EMAIL)
    )
    return sms, email


_COLUMNS = (
    Notification.notification_id,
    Notification.kind,
    Notification.news_group,
    Notification.title,
    Notification.text,
    Notification.about,
    Notification.happened_at,
    Notification.read_at,
)
