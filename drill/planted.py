"""A worker with a bug: `python -m drill.planted BUG worker SERVICE …`, for the drill's own tests.

It runs `otsp worker` in this process after a method was exchanged, and kills itself now and then
at the moment at which its bug does harm. What ships knows nothing of it.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import psycopg

from otsp_chassis.bus.rabbit import RabbitBus, _Consumer
from otsp_chassis.inbox import Inbox
from otsp_chassis.log import get_logger
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
KEEPS_MEMORY, KEEPS_THREADS, KEEPS_HANDLES, KEEPS_CONNECTIONS, WARNS = (
    "keeps_memory", "keeps_threads", "keeps_handles", "keeps_connections", "warns",
)  # fmt: skip
KEPT_BYTES = 256 * 1024
CONNECTION_EACH = 3
"""Every such event keeps one: PostgreSQL has a limit, and the others are to go on."""
_kept: list[object] = []
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
    elif bug == NO_INBOX_INSERT:
        Inbox._handled = handle_unseen  # type: ignore[method-assign]
    else:
        Inbox.receive = _keeping(Inbox.receive, LEAKS[bug])  # type: ignore[method-assign]


def _dying(method: Callable[..., Any]) -> Callable[..., Any]:
    left = DIES_AT

    def die_first(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the method's
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(*arguments, **named)

    return die_first


def _keeping(method: Callable[..., Any], keep: Callable[[], object]) -> Callable[..., Any]:
    """Something of each event is never given back."""

    def keep_first(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the method's
        _kept.append(keep())
        return method(*arguments, **named)

    return keep_first


def _thread() -> threading.Thread:
    thread = threading.Thread(target=threading.Event().wait, daemon=True)
    thread.start()
    return thread


def _connection() -> object:
    """To the database of the worker, of which there is one."""
    if len(_kept) % CONNECTION_EACH:
        return None
    told = os.environ.items()  # noqa: TID251 - whatever the worker's settings are made of
    [url] = [url for name, url in told if name.endswith("_DATABASE_URL")]
    return psycopg.connect(url)


def _warning() -> None:
    get_logger().warning("planted_warning")


LEAKS: dict[str, Callable[[], object]] = {
    KEEPS_MEMORY: lambda: os.urandom(KEPT_BYTES),
    KEEPS_THREADS: _thread,
    KEEPS_HANDLES: lambda: os.open(os.devnull, os.O_RDONLY),
    KEEPS_CONNECTIONS: _connection,
    WARNS: _warning,
}


if __name__ == "__main__":
    plant(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
