"""The bus: what carries envelopes between services.

RabbitMQ (`otsp_chassis.bus.rabbit`) is imported only by a process that was told its address.
"""

from otsp_chassis.bus.delivery import Bus, Deliver
from otsp_chassis.bus.local import LocalBus

__all__ = ["Bus", "Deliver", "LocalBus"]
