"""The broker's own dead letters: messages that no inbox could take in.

They are unreadable, not subscribed, or came back over the delivery limit. Looking takes each
message in hand and gives it back. An engine that limits deliveries (RabbitMQ 4 does so unasked)
would drop what is looked at too often, so a message is put back as a new one before that.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from otsp_chassis.bus.topology import DEAD_QUEUE
from otsp_contracts.envelope import Envelope

RENEW_AFTER_RETURNS = 10
"""Half of the fewest deliveries that an engine allows by itself."""

_RETURNS = "x-delivery-count"
Channel = Any
"""An open channel of the engine's client, which has no types."""

Headers = dict[str, Any]
Offer = Callable[[str, bytes, Headers], bool]
"""Publishes to one queue and waits: True when the queue has the message on disk."""


@dataclass(frozen=True, slots=True)
class DeadMessage:
    """One dead letter of the broker, from the queue it died in, and why the broker says it did.

    `envelope` is None when it cannot be read.
    """

    queue: str | None
    reason: str | None
    died_at: datetime | None
    body: bytes
    envelope: Envelope | None

    @property
    def service(self) -> str | None:
        return None if self.queue is None else self.queue.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Redriven:
    """How many went back to their queue; how many of the chosen their consumer would not take,
    and how many their queue did not.
    """

    done: int
    unfit: int
    refused: int


@dataclass(slots=True)
class _Held:
    """A message in hand."""

    tag: int
    body: bytes
    headers: Headers
    is_gone: bool = False


class DeadQueue:
    """The queue of dead letters over one open channel. A message in hand is nobody else's."""

    def __init__(self, channel: Channel, offer: Offer) -> None:
        self._channel = channel
        self._offer = offer

    def messages(self) -> Iterator[DeadMessage]:
        """Each once, oldest first; all are back in the queue when the iteration ends."""
        for held in self._in_hand():
            yield _read(held)

    def redrive(
        self, is_chosen: Callable[[DeadMessage], bool], *, queue: str, types: frozenset[str]
    ) -> Redriven:
        """Send the chosen back to the queue they died in, and to no other; each is tried once.

        What its consumer would throw away again (unreadable, not among its `types`) stays here:
        otherwise it would go round for ever. A message leaves when its queue has confirmed it.
        """
        done = unfit = refused = 0
        for held in self._in_hand():
            message = _read(held)
            if message.queue != queue or not is_chosen(message):
                continue
            if message.envelope is None or message.envelope.type not in types:
                unfit += 1
            elif self._move(held, queue, {}):
                done += 1
            else:
                refused += 1
        return Redriven(done, unfit, refused)

    def _in_hand(self) -> Iterator[_Held]:
        """As many as there were when the first was taken: what is put back is not met again.

        The queue is not asked for its depth, which is an estimate: what was given back a moment ago
        may be missing in it, and a busy engine tells 0. A taking comes behind all that was before.
        """
        kept: list[_Held] = []
        left: int | None = None
        try:
            while left != 0:
                method, properties, body = self._channel.basic_get(DEAD_QUEUE)
                if method is None:
                    return
                left = method.message_count if left is None else left - 1
                held = _Held(method.delivery_tag, body or b"", dict(properties.headers or {}))
                kept.append(held)
                yield held
                if not held.is_gone and held.headers.get(_RETURNS, 0) >= RENEW_AFTER_RETURNS:
                    headers = {
                        name: each for name, each in held.headers.items() if name != _RETURNS
                    }
                    self._move(held, DEAD_QUEUE, headers)
                held.body = b""
        finally:
            for held in kept:
                if not held.is_gone:
                    self._channel.basic_nack(held.tag, requeue=True)

    def _move(self, held: _Held, queue: str, headers: Headers) -> bool:
        held.is_gone = self._offer(queue, held.body, headers)
        if held.is_gone:
            self._channel.basic_ack(held.tag)
        return held.is_gone


def _read(held: _Held) -> DeadMessage:
    try:
        envelope = Envelope.from_bytes(held.body)
    except ValidationError:
        envelope = None
    deaths = held.headers.get("x-death") or [{}]
    return DeadMessage(
        queue=held.headers.get("x-first-death-queue"),
        reason=held.headers.get("x-first-death-reason"),
        died_at=deaths[-1].get("time"),
        body=held.body,
        envelope=envelope,
    )
