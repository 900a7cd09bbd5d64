"""Tells accounts of what has happened: into the inbox, and by text or mail as each has chosen.

Called by event handlers within their transaction: an event that comes twice tells once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Select, Table, select, update
from sqlalchemy.dialects.postgresql import insert

from otsp_auth.commands.locked import locked_account
from otsp_auth.model import (
    WORKING,
    Account,
    Delivery,
    Notification,
    NotificationPreference,
    ToldNews,
)
from otsp_auth.rules.news import NEWS, Channel, Choice, is_allowed, text_of
from otsp_auth.settings import current_settings
from otsp_chassis import clock
from otsp_chassis.db import Tx, require_version, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import NotFound

_AUTHORITY_ROLES = ("reviewer", "region_admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What happened: a kind of `rules.news`, the words of its text, and what it is about.

    `once` tells it from everything else of its kind.
    """

    kind: str
    once: str
    at: datetime
    words: Mapping[str, object] = field(default_factory=dict)
    about: Mapping[str, UUID | str | None] = field(default_factory=dict)


def tell_institution(tx: Tx, institution_id: UUID, told: Told) -> None:
    theirs = select(Account).where(
        Account.institution_id == institution_id, Account.status.in_(WORKING)
    )
    _tell(tx, theirs, told)


def tell_authority(tx: Tx, authority_id: UUID, told: Told, *, role: str | None = None) -> None:
    """Its reviewers and region administrators, or those of one role."""
    roles = _AUTHORITY_ROLES if role is None else (role,)
    theirs = select(Account).where(
        Account.authority_id == authority_id, Account.role.in_(roles), Account.status == "active"
    )
    _tell(tx, theirs, told)


def tell_account(tx: Tx, account_id: UUID, told: Told) -> None:
    """One person, while that one works."""
    theirs = select(Account).where(Account.account_id == account_id, Account.status == "active")
    _tell(tx, theirs, told)


def read_notification(principal: Principal, notification_id: UUID) -> None:
    """Once read it stays read."""
    with transaction() as tx:
        one = own_notification(tx, principal, notification_id)
        one.read_at = one.read_at or clock.now()


def read_all(principal: Principal) -> None:
    with transaction() as tx:
        unread = (
            update(Notification)
            .where(Notification.account_id == principal.account_id, Notification.read_at.is_(None))
            .values(read_at=clock.now())
        )
        tx.execute(unread)


def put_preferences(
    principal: Principal, *, sms: list[str], email: list[str], if_match: int | None
) -> None:
    """The first choice needs no version, every other one that of the last."""
    with transaction() as tx:
        locked_account(tx, principal.account_id)
        kept = tx.get(NotificationPreference, principal.account_id)
        require_version(0 if kept is None else kept.version, if_match)
        if kept is None:
            kept = NotificationPreference(account_id=principal.account_id)
            tx.add(kept)
        kept.sms_groups, kept.email_groups = sorted(set(sms)), sorted(set(email))
        kept.updated_at = clock.now()


def own_notification(tx: Tx, principal: Principal, notification_id: UUID) -> Notification:
    """Raises NotFound for somebody else's too."""
    found = tx.get(Notification, notification_id)
    if found is None or found.account_id != principal.account_id:
        raise NotFound
    return found


def queue(tx: Tx, notification: Notification, channel: Channel) -> Delivery:
    now = clock.now()
    queued = Delivery(
        delivery_id=new_id(),
        notification_id=notification.notification_id,
        channel=channel.value,
        queued_at=now,
        next_at=now,
    )
    tx.add(queued)
    return queued


def channels_of(account: Account) -> frozenset[Channel]:
    """Only to addresses that were proved to be the account's."""
    known = {
        Channel.SMS: account.mobile is not None and account.mobile_verified_at is not None,
        Channel.EMAIL: account.email is not None and account.email_verified_at is not None,
    }
    return frozenset(channel for channel, is_known in known.items() if is_known)


def _tell(tx: Tx, accounts: Select[Account], told: Told) -> None:
    if not _is_first(tx, f"{told.kind}:{told.once}"):
        return
    news, now = NEWS[told.kind], clock.now()
    theirs = list(tx.scalars(accounts))
    notifications = [
        Notification(
            notification_id=new_id(),
            account_id=account.account_id,
            kind=told.kind,
            news_group=news.group.value,
            title=news.title,
            text=text_of(told.kind, told.words),
            about={name: str(value) for name, value in told.about.items() if value is not None},
            happened_at=told.at,
            told_at=now,
        )
        for account in theirs
    ]
    tx.add_all(notifications)
    tx.flush()
    reached = [each for each in zip(theirs, notifications, strict=True) if channels_of(each[0])]
    chosen = _choices(tx, [account.account_id for account, _ in reached])
    for account, notification in reached:
        _repeat(tx, account, notification, chosen=chosen.get(account.account_id))


_TOLD = cast("Table", ToldNews.__table__)
_ONCE = insert(_TOLD).on_conflict_do_nothing().returning(_TOLD.c.once)


def _is_first(tx: Tx, once: str) -> bool:
    """Whoever owns a thing tells it again for the sake of copies, under another event."""
    return tx.scalar(_ONCE, {"once": once, "told_at": clock.now()}) is not None


def _choices(tx: Tx, account_ids: Sequence[UUID]) -> dict[UUID, Choice]:
    """Of those who have chosen."""
    if not account_ids:
        return {}
    kept = select(NotificationPreference).where(NotificationPreference.account_id.in_(account_ids))
    return {
        each.account_id: {
            Channel.SMS: frozenset(each.sms_groups),
            Channel.EMAIL: frozenset(each.email_groups),
        }
        for each in tx.scalars(kept)
    }


def _repeat(tx: Tx, account: Account, told: Notification, *, chosen: Choice | None) -> None:
    """By the channels of its choice; several of a kind within some minutes are one text."""
    group = NEWS[told.kind].group
    for channel in sorted(channels_of(account)):
        if is_allowed(group, channel, chosen) and not _was_just_sent(tx, told, channel):
            queue(tx, told, channel)


def _was_just_sent(tx: Tx, told: Notification, channel: Channel) -> bool:
    since = clock.now() - timedelta(minutes=current_settings().notification_quiet_minutes)
    lately = (
        select(Delivery.delivery_id)
        .join(Notification, Notification.notification_id == Delivery.notification_id)
        .where(
            Delivery.channel == channel.value,
            Delivery.queued_at > since,
            Notification.account_id == told.account_id,
            Notification.kind == told.kind,
        )
    )
    return tx.scalar(lately.limit(1)) is not None
