"""Sends the texts and mails that repeat notifications, and tries again when a carrier fails."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import delete, or_, select

from otsp_auth.commands.locked import locked_account
from otsp_auth.commands.notifications import channels_of, own_notification, queue
from otsp_auth.commands.sending import NotSent, PerhapsSent, send_mail, send_text
from otsp_auth.model import Account, Delivery, Notification, ToldNews
from otsp_auth.model.notifications import GIVEN_UP, PERHAPS_SENT, QUEUED, SENT
from otsp_auth.rules.news import Channel, wait_after
from otsp_auth.rules.wording import Wording, news_elsewhere
from otsp_auth.settings import current_settings
from otsp_chassis import clock, metrics
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.pii import decrypt
from otsp_chassis.problems import Conflict, TooManyRequests

_AT_ONCE = 20
_PATIENCE = timedelta(minutes=5)
"""A delivery that a worker took and did not end is taken by another one after this."""


class NoAddress(Conflict):
    slug: ClassVar[str] = "no-verified-address"
    title: ClassVar[str] = "The account has no verified address of that kind"
    detail_zh: ClassVar[str] = "账户没有已验证的手机号或邮箱，请先在个人信息中绑定。"


class SentJustNow(TooManyRequests):
    slug: ClassVar[str] = "message-sent-just-now"
    title: ClassVar[str] = "The message went out a moment ago"
    detail_zh: ClassVar[str] = "该通知刚刚发送过，请稍后再试。"


@dataclass(frozen=True, slots=True)
class _Letter:
    delivery_id: UUID
    channel: Channel
    address: str | None
    wording: Wording


def send_queued() -> None:
    """Each in a transaction of its own once it has gone, so that what is sent stays sent."""
    for letter in _take():
        state, failure = _send(letter)
        metrics.NOTIFICATION_DELIVERIES.labels(letter.channel.value, state or "failed").inc()
        with transaction() as tx:
            _note(tx, letter, state, failure=failure)


def resend(principal: Principal, notification_id: UUID, channel: Channel) -> None:
    """The recipient asks for it once more. Raises NoAddress, SentJustNow."""
    with transaction() as tx:
        account = locked_account(tx, principal.account_id)
        told = own_notification(tx, principal, notification_id)
        if channel not in channels_of(account):
            raise NoAddress
        since = clock.now() - timedelta(minutes=current_settings().notification_quiet_minutes)
        lately = select(Delivery.delivery_id).where(
            Delivery.notification_id == notification_id,
            Delivery.channel == channel.value,
            Delivery.queued_at > since,
        )
        if tx.scalar(lately.limit(1)):
            raise SentJustNow
        queue(tx, told, channel)


def forget_old(tx: Tx) -> None:
    """Read ones are kept for a time, unread ones for twice as long; on the real clock."""
    kept = timedelta(days=current_settings().notification_days)
    read_before, told_before = clock.now() - kept, clock.now() - 2 * kept
    tx.execute(
        delete(Notification).where(
            or_(Notification.read_at < read_before, Notification.told_at < told_before)
        )
    )
    tx.execute(delete(ToldNews).where(ToldNews.told_at < told_before))


def _take() -> list[_Letter]:
    now = clock.now()
    waiting = (
        select(Delivery, Notification, Account)
        .join(Notification, Notification.notification_id == Delivery.notification_id)
        .join(Account, Account.account_id == Notification.account_id)
        .where(Delivery.state == QUEUED, Delivery.next_at <= now)
        .order_by(Delivery.next_at)
        .limit(_AT_ONCE)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    with transaction() as tx:
        letters = []
        for delivery, told, account in tx.execute(waiting):
            delivery.attempt(now, patience=_PATIENCE)
            channel = Channel(delivery.channel)
            address = _address(account, channel)
            letters.append(
                _Letter(delivery.delivery_id, channel, address, news_elsewhere(told.title))
            )
    return letters


def _address(account: Account, channel: Channel) -> str | None:
    if channel not in channels_of(account):
        return None
    sealed = account.mobile if channel is Channel.SMS else account.email
    return None if sealed is None else decrypt(sealed)


def _send(letter: _Letter) -> tuple[str | None, str | None]:
    """How it ended, or None with the class of failure when it may be tried again."""
    if letter.address is None:
        return GIVEN_UP, "no_address"
    try:
        if letter.channel is Channel.SMS:
            send_text(letter.address, letter.wording.text)
        else:
            send_mail(letter.address, letter.wording)
    except PerhapsSent:
        return PERHAPS_SENT, "not_answered"
    except NotSent:
        return None, "not_carried"
    return SENT, None


def _note(tx: Tx, letter: _Letter, state: str | None, *, failure: str | None) -> None:
    delivery = tx.get(Delivery, letter.delivery_id, with_for_update=True)
    if delivery is None:
        return
    wait = wait_after(delivery.attempts)
    if state is not None:
        delivery.end(state, clock.now(), failure)
    elif wait is not None:
        delivery.next_at = clock.now() + timedelta(minutes=wait)
        delivery.failure = failure
    else:
        delivery.end(GIVEN_UP, clock.now(), failure)
        _try_mail_instead(tx, delivery)


def _try_mail_instead(tx: Tx, delivery: Delivery) -> None:
    """A text that nobody carries goes by mail, when there is an address."""
    told = tx.get_one(Notification, delivery.notification_id)
    account = tx.get_one(Account, told.account_id)
    others = select(Delivery.delivery_id).where(
        Delivery.notification_id == told.notification_id, Delivery.channel == Channel.EMAIL.value
    )
    is_text = delivery.channel == Channel.SMS.value
    if is_text and Channel.EMAIL in channels_of(account) and not tx.scalar(others.limit(1)):
        queue(tx, told, Channel.EMAIL)
