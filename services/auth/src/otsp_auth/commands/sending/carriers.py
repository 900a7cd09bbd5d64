"""What a carrier of texts or mails is, and how one says that it did not carry."""

from dataclasses import dataclass
from typing import ClassVar, Protocol
from uuid import UUID

from otsp_chassis.problems import Unavailable


class NotSent(Unavailable):
    """Nothing has gone out, for certain: asking again at once does no harm."""

    slug: ClassVar[str] = "message-not-sent"
    title: ClassVar[str] = "The text or mail could not be sent"
    detail_zh: ClassVar[str] = "短信或邮件暂时无法发送，请稍后重试；如多次失败，请联系技术支持。"

    def __init__(self, reason: str) -> None:
        """`reason` is for the log: a class of exception or a status, never what a carrier wrote."""
        super().__init__()
        self.reason = reason


class PerhapsSent(NotSent):
    """The carrier was told, but never answered."""

    slug: ClassVar[str] = "message-perhaps-sent"
    title: ClassVar[str] = "The text or mail may or may not have been sent"
    detail_zh: ClassVar[str] = (
        "短信或邮件服务没有及时应答，消息可能已经发出。请一分钟后重试，并以最后收到的验证码为准。"
    )
    headers: ClassVar[dict[str, str]] = {"Retry-After": "60"}


@dataclass(frozen=True, slots=True)
class Text:
    """`message_id` is the same at every carrier that is tried."""

    message_id: UUID
    mobile: str
    text: str


@dataclass(frozen=True, slots=True)
class Mail:
    """Plain text to one address."""

    message_id: UUID
    address: str
    subject: str
    text: str


class TextCarrier(Protocol):
    """`name` is a label of metrics and logs."""

    @property
    def name(self) -> str: ...

    def carry(self, text: Text) -> None:
        """Raises NotSent, or PerhapsSent once the text has left this process."""


class MailCarrier(Protocol):
    """`name` is a label of metrics and logs."""

    @property
    def name(self) -> str: ...

    def carry(self, mail: Mail) -> None:
        """Raises NotSent, or PerhapsSent once the mail has left this process."""
