"""The planted bugs on the participants: the checker must find each of them."""

from enum import Enum, auto

from ledger.deaths import MortalBus, MortalInbox

from otsp_chassis.bus.delivery import Deliver
from otsp_chassis.bus.rabbit import _Consumer
from otsp_chassis.bus.topology import topology_of
from otsp_chassis.outbox import Relay
from otsp_testkit.planted import (
    handle_unseen,
    move_batch_unconfirmed,
    take_and_acknowledge_first,
)


class Bug(Enum):
    """Which of them a process is to have."""

    ACK_BEFORE_COMMIT = auto()
    MARK_BEFORE_CONFIRM = auto()
    NO_INBOX_INSERT = auto()


class AcksBeforeCommit(MortalBus):
    """Its consumer is hasty."""

    def subscribe(self, queue_name: str, types: frozenset[str], deliver: Deliver) -> None:
        topology = topology_of({queue_name: types})
        consumer = _HastyConsumer(queue_name, types, deliver, topology, self._stopping)
        self._consumers.append(consumer)


class _HastyConsumer(_Consumer):
    _take = take_and_acknowledge_first


class MarksBeforeConfirm(Relay):
    _move_batch = move_batch_unconfirmed


class ForgetsWhatItSaw(MortalInbox):
    _handled = handle_unseen
