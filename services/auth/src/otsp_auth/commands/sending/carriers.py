"""What a carrier of texts or mails is, and how one says that it did not carry."""

import threading
from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, TypeVar
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


Message = TypeVar("Message", bound=Text | Mail)
Carried_contra = TypeVar("Carried_contra", bound=Text | Mail, contravariant=True)


class Carrier(Protocol[Carried_contra]):
    """`name` is a label of metrics and logs."""

    @property
    def name(self) -> str: ...

    def carry(self, message: Carried_contra, /) -> None:
        """Raises NotSent, or PerhapsSent once the message has left this process."""


class Narrow(Generic[Message]):
    """A carrier that takes so many messages at the same time and refuses more at once.

    A silent one holds a thread for its timeout, and these threads open sessions too.
    """

    def __init__(self, carrier: Carrier[Message], *, at_once: int) -> None:
        self._carrier = carrier
        self._places = threading.BoundedSemaphore(at_once)

    @property
    def name(self) -> str:
        return self._carrier.name

    def carry(self, message: Message, /) -> None:
        if not self._places.acquire(blocking=False):
            reason = "all places are taken"
            raise NotSent(reason)
        try:
            self._carrier.carry(message)
        finally:
            self._places.release()
