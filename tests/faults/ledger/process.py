"""One participant's worker process, as `otsp worker` runs a service's.

It can be ordered to die at a step, to lose patience with the broker sooner, and to have a bug.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ledger import participants
from ledger.deaths import Death, MortalBus, MortalInbox, mortal
from ledger.planted import AcksBeforeCommit, Bug, ForgetsWhatItSaw, MarksBeforeConfirm

from otsp_chassis import log
from otsp_chassis.bus import rabbit
from otsp_chassis.inbox import subscriptions
from otsp_chassis.outbox import Relay
from otsp_chassis.settings import ServiceSettings
from otsp_chassis.worker import ServiceWork, Worker


@dataclass(frozen=True, slots=True)
class Orders:
    """How a process is to differ from an ordinary one."""

    die: str | None = None
    at: int = 1
    bug: Bug | None = None
    heartbeat_seconds: int | None = None
    patience_seconds: int | None = None


def live(role: str, settings: Mapping[str, object], orders: Orders, *, output: Path) -> None:
    """The whole life of the process: until SIGTERM, or its death."""
    with output.open("ab") as lines:
        os.dup2(lines.fileno(), sys.stdout.fileno())
        os.dup2(lines.fileno(), sys.stderr.fileno())
    loaded = ServiceSettings.load(role, **settings)
    log.configure(loaded.log_level)
    runtime = participants.runtime_of(loaded, role)
    death = MortalBus.death = MortalInbox.death = Death(orders.die, orders.at)
    bus = _bus(loaded.amqp_url, orders)
    consumers = participants if role == participants.READER else None
    handlers = {name: mortal(each, death) for name, each in subscriptions(consumers).items()}
    forgets = orders.bug is Bug.NO_INBOX_INSERT
    inbox = (ForgetsWhatItSaw if forgets else MortalInbox)(runtime, handlers)
    worker = Worker(bus, [ServiceWork(runtime, inbox, [])])
    hasty = orders.bug is Bug.MARK_BEFORE_CONFIRM
    worker._relays = [(MarksBeforeConfirm if hasty else Relay)(runtime, bus)]
    sys.exit(worker.run_until_signalled())


def _bus(amqp_url: str, orders: Orders) -> MortalBus:
    hasty = orders.bug is Bug.ACK_BEFORE_COMMIT
    bus = (AcksBeforeCommit if hasty else MortalBus)(amqp_url)
    if orders.heartbeat_seconds:
        bus._parameters.heartbeat = orders.heartbeat_seconds
    if orders.patience_seconds:
        bus._parameters.blocked_connection_timeout = orders.patience_seconds
        rabbit.CONFIRM_SECONDS = orders.patience_seconds
    return bus
