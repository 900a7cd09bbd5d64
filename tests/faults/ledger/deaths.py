"""Where a participant's process can be told to kill itself: at the seams, as a crash would.

Nothing of this is known to what is tested: the bus, the inbox and the handler are wrapped.
"""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace

from otsp_chassis.bus.rabbit import RabbitBus
from otsp_chassis.inbox import Inbox, Subscription
from otsp_contracts.envelope import Envelope


@dataclass(slots=True)
class Death:
    """SIGKILL when `step` is reached for the `at`-th time; never when there is no step."""

    step: str | None = None
    at: int = 1

    def reach(self, step: str) -> None:
        if step != self.step:
            return
        self.at -= 1
        if self.at <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalBus(RabbitBus):
    """Dies before a batch is sent, or when it is confirmed and not yet struck off the outbox."""

    death = Death()

    def publish(self, envelopes: Sequence[bytes]) -> list[bool]:
        self.death.reach("before_publish")
        confirmed = super().publish(envelopes)
        if any(confirmed):
            self.death.reach("after_publish")
        return confirmed


class MortalInbox(Inbox):
    """Dies when an event's effect is committed and the message not yet acknowledged."""

    death = Death()

    def receive(self, envelope: Envelope) -> None:
        super().receive(envelope)
        self.death.reach("after_commit")


def mortal(subscription: Subscription, death: Death) -> Subscription:
    """Dies when a handler has done everything and nothing is committed."""

    def handle(tx, event):
        subscription.handle(tx, event)
        death.reach("before_commit")

    return replace(subscription, handle=handle)
