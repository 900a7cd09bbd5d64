"""`python -m ledger.process ROLE …`: one participant's worker, as `otsp worker` runs a service's.

It can be told to die at a step, to lose patience with the broker sooner, and to have a bug.
"""

import argparse
import sys

from ledger import participants
from ledger.deaths import STEPS, Death, MortalBus, MortalInbox, mortal
from ledger.planted import BUGS, AcksBeforeCommit, ForgetsWhatItSaw, MarksBeforeConfirm

from otsp_chassis import log
from otsp_chassis.bus import rabbit
from otsp_chassis.inbox import subscriptions
from otsp_chassis.outbox import Relay
from otsp_chassis.settings import ServiceSettings
from otsp_chassis.worker import ServiceWork, Worker


def main() -> int:
    options = _parser().parse_args()
    settings = ServiceSettings.load(options.role)
    log.configure(settings.log_level)
    runtime = participants.runtime_of(settings, options.role)
    death = MortalBus.death = MortalInbox.death = Death(options.die, options.at)
    bus = _bus(settings.amqp_url, options)
    consumers = participants if options.role == participants.READER else None
    handlers = {name: mortal(each, death) for name, each in subscriptions(consumers).items()}
    forgets = options.bug == "no_inbox_insert"
    inbox = (ForgetsWhatItSaw if forgets else MortalInbox)(runtime, handlers)
    worker = Worker(bus, [ServiceWork(runtime, inbox, [])])
    relay = MarksBeforeConfirm if options.bug == "mark_before_confirm" else Relay
    worker._relays = [relay(runtime, bus)]
    return worker.run_until_signalled()


def _bus(amqp_url: str, options: argparse.Namespace) -> MortalBus:
    bus = (AcksBeforeCommit if options.bug == "ack_before_commit" else MortalBus)(amqp_url)
    if options.heartbeat:
        bus._parameters.heartbeat = options.heartbeat
    if options.patience:
        bus._parameters.blocked_connection_timeout = rabbit.CONFIRM_SECONDS = options.patience
    return bus


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=[participants.WRITER, participants.READER])
    parser.add_argument("--die", choices=STEPS)
    parser.add_argument("--at", type=int, default=1)
    parser.add_argument("--bug", choices=BUGS)
    parser.add_argument("--heartbeat", type=int)
    parser.add_argument("--patience", type=int)
    return parser


if __name__ == "__main__":
    sys.exit(main())
