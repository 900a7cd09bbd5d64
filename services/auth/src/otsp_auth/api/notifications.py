"""The own inbox (消息通知): what was told, by which ways it went out, and what is chosen."""

from typing import Any
from uuid import UUID

from otsp_auth.commands import deliveries, notifications
from otsp_auth.queries import notifications as reads
from otsp_auth.rules.news import Channel
from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page


def list_notifications(
    principal: Principal, *, limit: int, unread: bool, cursor: str | None = None
) -> Page[reads.NotificationView]:
    with reading() as tx:
        return reads.list_notifications(tx, principal, unread=unread, cursor=cursor, limit=limit)


def get_summary(principal: Principal) -> reads.InboxSummary:
    with reading() as tx:
        return reads.summarise(tx, principal)


def read_notification(notification_id: str, principal: Principal) -> Answer:
    notifications.read_notification(principal, UUID(notification_id))
    return Answer(status=204)


def read_all(principal: Principal) -> Answer:
    notifications.read_all(principal)
    return Answer(status=204)


def list_deliveries(notification_id: str, principal: Principal) -> Page[reads.DeliveryView]:
    with reading() as tx:
        return reads.list_deliveries(tx, principal, UUID(notification_id))


def resend(notification_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    deliveries.resend(principal, UUID(notification_id), Channel(body["channel"]))
    return Answer(status=202)


def get_preferences(principal: Principal) -> Answer:
    with reading() as tx:
        chosen = reads.get_preferences(tx, principal)
    return Answer(chosen, version=chosen.version)


def put_preferences(principal: Principal, body: dict[str, Any], if_match: int | None) -> Answer:
    notifications.put_preferences(
        principal, sms=body["sms"], email=body["email"], if_match=if_match
    )
    return get_preferences(principal)
