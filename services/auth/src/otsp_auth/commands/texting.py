"""Texts to mobiles. Who carries them is a setting; no sender is called within a transaction."""

from collections.abc import Mapping
from typing import Final, Protocol

from otsp_auth.model import DevelopmentMessage
from otsp_auth.settings import current_settings
from otsp_chassis import clock, metrics
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index, encrypt
from otsp_chassis.problems import Unavailable


class TextSender(Protocol):
    """Hands one text to a carrier, or raises Unavailable: the caller's client tries again."""

    def send(self, *, mobile: str, text: str) -> None: ...


class DevelopmentOutbox:
    """Writes texts down for `GET /api/auth/v1/development/messages` (refused in production)."""

    def send(self, *, mobile: str, text: str) -> None:
        message = DevelopmentMessage(
            message_id=new_id(),
            mobile_index=blind_index(mobile),
            text=encrypt(text),
            sent_at=clock.now(),
        )
        with transaction() as tx:
            tx.add(message)


SENDERS: Final[Mapping[str, TextSender]] = {"development_outbox": DevelopmentOutbox()}
"""Value of OTSP_AUTH_SMS_SENDER → its sender."""


def send_text(mobile: str, text: str) -> None:
    provider = current_settings().sms_sender
    try:
        SENDERS[provider].send(mobile=mobile, text=text)
    except Unavailable:
        metrics.SMS.labels(provider, "failed").inc()
        raise
    metrics.SMS.labels(provider, "sent").inc()
