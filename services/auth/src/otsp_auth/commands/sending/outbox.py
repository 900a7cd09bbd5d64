"""The development outbox: messages are written down for whoever tries the platform out."""

from uuid import UUID

from otsp_auth.commands.sending.carriers import Mail, Text
from otsp_auth.model import DevelopmentMessage
from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.pii import blind_index, encrypt

NAME = "development_outbox"


class TextOutbox:
    """Read by `GET /api/auth/v1/development/messages?mobile=` (refused in production)."""

    name = NAME

    def carry(self, text: Text) -> None:
        _write_down(text.message_id, text.mobile, text.text)


class MailOutbox:
    """Read by `GET /api/auth/v1/development/mails?email=` (refused in production)."""

    name = NAME

    def carry(self, mail: Mail) -> None:
        _write_down(mail.message_id, mail.address, mail.text)


def _write_down(message_id: UUID, address: str, text: str) -> None:
    message = DevelopmentMessage(
        message_id=message_id,
        address_index=blind_index(address),
        text=encrypt(text),
        sent_at=clock.now(),
    )
    with transaction() as tx:
        tx.add(message)
