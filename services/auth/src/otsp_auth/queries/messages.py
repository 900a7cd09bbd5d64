"""The development outbox."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from otsp_auth.model import DevelopmentMessage
from otsp_chassis.db import Reader
from otsp_chassis.pii import blind_index, decrypt


@dataclass(frozen=True, slots=True)
class Message:
    """A text of the development outbox."""

    message_id: UUID
    sent_at: datetime
    text: str


def list_messages(tx: Reader, address: str) -> list[Message]:
    """The latest twenty to a mobile or mail address in its normal form, newest first."""
    query = (
        select(DevelopmentMessage.message_id, DevelopmentMessage.sent_at, DevelopmentMessage.text)
        .where(DevelopmentMessage.address_index == blind_index(address))
        .order_by(DevelopmentMessage.sent_at.desc(), DevelopmentMessage.message_id.desc())
        .limit(20)
    )
    return [Message(row[0], row[1], decrypt(row[2])) for row in tx.execute(query)]
