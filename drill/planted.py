"""A worker with a bug: `python -m drill.planted BUG worker SERVICE …`, for the drill's own tests.

It runs `otsp worker` in this process after a method was exchanged, and kills itself now and then
at the moment at which its bug does harm. What ships knows nothing of it.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from otsp_chassis.bus.rabbit import RabbitBus, _Consumer
from otsp_chassis.inbox import Inbox
from otsp_chassis.outbox import Relay
from otsp_cli.__main__ import main
from otsp_testkit.planted import (
    handle_unseen,
    move_batch_unconfirmed,
    take_and_acknowledge_first,
)

ACK_BEFORE_COMMIT = "ack_before_commit"
MARK_BEFORE_CONFIRM = "mark_before_confirm"
NO_INBOX_INSERT = "no_inbox_insert"
DIES_AT = 8
"""Every such time that it comes to the dangerous moment."""


def plant(bug: str) -> None:
    """Exchange the method, and have the process die where that shows."""
    if bug == ACK_BEFORE_COMMIT:
        _Consumer._take = take_and_acknowledge_first  # type: ignore[method-assign]
        Inbox.receive = _dying(Inbox.receive)  # type: ignore[method-assign]
    elif bug == MARK_BEFORE_CONFIRM:
        Relay._move_batch = move_batch_unconfirmed  # type: ignore[method-assign]
        RabbitBus.publish = _dying(RabbitBus.publish)  # type: ignore[method-assign]
    else:
        Inbox._handled = handle_unseen  # type: ignore[method-assign]


def _dying(method: Callable[..., Any]) -> Callable[..., Any]:
    left = DIES_AT

    def die_first(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the method's
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(*arguments, **named)

    return die_first


if __name__ == "__main__":
    plant(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
